import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  CatalogEntry,
  DownloadLine,
  ModelCatalog,
  ModelDownload,
} from '../../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../../api.fake.ts';
import type { FakeAnswers } from '../../../api.fake.ts';
import { appWith, download, model, settings, withoutLayout } from '../../../samples.fake.ts';
import ModelsView from '../../../views/models/ModelsView.svelte';
import TaskStrip from '../../shell/TaskStrip.svelte';
import DownloadLog from './DownloadLog.svelte';
import { entriesOf, stateOf, totalOf } from './queue-words.ts';

beforeAll(withoutLayout);
afterEach(cleanup);

const offer = {
  file: 'granite-4.0-h-tiny-Q4_K_M.gguf',
  quantization: 'Q4_K_M',
  bytes: 4 * 2 ** 30,
  bytesSource: 'hub' as const,
  sha256: 'a'.repeat(64),
  sha256Source: 'hub' as const,
  verdict: 'fits' as const,
  context: 32_768,
  predicted: {
    ...{ weights: 0, kv: 0, recurrent: 0, compute: 0, output: 0, checkpoints: 0, process: 0 },
    ...{ total: 4.5 * 2 ** 30, ceiling: 4.5 * 2 ** 30 },
  },
  needed: 5 * 2 ** 30,
  fitsNow: true,
};
const entry: CatalogEntry = {
  ...{ id: 'tiny', name: 'Granite 4.0 H-Tiny', family: 'granite-4.0', use: 'chat' },
  ...{ variant: 'instruct', state: 'published', sentence: 'Reads long documents.' },
  ...{ licence: 'Apache-2.0', parameters: 7e9, activeParameters: 1e9, trainedContext: 131_072 },
  ...{ isHybrid: true, shapeStatus: 'known', repositoryStatus: 'known', signer: null },
  repository: 'ibm-granite/granite-4.0-h-tiny-GGUF',
  revision: 'c'.repeat(40),
  revisionSource: 'hub',
  offers: [offer, { ...offer, file: 'x-Q8_0.gguf', quantization: 'Q8_0', sha256: 'b'.repeat(64) }],
  best: offer,
};
const catalog: ModelCatalog = {
  asOf: '2026-11-22',
  machine: { total: 16 * 2 ** 30, available: 9 * 2 ** 30, capacity: 13 * 2 ** 30 },
  ...{ context: 32_768, sessions: 1, entries: [entry], pick: null },
};

async function show(downloads: readonly ModelDownload[], answers: FakeAnswers = {}) {
  const made = appWith({
    'models.catalog': () => catalog,
    'models.downloads': () => downloads,
    'models.pauseDownload': () => null,
    'models.resumeDownload': () => null,
    'models.cancelDownload': () => null,
    'models.downloadFirst': () => null,
    ...answers,
  });
  render(ModelsView, { context: made.context });
  const row = async (name: string) => within(await screen.findByRole('listitem', { name }));
  const asked = (name: string) => made.fake.calls.filter((call) => call.name === name);
  return { ...made, row, asked, tiny: await row('Granite 4.0 H-Tiny') };
}
const line = (event: string, at: number, facts: DownloadLine['facts'] = {}): DownloadLine => ({
  ...{ event, at, facts, text: `text of ${event}` },
});

describe('getting a model', () => {
  it('gets the best file, with its size on the button', async () => {
    const { tiny, asked } = await show([], { 'models.download': () => ({ downloadId: 'd1' }) });
    await fireEvent.click(tiny.getByRole('button', { name: /^Get 4 GB: Granite 4.0 H-Tiny/ }));
    await waitFor(() =>
      expect(asked('models.download')[0]?.args).toEqual({ catalogId: 'tiny', file: offer.file }),
    );
  });

  it('says beside the model why the hub was of no use, and tries again', async () => {
    let isDown = true;
    const { tiny, asked } = await show([], {
      'models.download': () => {
        if (isDown) throw refusal('download-failed', { reason: 'denied' });
        return { downloadId: 'd1' };
      },
    });
    await fireEvent.click(tiny.getByRole('button', { name: /^Get / }));
    expect((await tiny.findByRole('alert')).textContent).toContain('without an account');
    expect(tiny.getByRole('button', { name: 'Network settings' })).toBeTruthy();
    isDown = false;
    await fireEvent.click(tiny.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(tiny.queryByRole('alert')).toBeNull());
    expect(asked('models.download')).toHaveLength(2);
  });

  it('gets any quantisation from the details, and tries that one again when it was refused', async () => {
    let isDown = true;
    const { tiny, asked } = await show([], {
      'models.download': () => {
        if (isDown) throw refusal('download-failed', { reason: 'busy' });
        return { downloadId: 'd1' };
      },
    });
    await fireEvent.click(tiny.getByRole('button', { name: /^Details/ }));
    await fireEvent.click(tiny.getByRole('button', { name: 'Get 4 GB: Granite 4.0 H-Tiny Q8_0' }));
    await tiny.findByRole('alert');
    isDown = false;
    await fireEvent.click(tiny.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(tiny.queryByRole('alert')).toBeNull());
    expect(asked('models.download').map(({ args }) => args)).toEqual([
      { catalogId: 'tiny', file: 'x-Q8_0.gguf' },
      { catalogId: 'tiny', file: 'x-Q8_0.gguf' },
    ]);
  });

  it('says in the details which files are here and which are on their way', async () => {
    const { tiny } = await show([download({ catalogId: 'tiny', file: offer.file })], {
      'models.list': () => [model({ sha256: 'b'.repeat(64) })],
    });
    await fireEvent.click(tiny.getByRole('button', { name: /^Details/ }));
    const row = (name: RegExp) => within(tiny.getByRole('row', { name }));
    expect(row(/^Q4_K_M/).getByText('on its way')).toBeTruthy();
    expect(row(/^Q8_0/).getByText('installed')).toBeTruthy();
  });

  it('keeps the keyboard where it was: what was pressed becomes something else, or goes', async () => {
    let list = [download({ id: 'd1', state: 'active' })];
    const { row, fake, tiny } = await show([], { 'models.downloads': () => list });
    fake.push('downloads.changed', { modelId: null });
    const queue = await row('Granite 4.0 H-Tiny Q4_K_M');
    (await waitFor(() => queue.getByRole('button', { name: /^Pause/ }))).focus();
    list = [download({ id: 'd1', state: 'paused' })];
    fake.push('downloads.changed', { modelId: null });
    await waitFor(() =>
      expect(document.activeElement).toBe(queue.getByRole('button', { name: /^Resume/ })),
    );
    queue.getByRole('button', { name: /^Cancel/ }).focus();
    list = [];
    fake.push('downloads.changed', { modelId: null });
    await waitFor(() =>
      expect(document.activeElement).toBe(
        screen.getAllByRole('button', { name: 'Add a model' })[0],
      ),
    );
    // Nobody waits for a focus that a click elsewhere took away.
    const get = tiny.getByRole('button', { name: /^Get / });
    get.focus();
    await fireEvent.pointerDown(document.body);
    get.blur();
    list = [download({ id: 'd1', catalogId: 'tiny' })];
    fake.push('downloads.changed', { modelId: null });
    await waitFor(() => expect(tiny.queryByRole('button', { name: /^Get / })).toBeNull());
    expect(document.activeElement).toBe(document.body);
  });

  it('keeps the keyboard on a row that changes its place in the list', async () => {
    const names = ['a', 'b'];
    let models = names.map((id, index) => model({ id, name: id, addedAt: 10 - index }));
    const { row, fake } = await show([], { 'models.list': () => models });
    const load = (await row('a')).getByRole('button', { name: /^Load/ });
    load.focus();
    models = names.map((id, index) => model({ id, name: id, addedAt: 10 + index }));
    fake.push('models.changed', { modelId: null });
    const first = () => screen.getAllByRole('button', { name: /^Load/ })[0];
    await waitFor(() => expect(first()?.getAttribute('aria-label')).toBe('Load b'));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Load a'));
  });

  it('offers to use what is installed, known by its SHA-256, instead of getting it again', async () => {
    const here = model({ id: 'here', name: 'tiny', sha256: offer.sha256 });
    const { tiny, asked } = await show([], {
      'models.list': () => [here],
      'settings.set': ({ values }) => settings(values),
    });
    expect(await tiny.findByText('installed')).toBeTruthy();
    expect(tiny.queryByRole('button', { name: /^Get / })).toBeNull();
    await fireEvent.click(tiny.getByRole('button', { name: /^Use/ }));
    expect(asked('settings.set')[0]?.args).toEqual({ values: { defaultModelId: 'here' } });
  });

  it('says that another quantisation is there, and still gets this one', async () => {
    const { tiny } = await show([], { 'models.list': () => [model({ sha256: 'b'.repeat(64) })] });
    expect(await tiny.findByText('Q8_0 is installed')).toBeTruthy();
    expect(tiny.getByRole('button', { name: /^Get / })).toBeTruthy();
  });

  it('offers to use a model once it is here', async () => {
    const { app, fake } = await show([], {
      'models.list': () => [model({ id: 'new', name: 'granite tiny' })],
    });
    fake.push('downloads.changed', { modelId: 'new' });
    await waitFor(() => expect(app.toasts.list[0]?.text).toBe('granite tiny is here.'));
    expect(app.toasts.list[0]?.action?.label).toBe('Use it now');
  });

  it('says where revision and hash come from', async () => {
    const { tiny } = await show([]);
    await fireEvent.click(tiny.getByRole('button', { name: /Details/ }));
    expect(tiny.getByText(/told by the hub for this revision/)).toBeTruthy();
    expect(tiny.getByText(/newest when it was asked first/)).toBeTruthy();
  });
});

describe('the queue', () => {
  const name = 'Granite 4.0 H-Tiny Q4_K_M';

  it('shows progress, speed and time left; pauses and cancels', async () => {
    const { row, asked, tiny } = await show([download({ done: 2 ** 29, bytes: 2 ** 31 })]);
    const one = await row(name);
    const bar = one.getByRole('progressbar', { name: 'Fetching Granite 4.0 H-Tiny' });
    expect(bar.getAttribute('aria-valuenow')).toBe('25');
    expect(one.getByText(/fetching · 512 MB of 2 GB · 10 MB a second · 5 min left/)).toBeTruthy();
    expect(tiny.getByRole('button', { name: /^25% here/ })).toBeTruthy();
    await fireEvent.click(one.getByRole('button', { name: /^Pause/ }));
    await fireEvent.click(one.getByRole('button', { name: /^Cancel/ }));
    for (const call of ['models.pauseDownload', 'models.cancelDownload']) {
      expect(asked(call)[0]?.args).toEqual({ downloadId: 'd1' });
    }
  });

  it('asks before gigabytes are thrown away', async () => {
    const { row, asked } = await show([download()]);
    await fireEvent.click((await row(name)).getByRole('button', { name: /^Cancel/ }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/1 GB that are already here are deleted/)).toBeTruthy();
    expect(asked('models.cancelDownload')).toEqual([]);
    await fireEvent.click(dialog.getByRole('button', { name: 'Cancel and delete' }));
    expect(asked('models.cancelDownload')).toHaveLength(1);
  });

  it.each([
    [download({ state: 'paused' }), /^Resume/],
    [
      download({ state: 'failed', error: { code: 'download-mismatch', message: '' } }),
      /^Try again/,
    ],
  ])('goes on when asked', async (one, button) => {
    const { row, asked } = await show([one]);
    const shown = await row(name);
    await fireEvent.click(shown.getByRole('button', { name: button }));
    expect(asked('models.resumeDownload')[0]?.args).toEqual({ downloadId: 'd1' });
    if (one.error) {
      expect(shown.getByRole('alert').textContent).toContain('another file than expected');
    }
  });

  it('pauses all at once, and lets the last one go next', async () => {
    const { row, asked } = await show([
      download(),
      download({ id: 'd2', name: 'Second', state: 'queued' }),
      download({ id: 'd3', name: 'Third', state: 'queued' }),
    ]);
    const third = await row('Third Q4_K_M');
    expect((await row('Second Q4_K_M')).queryByRole('button', { name: /^Fetch next/ })).toBeNull();
    await fireEvent.click(third.getByRole('button', { name: 'Fetch next: Third' }));
    expect(asked('models.downloadFirst')[0]?.args).toEqual({ downloadId: 'd3' });
    await fireEvent.click(screen.getByRole('button', { name: 'Pause all' }));
    expect(asked('models.pauseDownload').map(({ args }) => args)).toEqual(
      ['d1', 'd2', 'd3'].map((downloadId) => ({ downloadId })),
    );
  });

  it('says in words why it waits (Jan 7066)', () => {
    const waits = (reason: 'asked' | 'offline' | 'trouble') =>
      stateOf(download({ state: 'waiting', wait: { reason, until: 40_000 } }), 0);
    expect(waits('asked')).toMatch(/the server asked us to wait, 40\ss to go/);
    expect(waits('offline')).toContain('goes on by itself');
    expect(waits('trouble')).toContain('trying again by itself');
    expect(stateOf(download({ state: 'queued' }), 0)).toBe('waiting for its turn');
    expect(stateOf(download({ isAgain: true }), 0)).toContain('once more');
  });

  it('tells that downloads went on after a start, once (LM Studio 1696)', async () => {
    const { app, fake } = await show([download({ wentOn: true })]);
    await waitFor(() => expect(app.toasts.list[0]?.text).toContain('goes on where it was'));
    fake.push('downloads.changed', { modelId: null });
    await waitFor(() =>
      expect(fake.calls.filter(({ name }) => name === 'models.downloads').length).toBe(2),
    );
    expect(app.toasts.list).toHaveLength(1);
  });

  it('costs one question for each announcement of progress, not one in every view', async () => {
    const { fake } = await show([download()]);
    await waitFor(() => expect(fake.calls.length).toBeGreaterThan(4));
    const before = fake.calls.length;
    for (let tick = 0; tick < 10; tick += 1) {
      fake.push('downloads.changed', { modelId: null });
      await new Promise((resolve) => setTimeout(resolve));
    }
    const names = fake.calls.slice(before).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['models.downloads']));
    expect(names.length).toBeLessThanOrEqual(10);
    // As it was before: progress came as a change of the models.
    const after = fake.calls.length;
    fake.push('models.changed', { modelId: null });
    await waitFor(() => expect(fake.calls.length).toBeGreaterThanOrEqual(after + 2));
  });
});

describe('downloads from another view', () => {
  it('are one line that leads to them', async () => {
    const { app, context } = appWith({ 'models.downloads': () => [download()] });
    render(TaskStrip, { context });
    const button = await screen.findByRole('button', { name: /Downloading a model, 25%, 5 min/ });
    await fireEvent.click(button);
    expect(app.router.view).toBe('models');
  });

  it('say how all of them stand together', () => {
    expect(totalOf([])).toBeNull();
    const two = [download(), download({ id: 'd2', state: 'queued', done: 0, bytesPerSecond: 0 })];
    expect(totalOf(two)).toBe('Downloading 2 models, 13%, 12 min left');
    expect(totalOf([download({ state: 'waiting' })])).toBe('A download waits, 25%');
    expect(totalOf([download({ state: 'paused' }), download({ state: 'failed' })])).toBe(
      'A download failed',
    );
    expect(totalOf([download({ state: 'paused' })])).toBe('A download is paused');
  });
});

describe('what happened', () => {
  it('stands there in plain words, repetitions once', () => {
    const lines = [
      line('queued', 0, { host: 'huggingface.co' }),
      line('started', 0, { done: 0 }),
      line('cut', 60_000, { done: 2 ** 30, waitMs: 400 }),
      ...[1, 2, 3].map((minute) => line('no-connection', minute * 60_000, { waitMs: 30_000 })),
      line('fetched', 300_000, { bytes: 2 ** 31, ms: 240_000, lines: 4 }),
      line('verified', 300_000, { sha256: 'f00d' }),
      line('unheard-of', 300_000),
    ];
    const entries = entriesOf(lines);
    expect(entries.map(({ text }) => text)).toEqual([
      'You asked for it; it comes from huggingface.co.',
      'Started.',
      'The connection broke at 1 GB; went on from there.',
      'No connection.',
      '2 GB came in 4 min, over up to 4 lines.',
      'All bytes are here; the SHA-256 is the expected one: f00d',
      'text of unheard-of',
    ]);
    expect(entries[3]?.again).toMatch(/^3 times, until /);
    expect(entries[0]?.again).toBeNull();
  });

  it('is kept with the model, and takes no room where nothing is known', async () => {
    const { context, fake } = appWith({ 'models.downloadLog': () => [line('installed', 0)] });
    const props = { of: { modelId: 'm' }, title: 'How it got here' };
    render(DownloadLog, { props, context });
    expect(await screen.findByText('Finished.')).toBeTruthy();
    expect(fake.calls.at(-1)).toEqual({ name: 'models.downloadLog', args: { modelId: 'm' } });
    cleanup();
    render(DownloadLog, { props, context: appWith().context });
    await Promise.resolve();
    expect(screen.queryByText('How it got here')).toBeNull();
  });
});
