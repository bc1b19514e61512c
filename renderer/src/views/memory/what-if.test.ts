import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CatalogEntry, MemoryComparison } from '../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  comparison,
  loadedMemory,
  model,
  predictedMemory,
  withoutLayout,
} from '../../samples.fake.ts';
import { contextsUpTo, refOfKey, keyOfRef } from '../../state/what-if.svelte.ts';
import MemoryView from './MemoryView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);
const giga = 2 ** 30;

const entry = {
  id: 'granite-4.0-h-small',
  name: 'H-Small',
  use: 'chat',
  variant: 'instruct',
  shapeStatus: 'known',
  parameters: 32e9,
  offers: [
    {
      quantization: 'Q4_K_M',
      bytes: 18 * giga,
      predicted: { ceiling: 18 * giga },
      needed: 20 * giga,
    },
  ],
  best: { quantization: 'Q4_K_M' },
} as unknown as CatalogEntry;

function open(answers: FakeAnswers = {}, entries = [entry]) {
  const made = appWith({
    'models.list': () => [model()],
    'models.catalog': () => ({
      asOf: '2026-11-22',
      machine: { total: 16 * giga, available: 9 * giga, capacity: 14 * giga },
      ...{ context: 32_768, sessions: 1, entries, pick: null },
    }),
    'memory.predict': (args) =>
      predictedMemory({
        modelId: args.modelId ?? null,
        catalogId: args.catalogId ?? null,
        contextSize: args.contextSize ?? 4096,
        sessions: args.sessions ?? 1,
        kvType: args.kvType ?? 'f16',
        total: (args.catalogId ? 18 : 4) * giga + (args.contextSize ?? 0) * 65_536,
        machineAvailable: 9 * giga,
        machineTotal: 16 * giga,
      }),
    ...answers,
  });
  render(MemoryView, { context: made.context });
  return made;
}
const section = async (name: RegExp) => within(await screen.findByRole('region', { name }));

describe('what if', () => {
  it('predicts anew when a slider moves, and says what would stay free', async () => {
    const { fake } = open();
    const part = await section(/^What if$/);
    expect(await part.findByText('granite-4.0-h-tiny would take 6 GB')).toBeTruthy();
    expect(part.getByText('Fits: 3 GB would stay free.')).toBeTruthy();
    await fireEvent.keyDown(part.getByRole('slider', { name: 'Length of text' }), {
      key: 'ArrowRight',
    });
    expect(await part.findByText('granite-4.0-h-tiny would take 8 GB')).toBeTruthy();
    await fireEvent.keyDown(part.getByRole('slider', { name: 'Open conversations' }), {
      key: 'ArrowRight',
    });
    await fireEvent.click(part.getByRole('radio', { name: '8 bit' }));
    await waitFor(() => {
      expect(fake.calls).toContainEqual({
        name: 'memory.predict',
        args: { modelId: 'm', contextSize: 65_536, sessions: 2, kvType: 'q8_0' },
      });
    });
  });

  it('never says that something fits which a load would refuse to keep the machine from swapping', async () => {
    open({ 'models.list': () => [model({ plannedContext: 65_536 })] });
    const part = await section(/^What if$/);
    expect(
      await part.findByText(
        'Only just: 1 GB would stay free, and 2 GB are kept for everything else.',
      ),
    ).toBeTruthy();
    expect(part.queryByText(/^Fits/)).toBeNull();
  });

  it('says how much is missing where it does not fit (ollama 12692)', async () => {
    open({ 'models.list': () => [model({ plannedContext: 131_072 })] });
    const part = await section(/^What if$/);
    expect(await part.findByText('Does not fit: 3 GB are missing.')).toBeTruthy();
    const button = part.getByRole<HTMLButtonElement>('button', { name: 'Load with this set-up' });
    expect(button.disabled).toBe(true);
  });

  it('says how good predictions have been here, or that none was checked yet', async () => {
    open();
    const part = await section(/^What if$/);
    expect(
      await part.findByText(/^No prediction has been checked on this machine yet/),
    ).toBeTruthy();
    cleanup();
    open({
      'memory.predict': (args) =>
        predictedMemory({
          ...{ modelId: args.modelId ?? null, catalogId: args.catalogId ?? null },
          accuracy: { count: 7, medianPercent: 1.2, withinPercent: 3.1 },
        }),
    });
    const again = await section(/^What if$/);
    expect(
      await again.findByText(/within 3.1% \(half of them within 1.2%, 7 loads\)/),
    ).toBeTruthy();
  });

  it('loads with just the set-up that is shown', async () => {
    const { fake } = open({ 'models.load': () => ({ taskId: 't' }) });
    const part = await section(/^What if$/);
    await fireEvent.click(await part.findByRole('button', { name: 'Load with this set-up' }));
    expect(fake.calls).toContainEqual({
      name: 'models.load',
      args: { modelId: 'm', contextSize: 32_768, sessions: 1, kvType: 'f16' },
    });
  });

  it('begins at the set-up of the loaded model and says what that measures', async () => {
    open({ 'memory.loaded': () => [loadedMemory()] });
    const part = await section(/^What if$/);
    expect(await part.findByText('Loaded with this set-up: 200 MB measured.')).toBeTruthy();
    expect(part.queryByRole('button', { name: 'Load with this set-up' })).toBeNull();
  });

  it('offers powers of two up to the longest context', () => {
    expect(contextsUpTo(3000)).toEqual([1024, 2048, 3000]);
    expect(contextsUpTo(4096)).toEqual([1024, 2048, 4096]);
    expect(contextsUpTo(512)).toEqual([512]);
    for (const ref of [{ modelId: 'a b' }, { catalogId: 'c' }]) {
      expect(refOfKey(keyOfRef(ref))).toEqual(ref);
    }
  });
});

describe('hybrid beside dense', () => {
  const compared = (over: Partial<MemoryComparison>) =>
    open({ 'memory.compare': () => comparison(over) });

  it('says the difference at this set-up, and from where on it is one', async () => {
    compared({ breakEven: 2048 });
    expect(await screen.findByText('H-Micro takes 16% less than Micro')).toBeTruthy();
    expect(screen.getByText(/Predicted for 4,096 tokens, 1 conversation\./).textContent).toContain(
      'H-Micro takes less from 2,048 tokens in each conversation.',
    );
  });

  it('says so where the hybrid never takes less', async () => {
    compared({ breakEven: null, differencePercent: 4 });
    expect(await screen.findByText('H-Micro takes 4% more than Micro')).toBeTruthy();
    expect(
      screen.getByText(/H-Micro takes more at every length up to 131,072 tokens/),
    ).toBeTruthy();
  });

  it('calls a figure measured only if both were measured with this set-up', async () => {
    const { one, other } = comparison();
    const measured = { at: 0, resident: 2 * giga };
    compared({ one: { ...one, measured } });
    expect(await screen.findByText(/H-Micro measured with this set-up: 2 GB/)).toBeTruthy();
    expect(screen.queryByText(/^measured:/)).toBeNull();
    expect((await screen.findAllByText('predicted')).length).toBeGreaterThan(0);
    cleanup();
    compared({
      one: { ...one, measured },
      other: other && { ...other, measured: { at: 0, resident: 8 * giga } },
      measuredPercent: -75,
    });
    expect(await screen.findByText(/Measured on this machine.*2 GB and 8 GB, −75%/)).toBeTruthy();
    expect((await screen.findAllByText('measured: −75%')).length).toBeGreaterThan(0);
  });

  it('takes what is loaded now with the same set-up as a measurement, and nothing else', async () => {
    const { one, other } = comparison();
    const both = {
      'memory.compare': () =>
        comparison({
          one: { ...one, modelId: 'm' },
          other: other && { ...other, modelId: 'n' },
          ...{ contextSize: 32_768, sessions: 4 },
        }),
    };
    const dense = loadedMemory({ modelId: 'n' });
    const sample = { ...dense.sample, resident: 800 * 2 ** 20 };
    open({ ...both, 'memory.loaded': () => [loadedMemory(), { ...dense, sample }] });
    expect(
      await screen.findByText(/Measured on this machine.*200 MB and 800 MB, −75%/),
    ).toBeTruthy();
    cleanup();
    open({ ...both, 'memory.loaded': () => [loadedMemory(), { ...dense, sample, sessions: 1 }] });
    await screen.findByText(/H-Micro measured with this set-up: 200 MB/);
    expect(screen.queryByText(/Measured on this machine/)).toBeNull();
  });

  it('names the set-up in which “more than 70% less” is true, and where it is not', async () => {
    compared({});
    expect((await screen.findAllByText('True at 4,096 tokens each, and longer')).length).toBe(3);
    expect(screen.getByText(/^Not true for a short chat: 16% less/)).toBeTruthy();
  });

  it('puts the hybrid first when the dense one was chosen', async () => {
    const dense = comparison();
    const { fake } = open({
      'memory.compare': (args) =>
        args.one.modelId === 'm'
          ? comparison({ one: { ...(dense.other ?? dense.one), modelId: 'm' }, other: dense.one })
          : comparison(),
    });
    await screen.findByText('H-Micro takes 16% less than Micro');
    expect(fake.calls).toContainEqual({
      name: 'memory.compare',
      args: {
        one: { catalogId: 'granite-4.0-h-micro', quantization: 'Q4_K_M' },
        other: { modelId: 'm' },
        ...{ contextSize: 32_768, sessions: 1, kvType: 'f16' },
      },
    });
  });
});

describe('what it would take to run a model here', () => {
  it('says how much is missing, and lets the smallest set-up be tried', async () => {
    open();
    const part = await section(/^What would it take to run H-Small here/);
    expect(await part.findByText(/^H-Small does not fit: 11.1 GB are missing$/)).toBeTruthy();
    expect(part.getByText(/The machine has 16 GB in all, which is too little/)).toBeTruthy();
    await fireEvent.click(part.getByRole('button', { name: 'Try in What if' }));
    const whatIf = await section(/^What if$/);
    expect(await whatIf.findByText(/would take 18\.1 GB/)).toBeTruthy();
  });
});
