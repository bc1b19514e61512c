import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MemorySample } from '../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  loadedMemory,
  loadedState,
  matrix,
  model,
  withoutLayout,
} from '../../samples.fake.ts';
import MemoryView from './MemoryView.svelte';

// The canvas library needs a real canvas; what it is given is tested in components/memory.
vi.mock('../../components/memory/chart.ts', () => ({
  memoryChart: () => ({ update: () => undefined, close: () => undefined }),
}));

beforeAll(withoutLayout);
afterEach(cleanup);

function open(answers: FakeAnswers) {
  const made = appWith({
    'models.list': () => [model()],
    'memory.matrix': () => matrix(),
    ...answers,
  });
  render(MemoryView, { context: made.context });
  return made;
}

describe('the memory view', () => {
  it('offers to load a model when none is loaded', async () => {
    const { fake } = open({ 'models.load': () => ({ taskId: 't' }) });
    const button = await screen.findByRole('button', { name: 'Load granite-4.0-h-tiny' });
    expect(screen.getByRole('heading', { name: 'No model is loaded' })).toBeTruthy();
    await fireEvent.click(button);
    expect(fake.calls).toContainEqual({ name: 'models.load', args: { modelId: 'm' } });
  });

  it('says how far a load is', async () => {
    open({
      'models.list': () => [model({ loaded: loadedState({ state: 'loading', fraction: 0.5 }) })],
    });
    expect(await screen.findByText('Loading granite-4.0-h-tiny, 50%')).toBeTruthy();
  });

  it('puts the prediction and its error beside the measurement, and the parts in a table', async () => {
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

  it('says what is not in memory, so that the column adds up', async () => {
    const loaded = loadedMemory();
    open({
      'memory.loaded': () => [{ ...loaded, sample: { ...loaded.sample, resident: 90 * 2 ** 20 } }],
    });
    const row = await screen.findByRole('row', { name: /^Weights not in memory yet/ });
    expect(within(row).getAllByRole('cell')[0]?.textContent).toBe('−60 MB');
  });

  it('asks again when a model was measured', async () => {
    let resident = 200;
    const loaded = loadedMemory();
    const { fake } = open({
      'memory.loaded': () => [
        { ...loaded, sample: { ...loaded.sample, resident: resident * 2 ** 20 } },
      ],
    });
    await screen.findByRole('img', { name: /^Measured: 200 MB/ });
    resident = 300;
    fake.push('memory.changed', { modelId: 'm' });
    expect(await screen.findByRole('img', { name: /^Measured: 300 MB/ })).toBeTruthy();
  });

  it('tells the same as the chart in a table', async () => {
    const sample: MemorySample = { ...loadedMemory().sample, at: Date.now() - 1000 };
    const { fake } = open({
      'memory.loaded': () => [loadedMemory()],
      'memory.history': () => [sample],
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'The same as a table' }));
    const table = screen.getByRole('table', { name: 'Memory of granite-4.0-h-tiny over time' });
    expect(within(table).getAllByRole('row')).toHaveLength(2);
    await fireEvent.click(screen.getByRole('radio', { name: '1 hour' }));
    await waitFor(() => {
      const asked = fake.calls.filter((call) => call.name === 'memory.history');
      const spans = asked.map((call) => Date.now() - (call.args as { since: number }).since);
      expect(Math.max(...spans)).toBeGreaterThanOrEqual(3_600_000);
    });
  });
});

describe('the cost matrix', () => {
  it('sets hybrid beside all attention, and says by word what fits', async () => {
    open({});
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
