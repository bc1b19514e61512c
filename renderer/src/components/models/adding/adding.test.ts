import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  FoundFile,
  LookedAt,
  ModelCameFrom,
} from '../../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../../api.fake.ts';
import type { FakeAnswers } from '../../../api.fake.ts';
import { appWith, model, withoutLayout } from '../../../samples.fake.ts';
import AddModelDialog from './AddModelDialog.svelte';
import { cameFromWords } from './words.ts';

beforeAll(withoutLayout);
afterEach(cleanup);

const revision = 'c'.repeat(40);
const hubFile = (over: object = {}) => ({
  file: 'demo-Q4_0.gguf',
  quantization: 'Q4_0',
  bytes: 4 * 2 ** 30,
  sha256: 'a'.repeat(64),
  parts: 1,
  knownAs: null,
  ...over,
});
const looked = (over: Partial<Extract<LookedAt, { kind: 'hub' }>> = {}): LookedAt => ({
  kind: 'hub',
  repository: 'someone/Demo-GGUF',
  revision,
  isGated: false,
  hasSignature: false,
  signer: null,
  named: null,
  files: [hubFile()],
  isCut: false,
  ...over,
});
const fit = {
  ...{ name: 'Demo', architecture: 'granite', parameters: 1, quantization: 'Q4_0' },
  ...{ verdict: 'fits' as const, context: 32_768, predicted: 5 * 2 ** 30, needed: 6 * 2 ** 30 },
  ...{ capacity: 20 * 2 ** 30, fitsNow: true },
};
const from = { kind: 'hub', repository: 'someone/Demo-GGUF', revision, file: 'demo-Q4_0.gguf' };

function open(answers: FakeAnswers) {
  const made = appWith({ 'models.list': () => [model()], ...answers });
  let closed = false;
  render(AddModelDialog, {
    props: { onclose: () => (closed = true) },
    context: made.context,
  });
  const press = async (name: string | RegExp) =>
    fireEvent.click(await screen.findByRole('button', { name }));
  const look = async (place: string) => {
    const field = screen.getByRole('textbox', { name: 'Repository or address' });
    await fireEvent.input(field, { target: { value: place } });
    await press('Look');
  };
  const asked = (name: string) => made.fake.calls.filter((call) => call.name === name);
  return { ...made, press, look, asked, closed: () => closed };
}

describe('from the hub', () => {
  it('asks nothing before Look is pressed, then lists the files at the commit', async () => {
    const { fake, look, asked } = open({
      'models.look': () =>
        looked({
          named: 'demo-Q4_0.gguf',
          files: [
            hubFile(),
            hubFile({ file: 'big-00001-of-00003.gguf', parts: 3, sha256: null }),
            hubFile({ file: 'mine.gguf', knownAs: 'Mine' }),
          ],
        }),
    });
    // What CORE knows by itself may be asked for at any time.
    const local = ['models.list', 'models.downloads'];
    expect(
      fake.calls.filter(({ name }) => name.startsWith('models.') && !local.includes(name)),
    ).toEqual([]);
    await look('someone/Demo-GGUF');
    expect(asked('models.look')).toEqual([
      { name: 'models.look', args: { place: 'someone/Demo-GGUF' } },
    ]);
    const rows = within(await screen.findByRole('list', { name: 'Model files' })).getAllByRole(
      'listitem',
    );
    expect(screen.getByText(revision)).toBeTruthy();
    expect(rows[0]?.textContent).toMatch(/named in the address.*4 GB.*a{64}.*not checked/s);
    expect(rows[1]?.textContent).toContain('in 3 parts: Quarry does not read split models');
    expect(rows[2]?.textContent).toContain('in the library as Mine');
    expect(screen.getAllByRole('button', { name: /^Get / })).toHaveLength(1);
  });

  it('checks what fits only when asked, one that fails besides, and then gets', async () => {
    const { look, press, asked } = open({
      'models.look': () => looked({ files: [hubFile(), hubFile({ file: 'bad-Q8_0.gguf' })] }),
      'models.fitOf': ({ from: place }) => {
        if (place.kind === 'hub' && place.file === 'bad-Q8_0.gguf') throw refusal('model-not-gguf');
        return fit;
      },
      'models.downloadFrom': () => ({ downloadId: 'd' }),
    });
    await look('someone/Demo-GGUF');
    await press('Check what fits');
    expect(await screen.findByText('fits: 5 GB at 32,768 tokens')).toBeTruthy();
    expect((await screen.findByRole('alert')).textContent).toContain('not a model file');
    await press('Get demo-Q4_0.gguf, 4 GB');
    expect(await screen.findByText('on its way')).toBeTruthy();
    expect(asked('models.downloadFrom')).toEqual([{ name: 'models.downloadFrom', args: { from } }]);
  });

  it('offers no Get for what does not fit, with the figures', async () => {
    const { look, press } = open({
      'models.look': () => looked(),
      'models.fitOf': () => ({ ...fit, verdict: 'no', needed: 30 * 2 ** 30 }),
    });
    await look('a/b');
    await press('Check what fits');
    expect(await screen.findByText('does not fit: needs 30 GB, can have 20 GB')).toBeTruthy();
    const get = screen.getByRole('button', { name: /^Get demo/ });
    expect(get.hasAttribute('disabled')).toBe(true);
  });

  it.each([
    [{ hasSignature: false }, 'No signature lies beside them.'],
    [{ hasSignature: true }, 'knows nobody who signs this repository'],
    [
      { hasSignature: true, signer: { identity: 'Granite-sign@ibm.com', issuer: 'x' } },
      'must be of Granite-sign@ibm.com',
    ],
    [{ isGated: true }, 'asks for an account before it gives these files out'],
    [{ files: [] }, 'Quarry reads GGUF files.'],
    [{ isCut: true }, 'More lie there than are listed.'],
  ])('says of %j: %s', async (over, words) => {
    const { look } = open({ 'models.look': () => looked(over) });
    await look('a/b');
    expect(await screen.findByText(new RegExp(words.replaceAll('.', '\\.')))).toBeTruthy();
  });

  it.each([
    [{ reason: 'scheme' }, 'Only https addresses are fetched.'],
    [{ reason: 'credentials' }, 'The address holds a name or password. Paste it without.'],
    [{ reason: 'made up' }, 'This is neither owner/name nor an address'],
  ])('says at the field what is wrong with it: %j', async (detail, words) => {
    const { look } = open({
      'models.look': () => {
        throw refusal('invalid-argument', detail);
      },
    });
    await look('x');
    expect(await screen.findByText(new RegExp(words))).toBeTruthy();
    expect(screen.getByRole('textbox').getAttribute('aria-invalid')).toBe('true');
  });

  it('that asks for an account: says where the token goes', async () => {
    const { app, look } = open({
      'models.look': () => {
        throw refusal('download-failed', { reason: 'denied' });
      },
    });
    await look('a/b');
    expect((await screen.findByRole('alert')).textContent).toContain('Settings → Network');
    await fireEvent.click(screen.getByRole('button', { name: 'Network settings' }));
    expect(app.router.target).toBe('network');
  });

  it('a file at an address is called unverified before it is fetched', async () => {
    const url = 'https://files.example/m.gguf';
    const { look, press, asked } = open({
      'models.look': () => ({
        kind: 'address',
        url,
        host: 'files.example',
        file: 'm.gguf',
        bytes: null,
      }),
      'models.downloadFrom': () => ({ downloadId: 'd' }),
    });
    await look(url);
    expect(await screen.findByText(/it will be listed as unverified/)).toBeTruthy();
    await press('Get m.gguf, size not known');
    expect(asked('models.downloadFrom')[0]?.args).toEqual({ from: { kind: 'address', url } });
  });
});

describe('a file on this computer', () => {
  it('is chosen in the system’s dialog and then looked at', async () => {
    const { app, press } = open({ 'shell.pickModel': () => ['/dl/m.gguf'] });
    await press('Choose a file…');
    await waitFor(() =>
      expect(app.dialogs.open).toEqual({ kind: 'import-model', path: '/dl/m.gguf' }),
    );
  });
});

describe('from another program', () => {
  const found = (name: string, over: Partial<FoundFile> = {}): FoundFile => ({
    ...{ path: `/m/${name}`, name, bytes: 2 ** 30, tool: 'lmstudio' },
    ...{ repository: null, knownAs: null },
    ...over,
  });
  const files = [
    found('a.gguf', { repository: 'o/n' }),
    found('broken.gguf'),
    found('mine.gguf', { knownAs: 'Mine' }),
    found('z.gguf', { tool: 'ollama' }),
  ];

  it('adds what is ticked one by one; a broken one says why and does not stop the rest', async () => {
    const { press, asked, closed } = open({
      'shell.usualModelFolders': () => ['/m'],
      'models.scan': () => ({ models: files, isCut: false }),
      'models.addFound': ({ paths }) => {
        if (paths[0]?.includes('broken')) throw refusal('model-truncated');
        return { modelId: paths[0] ?? '' };
      },
    });
    expect(asked('shell.usualModelFolders')).toEqual([]);
    await press('Look in the usual places');
    expect(await screen.findByText('4 model files found')).toBeTruthy();
    const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name });
    expect([box('a.gguf').checked, box('mine.gguf').checked]).toEqual([true, false]);
    expect(box('mine.gguf').disabled).toBe(true);
    await press('Add 3 models');
    expect(await screen.findByText(/2 models were added\. 1 could not be added\./)).toBeTruthy();
    expect(asked('models.addFound').map(({ args }) => args)).toEqual(
      ['a', 'broken', 'z'].map((name) => ({ paths: [`/m/${name}.gguf`] })),
    );
    expect(screen.getByRole('alert').textContent).toContain('The model file is incomplete');
    await press('Done');
    expect(closed()).toBe(true);
  });

  it('takes none or all, and adds only what is left ticked', async () => {
    const { press, asked } = open({
      'shell.pickFolder': () => ['/m'],
      'models.scan': () => ({ models: files, isCut: false }),
      'models.addFound': () => ({ modelId: 'x' }),
    });
    await press('Choose a folder…');
    const all = await screen.findByRole('checkbox', { name: 'All of them' });
    await fireEvent.click(all);
    const add = screen.getByRole('button', { name: 'Add models' });
    expect(add.hasAttribute('disabled')).toBe(true);
    await fireEvent.click(screen.getByRole('checkbox', { name: 'z.gguf' }));
    await press('Add 1 model');
    await waitFor(() => expect(asked('models.addFound')).toHaveLength(1));
    expect(asked('models.addFound')[0]?.args).toEqual({ paths: ['/m/z.gguf'] });
  });

  it('says when there is nothing, and when no program has a folder', async () => {
    const { press, asked } = open({
      'shell.usualModelFolders': () => [],
      'shell.pickFolder': () => ['/empty'],
      'models.scan': () => ({ models: [], isCut: false }),
    });
    await press('Look in the usual places');
    expect(await screen.findByText(/have no folder at their usual places/)).toBeTruthy();
    expect(asked('models.scan')).toEqual([]);
    await press('Choose a folder…');
    expect(await screen.findByText('Nothing was found')).toBeTruthy();
    await press('Back');
    expect(await screen.findByText('From the hub')).toBeTruthy();
  });
});

describe('where a model came from', () => {
  const came = (over: Partial<ModelCameFrom>): ModelCameFrom => ({
    ...{ source: 'hub', tool: null, repository: 'o/n', revision: null, file: null, url: null },
    ...{ isHint: false, signer: null, hasSignature: false, at: Date.UTC(2020, 1, 3, 12) },
    ...over,
  });

  it.each([
    [null, /not recorded/],
    [came({}), /^o\/n, fetched on .*2020/],
    [came({ source: 'catalogue' }), /^o\/n, .* as Quarry’s catalogue names it/],
    [came({ source: 'address', url: 'https://h/m.gguf' }), /^https:\/\/h\/m\.gguf, fetched/],
    [came({ source: 'folder', tool: 'ollama' }), /^a folder of Ollama, found on/],
    [came({ source: 'folder', tool: 'folder' }), /^a folder, found on/],
    [came({ source: 'file' }), /a file that you chose/],
  ])('%#', (from_, words) => {
    expect(cameFromWords(from_)).toMatch(words);
  });
});
