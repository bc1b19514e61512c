import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ErrorShape, ModelFit } from '../../../../electron/ipc/contract/index.ts';
import { appWith, loadedState, model, withoutLayout } from '../../samples.fake.ts';
import { distinctNames, speedWords } from '../models/facts.ts';
import MachineSpeedLine from '../models/MachineSpeedLine.svelte';
import FailureNote from './FailureNote.svelte';
import SwitchLine from './SwitchLine.svelte';
import { modelNote, statsWords } from './words.ts';

beforeAll(withoutLayout);
afterEach(cleanup);

const gib = 2 ** 30;
const fit = (over: Partial<ModelFit>): ModelFit => ({
  ...{ verdict: 'fits', needed: 12 * gib, available: 9.1 * gib, unloads: [] },
  ...over,
});
const refused: ErrorShape = {
  code: 'model-too-large',
  message: '',
  detail: {
    ...{ needed: 12 * gib, available: 9.1 * gib, total: 16 * gib, context: 131_072 },
    ...{ modelId: 'm', shorter: 16_384, unload: 'Micro', unloadId: 'u' },
    ...{ smaller: 'Granite 4.0 H-Tiny Q3_K_M', smallerNeeds: 4 * gib },
  },
};

describe('the list of models', () => {
  it('says of each whether it is there, fits, makes room, or why not', () => {
    expect(modelNote(model({ fit: fit({}) }))).toBe('fits, needs 4.5 GB');
    expect(modelNote(model({ fit: fit({ verdict: 'loaded' }), loaded: loadedState() }))).toBe(
      'in memory, 4.5 GB',
    );
    expect(modelNote(model({ fit: fit({ verdict: 'makes-room', unloads: ['Micro'] }) }))).toBe(
      'needs 4.5 GB; unloads Micro',
    );
    expect(modelNote(model({ fit: fit({ verdict: 'no' }) }))).toBe(
      'does not fit: needs 12 GB, 9.1 GB free',
    );
    expect(modelNote(model({ missing: true, fit: fit({}) }))).toBe('file is gone');
  });
});

describe('models of one name', () => {
  it('are told apart by quantisation, then by where they came from', () => {
    const { header } = model({});
    const q4 = { ...header, quantization: 'Q4_K_M' };
    const q8 = { ...header, quantization: 'Q8_0' };
    const names = distinctNames([
      model({ id: 'a', name: 'Micro', header: q4 }),
      model({ id: 'b', name: 'Tiny', header: q4 }),
      model({ id: 'c', name: 'Tiny', header: q8, origin: 'copied' }),
      model({ id: 'd', name: 'Tiny', header: q8, origin: 'referenced' }),
    ]);
    expect([...names.values()]).toEqual([
      'Micro',
      'Tiny Q4_K_M',
      'Tiny Q8_0, copied into Quarry’s data folder',
      'Tiny Q8_0, used where it lies',
    ]);
  });
});

describe('the line below an answer', () => {
  const stats = {
    ...{ promptTokens: 1, keptTokens: 0, readTokens: 1, answerTokens: 1, tokensPerSecond: null },
    ...{ contextUsed: 1, contextSize: 1, threads: 1, droppedMessages: 0, droppedPassages: 0 },
    firstTokenMs: 400,
  };
  it.each([
    [{}, '0.4 s to first token'],
    [{ loadMs: 2600 }, '3 s to first token, 2.6 s of it loading'],
    [{ switchedFrom: 'Micro' }, '0.4 s to first token after switching from Micro'],
    [
      { switchedFrom: 'Micro', loadMs: 2600 },
      '3 s to first token after switching from Micro, 2.6 s of it loading',
    ],
  ])('of a turn with %o says: %s', (over, words) => {
    const shown = statsWords({ ...stats, ...over }).map((part) => part.replaceAll('\u00a0', ' '));
    expect(shown[0]).toBe(words);
  });
});

describe('a model that was chosen', () => {
  const show = (over: Parameters<typeof model>[0]) => {
    const onother = vi.fn();
    const { context } = appWith();
    render(SwitchLine, { props: { model: model(over), onother }, context });
    return onother;
  };

  it('shows how far its loading is', () => {
    show({ loaded: loadedState({ state: 'loading', fraction: 0.4 }) });
    expect(screen.getByText('Loading granite-4.0-h-tiny, 40%')).toBeTruthy();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('40');
  });

  it('is refused with numbers, and another one can be chosen', async () => {
    const onother = show({ error: refused });
    expect(screen.getByRole('alert').textContent).toContain(
      'It needs 12 GB with 131,072 tokens of context, 9.1 GB are available.',
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Choose another model' }));
    expect(onother).toHaveBeenCalledOnce();
  });

  it('says nothing once it is loaded', () => {
    show({ loaded: loadedState(), error: refused });
    expect(document.body.textContent?.trim()).toBe('');
  });
});

describe('a refusal (lmstudio#1544: nobody should have to turn a guard off)', () => {
  const open = () => {
    const load = vi.fn(() => ({ taskId: 't' }));
    const unload = vi.fn(() => null);
    const onretry = vi.fn();
    const { context } = appWith({ 'models.load': load, 'models.unload': unload });
    render(FailureNote, { props: { error: refused, onretry }, context });
    return { load, unload, onretry };
  };

  it('offers the context that fits, and asks again with it', async () => {
    const { load, onretry } = open();
    await fireEvent.click(screen.getByRole('button', { name: /^Load with 16,384 tokens/ }));
    await waitFor(() => expect(onretry).toHaveBeenCalledOnce());
    expect(load).toHaveBeenCalledWith({ modelId: 'm', contextSize: 16_384 });
  });

  it('offers to unload what is in the way', async () => {
    const { load, unload, onretry } = open();
    await fireEvent.click(screen.getByRole('button', { name: 'Unload Micro' }));
    await waitFor(() => expect(onretry).toHaveBeenCalledOnce());
    expect(unload).toHaveBeenCalledWith({ modelId: 'u' });
    expect(load).toHaveBeenCalledWith({ modelId: 'm' });
  });

  it('names the coarser weights that would fit', () => {
    open();
    expect(screen.getByText('Granite 4.0 H-Tiny Q3_K_M would fit: it needs 4 GB.')).toBeTruthy();
  });
});

describe('speed in words', () => {
  it.each([
    [9.34, 14.2, 'about 9.3–14 tokens a second'],
    [31.7, 58.4, 'about 32–58 tokens a second'],
    [0.48, 0.91, 'about 0.5–0.9 tokens a second'],
  ])('%d to %d: %s', (low, high, words) => {
    expect(speedWords({ low, high, from: 'bandwidth' })).toBe(words);
  });

  it('says nothing where it cannot be told', () => {
    expect(speedWords(null)).toBe('');
  });

  it('says what was measured, and measures again', async () => {
    const measure = vi.fn(() => speed);
    const speed = {
      bandwidth: { one: 10 * gib, all: 20 * gib, threads: 8, at: Date.UTC(2026, 10, 22, 12) },
      graphics: null,
    };
    const { context } = appWith({ 'models.measure': measure });
    render(MachineSpeedLine, { props: { speed }, context });
    expect(screen.getByText(/20 GB a second by 8 threads, 10 GB by a single one/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Measure again' }));
    await waitFor(() => expect(measure).toHaveBeenCalledWith({ again: true }));
  });
});
