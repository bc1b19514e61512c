import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  CatalogEntry,
  Model,
  ModelCatalog,
  ProofPage,
} from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import ImportModelDialog from '../../components/models/ImportModelDialog.svelte';
import { fitOf, inOrder } from '../../components/models/facts.ts';
import {
  appWith,
  loadedState,
  model,
  proof,
  settings,
  task,
  withoutLayout,
} from '../../samples.fake.ts';
import ModelsView from './ModelsView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

async function open(models: readonly Model[], answers: FakeAnswers = {}) {
  const made = appWith({
    'models.list': () => models,
    'models.catalog': () => catalogSample(),
    ...answers,
  });
  render(ModelsView, { context: made.context });
  const row = async (name: string) => within(await screen.findByRole('listitem', { name }));
  return { ...made, row };
}

const offer = (over: object = {}) => ({
  file: 'granite-4.0-h-tiny-Q4_K_M.gguf',
  quantization: 'Q4_K_M',
  bytes: 4 * 2 ** 30,
  bytesSource: 'pinned' as const,
  sha256: null,
  sha256Source: null,
  verdict: 'fits' as const,
  context: 32_768,
  predicted: {
    weights: 0,
    kv: 0,
    recurrent: 0,
    compute: 0,
    output: 0,
    checkpoints: 0,
    ceiling: 0,
    process: 0,
    total: 4.5 * 2 ** 30,
  },
  needed: 5 * 2 ** 30,
  fitsNow: true,
  ...over,
});
const granite = (over: Partial<CatalogEntry> = {}): CatalogEntry => ({
  id: 'tiny',
  name: 'Granite 4.0 H-Tiny',
  family: 'granite-4.0',
  use: 'chat',
  variant: 'instruct',
  state: 'published',
  sentence: 'Reads long documents.',
  licence: 'Apache-2.0',
  parameters: 7e9,
  activeParameters: 1e9,
  trainedContext: 131_072,
  isHybrid: true,
  shapeStatus: 'known',
  repository: 'ibm-granite/granite-4.0-h-tiny-GGUF',
  repositoryStatus: 'known',
  revision: null,
  revisionSource: null,
  signer: null,
  offers: [offer()],
  best: offer(),
  ...over,
});
const catalogSample = (entries: readonly CatalogEntry[] = []): ModelCatalog => ({
  asOf: '2026-11-22',
  machine: { total: 16 * 2 ** 30, available: 9 * 2 ** 30, capacity: 13 * 2 ** 30 },
  context: 32_768,
  sessions: 1,
  entries,
  pick: entries[0]?.id ?? null,
});

const miniature = (over: Partial<Model> = {}) =>
  model({
    id: 'mini',
    name: 'Miniature (demo)',
    origin: 'builtin',
    promptLimit: 704,
    sha256: 'a'.repeat(64),
    hashState: 'done',
    ...over,
  });

describe('a model’s row', () => {
  it('says what the miniature is and what it was trained on', async () => {
    const { row } = await open([miniature()]);
    const mini = await row('Miniature (demo)');
    expect(mini.getByText(/Answers only simple questions about short texts/)).toBeTruthy();
    expect(mini.getByText(/Trained on at most 704 tokens/)).toBeTruthy();
  });

  it('never shows a known hash as proof of origin', async () => {
    const { row } = await open([miniature(), model()]);
    expect((await row('Miniature (demo)')).getByText('built in').className).toContain('plain');
    expect((await row('granite-4.0-h-tiny')).getByText('unverified')).toBeTruthy();
  });

  it('says what it needs of this machine, and when that is too much', async () => {
    const { row } = await open([
      model(),
      model({ id: 'big', name: 'big', predictedBytes: 30 * 2 ** 30 }),
    ]);
    expect(
      await (await row('granite-4.0-h-tiny')).findByText(/needs 4.5 GB of 24 GB/),
    ).toBeTruthy();
    expect((await row('big')).getByText('does not fit')).toBeTruthy();
  });

  it('loads, shows how far it is, and stops', async () => {
    const { row, fake } = await open(
      [model({ loaded: loadedState({ state: 'loading', fraction: 0.37 }) })],
      {
        'tasks.list': () => [task({ kind: 'load', targetId: 'm' })],
        'tasks.cancel': () => null,
      },
    );
    const loading = await row('granite-4.0-h-tiny');
    expect(loading.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('37');
    expect(loading.getByText('Loading, 37%')).toBeTruthy();
    await waitFor(() =>
      expect(loading.getByRole('button', { name: /Stop/ }).hasAttribute('disabled')).toBe(false),
    );
    await fireEvent.click(loading.getByRole('button', { name: /Stop/ }));
    expect(fake.calls).toContainEqual({ name: 'tasks.cancel', args: { taskId: 't' } });
  });

  it('takes how far loading is from the task, which knows sooner than the list', async () => {
    const { row } = await open(
      [model({ loaded: loadedState({ state: 'loading', fraction: 0 }) })],
      { 'tasks.list': () => [task({ kind: 'load', targetId: 'm', done: 0.89, total: 1 })] },
    );
    expect(await (await row('granite-4.0-h-tiny')).findByText('Loading, 89%')).toBeTruthy();
  });

  it('says what it was loaded with, not that what was planned does not fit', async () => {
    const { row } = await open([
      model({
        ...{ plannedContext: 131_072, predictedBytes: 162 * 2 ** 30 },
        loaded: loadedState({ contextSize: 8192 }),
      }),
    ]);
    const held = await row('granite-4.0-h-tiny');
    expect(held.getByText('loaded with 8,192 tokens')).toBeTruthy();
    expect(held.getByText('162 GB at 131,072 tokens')).toBeTruthy();
    expect(held.queryByText('does not fit')).toBeNull();
  });

  it('offers unload once loaded', async () => {
    const { row, fake } = await open([model({ loaded: loadedState() })], {
      'models.unload': () => null,
    });
    await fireEvent.click(
      (await row('granite-4.0-h-tiny')).getByRole('button', { name: /Unload/ }),
    );
    expect(fake.calls).toContainEqual({ name: 'models.unload', args: { modelId: 'm' } });
  });

  it('uses a model for new chats', async () => {
    const { row, fake, app } = await open([model()], {
      'settings.set': ({ values }) => settings(values),
    });
    app.router.go('models');
    await fireEvent.click((await row('granite-4.0-h-tiny')).getByRole('button', { name: /Use/ }));
    expect(fake.calls).toContainEqual({
      name: 'settings.set',
      args: { values: { defaultModelId: 'm' } },
    });
    await waitFor(() => expect(app.router.view).toBe('chat'));
  });

  it('words an error by its code and offers another try', async () => {
    const { row, fake } = await open(
      [model({ error: { code: 'model-truncated', message: 'x', detail: { name: 'tiny.gguf' } } })],
      { 'models.load': () => ({ taskId: 't' }) },
    );
    const broken = await row('granite-4.0-h-tiny');
    expect(broken.getByRole('alert').textContent).toContain('tiny.gguf ends too early');
    await fireEvent.click(broken.getByRole('button', { name: 'Try again' }));
    expect(fake.calls).toContainEqual({ name: 'models.load', args: { modelId: 'm' } });
  });

  it('cannot be used while its file is missing, and says where it was', async () => {
    const { row } = await open([model({ missing: true })]);
    const lost = await row('granite-4.0-h-tiny');
    expect(lost.getByText(/is not at \/models\/tiny\.gguf any more/)).toBeTruthy();
    for (const name of [/Load/, /Use/]) {
      expect(lost.getByRole('button', { name }).hasAttribute('disabled')).toBe(true);
    }
  });

  it('keeps architecture, layers and hash on the second level', async () => {
    const { row } = await open([miniature()]);
    const mini = await row('Miniature (demo)');
    expect(mini.queryByText('granitehybrid')).toBeNull();
    await fireEvent.click(mini.getByRole('button', { name: 'Details of Miniature (demo)' }));
    expect(mini.getByText('granitehybrid')).toBeTruthy();
    expect(mini.getByText('40: 4 attention, 36 recurrent')).toBeTruthy();
    expect(mini.getByText('a'.repeat(64))).toBeTruthy();
  });
});

describe('proof of origin', () => {
  const signer = {
    identity: 'Granite-sign@ibm.com',
    issuer: 'https://sigstore.verify.ibm.com/oauth2',
    signedAt: Date.UTC(2026, 8, 4),
    logIndex: 4711,
  };
  const signed = proof({ level: 'signed', signer, checkedAt: 1 });
  const page: ProofPage = {
    proof: signed,
    cameFrom: null,
    sha256: 'a'.repeat(64),
    expectedSha256: null,
    revision: null,
    steps: [
      { id: 'signer', result: 'passed', facts: { identity: signer.identity } },
      { id: 'statement', result: 'failed', facts: {} },
      { id: 'file', result: 'not-reached', facts: {} },
    ],
    trustRootAt: Date.UTC(2025, 9, 6),
  };
  const name = 'granite-4.0-h-tiny';
  const choose = async (made: Awaited<ReturnType<typeof open>>, item: string) => {
    const more = (await made.row(name)).getByRole('button', { name: `More for ${name}` });
    more.focus();
    await fireEvent.keyDown(more, { key: 'Enter' });
    await fireEvent.click(await screen.findByRole('menuitem', { name: item }));
  };

  it.each([
    ['signed', 'signed by IBM', 'badge-check', 'good'],
    ['hash', 'hash pinned', 'lock', 'plain'],
    ['unverified', 'unverified', 'circle', 'plain'],
  ] as const)('%s has its own word and shape; only a signature is green', async (...one) => {
    const [level, word, shape, tone] = one;
    const { row } = await open([model({ proof: { ...signed, level } })]);
    const badge = (await row(name)).getByText(word);
    expect(badge.querySelector('svg')?.classList).toContain(`lucide-${shape}`);
    expect(badge.className).toContain(tone);
  });

  it('says since when the file is another one', async () => {
    const changed = proof({ changedSince: Date.UTC(2020, 1, 3, 12) });
    const { row } = await open([model({ proof: changed })]);
    expect((await row(name)).getByText(/changed, seen .*2020/).className).toContain('warn');
  });

  it('shows every step, what it means and what it does not', async () => {
    const made = await open([model({ proof: signed })], { 'models.proof': () => page });
    await choose(made, 'How was this checked?');
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText(/IBM signed this very file/)).toBeTruthy();
    expect(dialog.getByText(/this one file, not about others/)).toBeTruthy();
    expect(dialog.getByText(/public log entry 4711/)).toBeTruthy();
    expect(dialog.getByText(/the newest is of/)).toBeTruthy();
    await fireEvent.click(dialog.getByRole('button', { name: 'Check for newer keys…' }));
    expect([made.app.router.view, made.app.router.target]).toEqual(['settings', 'network']);
    const steps = dialog.getAllByRole('listitem').map((step) => step.textContent);
    expect(steps).toHaveLength(3);
    expect(steps[0]).toMatch(/signer.*passed.*Identity: Granite-sign@ibm.com/s);
    expect(steps[1]).toMatch(/failed/);
    expect(steps[2]).toMatch(/bytes of this file.*not reached/s);
  });

  it('checks a chosen signature, and then shows how', async () => {
    const refused = proof({ refusal: 'identity-mismatch' });
    const made = await open([model({ proof: refused })], {
      'shell.pickSignature': () => ['/dl/model.sig'],
      'models.verify': () => ({ taskId: 't' }),
      'models.proof': () => ({ ...page, proof: refused }),
    });
    await choose(made, 'Check a signature…');
    expect(
      await screen.findByText(/does not count: signed by someone else than expected\./),
    ).toBeTruthy();
    expect(made.fake.calls).toContainEqual({
      name: 'models.verify',
      args: { modelId: 'm', paths: ['/dl/model.sig'] },
    });
  });
});

describe('the list', () => {
  it('offers to add a model when there is none', async () => {
    await open([]);
    expect(await screen.findByRole('heading', { name: 'No model yet' })).toBeTruthy();
  });

  it('puts what fits first and what is missing last', () => {
    const list = [
      model({ id: 'lost', missing: true }),
      model({ id: 'huge', predictedBytes: 40 }),
      model({ id: 'old', predictedBytes: 1, addedAt: 1 }),
      model({ id: 'new', predictedBytes: 1, addedAt: 2 }),
      model({ id: 'chosen', predictedBytes: 1, addedAt: 0 }),
    ];
    const order = inOrder(list, 'chosen', 20).map((one) => one.id);
    expect(order).toEqual(['chosen', 'new', 'old', 'huge', 'lost']);
  });

  it('calls what leaves no room for the system too large', () => {
    expect([10, 17, 20].map((needed) => fitOf(needed, 20))).toEqual(['fits', 'tight', 'too-large']);
  });
});

describe('Granite models to get', () => {
  const big = granite({
    id: 'small',
    name: 'Granite 4.0 H-Small',
    best: offer({ verdict: 'no', bytesSource: 'estimate', needed: 20 * 2 ** 30, context: 1024 }),
  });
  const base = granite({ id: 'base', name: 'Granite 4.0 H-Tiny Base', variant: 'base' });
  const thinking = granite({
    ...{ id: 'thinking', name: 'Granite 4.0 Thinking', state: 'announced' },
    ...{ repository: null, offers: [], best: null },
  });
  const show = (...entries: CatalogEntry[]) =>
    open([miniature()], { 'models.catalog': () => catalogSample(entries) });

  it('says what fits, what it takes, and where the file is found', async () => {
    const { row } = await show(granite());
    const tiny = await row('Granite 4.0 H-Tiny');
    expect(tiny.getByText('fits').className).toContain('accent');
    expect(tiny.getByText('a good start here')).toBeTruthy();
    expect(tiny.getByText(/4.5 GB/)).toBeTruthy();
    expect(tiny.getByText('at 32,768 tokens')).toBeTruthy();
    await fireEvent.click(tiny.getByRole('button', { name: /^Details/ }));
    expect(
      tiny.getByText('ibm-granite/granite-4.0-h-tiny-GGUF/granite-4.0-h-tiny-Q4_K_M.gguf'),
    ).toBeTruthy();
  });

  it('refuses what is too big with figures, and calls a computed size one', async () => {
    const { row } = await show(granite(), big);
    const small = await row('Granite 4.0 H-Small');
    expect(small.getByText('does not fit')).toBeTruthy();
    expect(small.getByText(/needs 20 GB, can have 13 GB/)).toBeTruthy();
    expect(small.getByText(/^about 4 GB/)).toBeTruthy();
    await fireEvent.click(small.getByRole('button', { name: /^Details/ }));
    expect(small.queryByRole('button', { name: /Add the file/ })).toBeNull();
  });

  it('shows announced models without a button, base models when asked', async () => {
    const { row } = await show(granite(), base, thinking);
    const announced = await row('Granite 4.0 Thinking');
    expect(announced.getByText('announced, not published')).toBeTruthy();
    expect(announced.queryAllByRole('button')).toEqual([]);
    expect(screen.queryByText('Granite 4.0 H-Tiny Base')).toBeNull();
    await fireEvent.click(screen.getByRole('switch', { name: 'Show base models' }));
    expect(screen.getByText('Granite 4.0 H-Tiny Base')).toBeTruthy();
  });

  it('opens the file dialog and then the import', async () => {
    const { row, app } = await open([miniature()], {
      'models.catalog': () => catalogSample([granite()]),
      'shell.pickModel': () => ['/dl/tiny.gguf'],
    });
    const tiny = await row('Granite 4.0 H-Tiny');
    await fireEvent.click(tiny.getByRole('button', { name: /^Details/ }));
    await fireEvent.click(tiny.getByRole('button', { name: /Add the file/ }));
    await waitFor(() =>
      expect(app.dialogs.open).toEqual({ kind: 'import-model', path: '/dl/tiny.gguf' }),
    );
  });

  it('keeps every file, the signature and doubts on the second level', async () => {
    const { row } = await show(
      granite({
        revision: 'a'.repeat(40),
        revisionSource: 'hint',
        shapeStatus: 'derived',
        signer: { identity: 'Granite-sign@ibm.com', issuer: 'x' },
      }),
    );
    const tiny = await row('Granite 4.0 H-Tiny');
    expect(tiny.queryByRole('table')).toBeNull();
    await fireEvent.click(tiny.getByRole('button', { name: /Details/ }));
    expect(tiny.getByRole('table')).toBeTruthy();
    expect(tiny.getByText('expected from Granite-sign@ibm.com')).toBeTruthy();
    expect(tiny.getByText(/its memory is an estimate/)).toBeTruthy();
    expect(tiny.getByText(/told by one source, not confirmed/)).toBeTruthy();
  });
});

describe('adding a model file', () => {
  const header = model().header;
  const show = (answers: FakeAnswers) => {
    const made = appWith(answers);
    let closed = false;
    render(ImportModelDialog, {
      props: { path: '/dl/tiny.gguf', onclose: () => (closed = true) },
      context: made.context,
    });
    return { ...made, closed: () => closed };
  };

  it('reads the header first, then copies or refers as chosen', async () => {
    const { fake, closed } = show({
      'models.inspect': () => header,
      'models.import': () => ({ modelId: 'm', taskId: 't' }),
    });
    expect(await screen.findByText('granitehybrid')).toBeTruthy();
    await fireEvent.click(screen.getByRole('radio', { name: /Copy into Quarry/ }));
    await fireEvent.click(screen.getByRole('button', { name: 'Add model' }));
    await waitFor(() => expect(closed()).toBe(true));
    expect(fake.calls).toContainEqual({
      name: 'models.import',
      args: { paths: ['/dl/tiny.gguf'], mode: 'copy' },
    });
  });

  it('says why a file cannot be added and takes another', async () => {
    show({
      'models.inspect': ({ paths }) => {
        if (paths[0] === '/dl/tiny.gguf') throw refusal('model-not-gguf', { name: 'tiny.gguf' });
        return header;
      },
      'shell.pickModel': () => ['/dl/other.gguf'],
    });
    expect((await screen.findByRole('alert')).textContent).toContain('This is not a model file');
    expect(screen.queryByRole('button', { name: 'Add model' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Choose another file' }));
    expect(await screen.findByText('granitehybrid')).toBeTruthy();
  });
});
