import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MemorySample, SessionMemory } from '../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  loadedMemory,
  loadedState,
  matrix,
  model,
  predictedMemory,
  withoutLayout,
} from '../../samples.fake.ts';
import MemoryView from './MemoryView.svelte';

const picture = 'iVBORw0KGgo=';
const steps: number[] = [];
// The canvas library needs a real canvas; what it is given is tested in components/memory.
vi.mock('../../components/memory/chart.ts', () => ({
  memoryChart: () => ({
    update: () => undefined,
    step: (by: number) => steps.push(by),
    leave: () => undefined,
    picture: () => picture,
    close: () => undefined,
  }),
}));

beforeAll(withoutLayout);
afterEach(cleanup);

const mebi = 2 ** 20;
const giga = 2 ** 30;

function open(answers: FakeAnswers = {}) {
  const made = appWith({ 'models.list': () => [model()], ...answers });
  render(MemoryView, { context: made.context });
  return made;
}
const argsOf = (fake: ReturnType<typeof open>['fake'], name: string) =>
  fake.calls.filter((call) => call.name === name).map(({ args }) => args as never);

describe('the memory view', () => {
  it('begins with one sentence that says what is used and what is free', async () => {
    open({
      'memory.loaded': () => [loadedMemory()],
      'memory.predict': () => predictedMemory({ machineAvailable: 9 * giga }),
    });
    expect(
      await screen.findByText('granite-4.0-h-tiny uses 200 MB of your 16 GB · 9 GB free'),
    ).toBeTruthy();
    const bar = screen.getByRole('img', { name: /^Memory of this machine/ });
    expect(bar.getAttribute('aria-label')).toContain('Everything else 6.8 GB, Free 9 GB');
  });

  it('adds up several models', async () => {
    open({
      'memory.loaded': () => [
        loadedMemory(),
        loadedMemory({ modelId: 'n', modelName: 'granite-4.0-micro' }),
      ],
    });
    expect(await screen.findByText(/^2 models use 400 MB of your 16 GB · /)).toBeTruthy();
    // With several, the details wait until they are asked for.
    expect(screen.queryByRole('table', { name: /^Parts of/ })).toBeNull();
    await fireEvent.click(
      screen.getByRole('button', { name: 'Parts and conversations of granite-4.0-micro' }),
    );
    expect(screen.getByRole('table', { name: 'Parts of the memory of granite-4.0-micro' }));
  });

  it('offers to load a model when none is loaded', async () => {
    const { fake } = open({ 'models.load': () => ({ taskId: 't' }) });
    const button = await screen.findByRole('button', { name: 'Load granite-4.0-h-tiny' });
    expect(screen.getByRole('heading', { name: 'No model is loaded' })).toBeTruthy();
    expect(await screen.findByText('No model uses memory · 8 GB of your 16 GB free')).toBeTruthy();
    await fireEvent.click(button);
    expect(fake.calls).toContainEqual({ name: 'models.load', args: { modelId: 'm' } });
  });

  it('says how far a load is', async () => {
    open({
      'models.list': () => [model({ loaded: loadedState({ state: 'loading', fraction: 0.5 }) })],
    });
    expect(await screen.findByText('Loading granite-4.0-h-tiny, 50%')).toBeTruthy();
  });

  it('puts the prediction and its error beside the measurement, and the parts in a table (LM Studio 1862)', async () => {
    open({ 'memory.loaded': () => [loadedMemory()] });
    const section = within(await screen.findByRole('region', { name: 'granite-4.0-h-tiny' }));
    expect(section.getByText('5% too little')).toBeTruthy();
    expect(section.getByRole('img', { name: /^Measured: 200 MB\. Weights 100 MB/ })).toBeTruthy();
    expect(section.getByRole('img', { name: /^Predicted: 190 MB/ })).toBeTruthy();
    const cells = (name: RegExp) =>
      within(section.getByRole('row', { name }))
        .getAllByRole('cell')
        .map((cell) => cell.textContent);
    expect(cells(/^Remembered text/)).toEqual(['20 MB', '20 MB']);
    expect(cells(/^The engine itself/)).toEqual(['50 MB', '40 MB']);
    expect(cells(/^Total/)).toEqual(['200 MB', '190 MB']);
    // Nothing was kept as a checkpoint, so no row speaks of it.
    expect(section.queryByRole('row', { name: /checkpoints/ })).toBeNull();
  });

  it('compares with what the model holds by now, and with nothing before it has answered', async () => {
    open({ 'memory.loaded': () => [loadedMemory({ errorPercent: 2 })] });
    await screen.findByText('204 MB predicted for what it holds by now: 2% too much');
    cleanup();
    open({ 'memory.loaded': () => [loadedMemory({ hasAnswered: false })] });
    await screen.findByText('The prediction is checked after the first answer.');
    expect(screen.queryByText(/too (much|little)/)).toBeNull();
  });

  it('says what is not in memory, so that the column adds up', async () => {
    const loaded = loadedMemory();
    open({
      'memory.loaded': () => [{ ...loaded, sample: { ...loaded.sample, resident: 90 * mebi } }],
    });
    const row = await screen.findByRole('row', { name: /^Weights not in memory yet/ });
    expect(within(row).getAllByRole('cell')[0]?.textContent).toBe('−60 MB');
  });

  it('asks again when a model was measured', async () => {
    let resident = 200;
    const loaded = loadedMemory();
    const { fake } = open({
      'memory.loaded': () => [
        { ...loaded, sample: { ...loaded.sample, resident: resident * mebi } },
      ],
    });
    await screen.findByRole('img', { name: /^Measured: 200 MB/ });
    resident = 300;
    fake.push('memory.changed', { modelId: 'm' });
    expect(await screen.findByRole('img', { name: /^Measured: 300 MB/ })).toBeTruthy();
  });

  it('shows each open conversation with its share, and leads to it', async () => {
    const share: SessionMemory = {
      modelId: 'm',
      modelName: 'granite-4.0-h-tiny',
      conversationId: 'c',
      title: 'The lease',
      state: 'resting',
      tokens: 1200,
      contextSize: 32_768,
      kv: 5 * mebi,
      kvUsed: mebi,
      recurrent: 3 * mebi,
      checkpoints: [{ kind: 'turn', position: 900, bytes: 2 * mebi }],
      checkpointBytes: 2 * mebi,
      savedBytes: 0,
      total: 10 * mebi,
      lastUsedAt: 0,
    };
    const { app } = open({ 'memory.loaded': () => [loadedMemory({ shares: [share] })] });
    const row = within(await screen.findByRole('row', { name: /^The lease/ }));
    expect(row.getByText('at rest · 1,200 of 32,768 tokens')).toBeTruthy();
    expect(row.getAllByRole('cell').map((cell) => cell.textContent.replaceAll(/\s+/g, ' ').trim()))
      // Remembered text, fixed state, checkpoints, and all of it as a part of the model's memory.
      .toEqual(['5 MB', '3 MB', '2 MB 1 checkpoint', '10 MB 5%']);
    await fireEvent.click(row.getByRole('button', { name: 'The lease' }));
    expect(app.router.view).toBe('chat');
  });

  it('says what was given back when memory was short, and nothing where nothing was', async () => {
    open({
      'memory.relief': () => [
        {
          at: 0,
          what: 'model',
          modelId: 'n',
          modelName: 'Micro',
          bytes: 2 * giga,
          available: mebi,
        },
      ],
    });
    const line = await screen.findByRole('button', {
      name: 'Given back because memory was short: 2 GB',
    });
    await fireEvent.click(line);
    expect(screen.getByText(/Micro was unloaded, 2 GB; 1 MB were free\.$/)).toBeTruthy();
    cleanup();
    open();
    await screen.findByText(/^No model uses memory/);
    expect(screen.queryByRole('button', { name: /^Given back/ })).toBeNull();
  });
});

describe('memory over time', () => {
  const sample = (): MemorySample => ({ ...loadedMemory().sample, at: Date.now() - 1000 });
  const live = { 'memory.loaded': () => [loadedMemory()] } satisfies FakeAnswers;

  it('tells the same as the chart in a table, over each span', async () => {
    const { fake } = open({ ...live, 'memory.history': () => [sample()] });
    await fireEvent.click(await screen.findByRole('button', { name: 'The same as a table' }));
    const table = screen.getByRole('table', { name: 'Memory of granite-4.0-h-tiny over time' });
    expect(within(table).getAllByRole('row', { name: /granite-4.0-h-tiny 200 MB 100 MB/ })[0])
      // The newest comes first.
      .toBeTruthy();
    await fireEvent.click(screen.getByRole('radio', { name: '30 days' }));
    await waitFor(() => {
      const spans = argsOf(fake, 'memory.history').map(
        ({ since }: { since: number }) => Date.now() - since,
      );
      expect(Math.max(...spans)).toBeGreaterThanOrEqual(30 * 86_400_000);
    });
  });

  it('is walked through with the arrow keys', async () => {
    open({ ...live, 'memory.history': () => [sample()] });
    const point = await screen.findByRole('slider', { name: 'Moment in the chart' });
    await waitFor(() => expect(point.getAttribute('aria-valuetext')).toMatch(/: 200 MB together/));
    expect(point.tabIndex).toBe(0);
    await waitFor(async () => {
      await fireEvent.keyDown(point, { key: 'ArrowLeft' });
      expect(steps).toContain(-1);
    });
  });

  it('saves every figure of the span, not the thinned ones, and a picture', async () => {
    const { fake } = open({
      ...live,
      'memory.history': ({ points }) => (points === undefined ? [sample(), sample()] : [sample()]),
      'shell.saveFile': () => ({ name: 'm.csv' }),
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Save figures (CSV)' }));
    await waitFor(() => expect(argsOf(fake, 'shell.saveFile')).toHaveLength(1));
    const [csv] = argsOf(fake, 'shell.saveFile') as { kind: string; name: string; data: string }[];
    expect(csv?.name).toMatch(/^memory-\d{4}-\d\d-\d\d\.csv$/);
    expect(csv?.data.trim().split('\r\n')).toHaveLength(3);
    const png = screen.getByRole<HTMLButtonElement>('button', { name: 'Save picture (PNG)' });
    await waitFor(() => expect(png.disabled).toBe(false));
    await fireEvent.click(png);
    await waitFor(() =>
      expect(argsOf(fake, 'shell.saveFile').at(-1)).toMatchObject({ kind: 'png', data: picture }),
    );
  });
});

describe('the cost matrix', () => {
  it('sets hybrid beside all attention, and says by word what fits', async () => {
    open();
    const table = await screen.findByRole('table', { name: /^Memory by length/ });
    const row = within(within(table).getByRole('row', { name: /^128K tokens/ }));
    const [one, , many] = row.getAllByRole('cell');
    expect(one?.textContent).toMatch(/2.05 GB.*fits.*11 GB all attention.*81% less/s);
    expect(many?.textContent).toContain('does not fit');
    expect(within(table).getAllByRole('cell')).toHaveLength(9);
  });

  it('compares nothing for a model that is all attention already', async () => {
    open({ 'memory.matrix': () => matrix({ isHybrid: false }) });
    expect(await screen.findByText(/Every layer of this model is attention/)).toBeTruthy();
    expect(screen.queryByText(/all attention$/)).toBeNull();
  });
});
