import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LoadPlan } from '../../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../../api.fake.ts';
import type { FakeAnswers } from '../../../api.fake.ts';
import { wordingOf } from '../../../errors.ts';
import { appWith, model, settings, withoutLayout } from '../../../samples.fake.ts';
import EngineFields from '../../settings/EngineFields.svelte';
import { choicesOf, contextsUpTo } from './choices.ts';
import LoadDialog from './LoadDialog.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const gib = 2 ** 30;
const planned = (over: Partial<LoadPlan> = {}): LoadPlan => ({
  ...{ modelId: 'm', contextSize: 8192, sessions: 4, kvType: 'f16', verdict: 'fits', unloads: [] },
  ...{ needed: 5 * gib, available: 9 * gib, total: 16 * gib, checkpoints: 0, headroom: gib },
  ...{ loaded: null, isBusy: false, remembered: null, refusal: null },
  prediction: {
    ...{ weights: 2 * gib, kv: gib, recurrent: 0, compute: 0, output: 0, checkpoints: 0 },
    ...{ process: 0, total: 3 * gib, ceiling: 4 * gib },
  },
  ...over,
});
const detail = {
  ...{ modelId: 'm', needed: 20 * gib, available: 9 * gib, context: 131_072, sessions: 4 },
  ...{ kvType: 'f16', shorter: 32_768, shorterNeeds: 6 * gib },
  ...{ kv: 'q4_0', kvContext: 131_072, kvNeeds: 7 * gib },
  ...{ fewer: 1, fewerContext: 131_072, fewerNeeds: 8 * gib },
};
const tooLarge = { code: 'model-too-large', message: '', detail } as const;

async function open(plan: LoadPlan, answers: FakeAnswers = {}) {
  const made = appWith({
    'models.list': () => [model({ id: 'm', contextLimit: 131_072 })],
    'models.plan': ({ modelId: _, ...wish }) => ({ ...plan, ...wish }),
    'models.load': () => ({ taskId: 't' }),
    'memory.accuracy': () => ({ count: 7, medianPercent: 1, withinPercent: 3.1, records: [] }),
    ...answers,
  });
  let closed = false;
  const onclose = () => (closed = true);
  render(LoadDialog, { props: { modelId: 'm', onclose }, context: made.context });
  await screen.findByRole('slider', { name: 'Context' });
  const loads = () => made.fake.calls.filter(({ name }) => name === 'models.load');
  return { ...made, loads, closed: () => closed };
}
const key = (name: string, pressed: string) =>
  fireEvent.keyDown(screen.getByRole('slider', { name }), { key: pressed });

describe('how a model is to be loaded', () => {
  it('is chosen by keyboard, planned at every step, and loaded just so', async () => {
    const { fake, loads, closed } = await open(planned());
    expect(screen.getByText('3 GB predicted')).toBeTruthy();
    expect(screen.getByText('Fits: 9 GB of 16 GB are free')).toBeTruthy();
    expect(await screen.findByText(/within 3.1%, 7 loads so far/)).toBeTruthy();
    await key('Context', 'ArrowRight');
    await key('Conversations held at once', 'ArrowLeft');
    await fireEvent.click(screen.getByRole('radio', { name: '8 bits' }));
    expect(screen.getByText(/Experimental \(q8_0\): 53% of the memory/)).toBeTruthy();
    const wish = { contextSize: 16_384, sessions: 3, kvType: 'q8_0' };
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'models.plan', args: { modelId: 'm', ...wish } }),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Load' }));
    expect(loads()).toEqual([{ name: 'models.load', args: { modelId: 'm', ...wish } }]);
    await waitFor(() => expect(closed()).toBe(true));
  });

  it.each([
    ['memory', 'Automatic would choose 2,048 tokens: the most that fits now.'],
    ['trained', 'Automatic would choose 2,048 tokens: all that the model was trained for.'],
    ['demo', 'Automatic would choose 2,048 tokens: the miniature needs no more.'],
  ] as const)('says what decides an automatic context: %s', async (contextFrom, words) => {
    const automatic = {
      ...{ contextSize: 2048, contextFrom, threads: null, threadsFrom: 'measured' as const },
      ...{ timings: [], cores: 2, graphics: null },
    };
    await open(planned({ automatic }));
    await fireEvent.click(screen.getByRole('button', { name: 'Threads and calculation' }));
    expect(screen.getByText(words)).toBeTruthy();
  });

  it('is remembered only where that is wished, and forgotten the same way', async () => {
    const first = await open(planned());
    await fireEvent.click(screen.getByRole('switch', { name: 'Always load this model so' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Load' }));
    expect(first.loads()[0]?.args).toMatchObject({ remember: true });
    cleanup();
    const remembered = { contextSize: 8192, sessions: 4, kvType: 'f16' } as const;
    const second = await open(planned({ remembered }));
    const always = screen.getByRole('switch', { name: 'Always load this model so' });
    expect(always.getAttribute('aria-checked')).toBe('true');
    await fireEvent.click(always);
    await fireEvent.click(screen.getByRole('button', { name: 'Load' }));
    expect(second.loads()[0]?.args).toMatchObject({ remember: false });
  });

  it('that does not fit cannot be loaded, and what fits is one press away (lmstudio#1544)', async () => {
    await open(planned({ verdict: 'no', refusal: tooLarge }));
    expect(screen.getByRole('button', { name: 'Load' })).toHaveProperty('disabled', true);
    const group = within(screen.getByRole('group', { name: 'What would fit' }));
    expect(group.getAllByRole('button').map((one) => one.textContent.trim())).toEqual([
      '32,768 tokens: 6 GB',
      '4 bits: 7 GB',
      '1 conversation: 8 GB',
    ]);
    await fireEvent.click(group.getByRole('button', { name: '4 bits: 7 GB' }));
    expect(screen.getByRole('radio', { name: '4 bits' }).getAttribute('aria-checked')).toBe('true');
  });

  it('says what loading anew loses, and waits for an answer that is written', async () => {
    const loaded = { contextSize: 4096, sessions: 1, kvType: 'f16' } as const;
    await open(planned({ loaded }));
    expect(screen.getByRole('button', { name: 'Keep it so' })).toBeTruthy();
    await key('Context', 'End');
    expect(await screen.findByText(/drops what its conversations hold/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Load anew' })).toHaveProperty('disabled', false);
    cleanup();
    await open(planned({ loaded, isBusy: true }));
    await key('Context', 'End');
    expect(await screen.findByText(/It is writing an answer/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Load anew' })).toHaveProperty('disabled', true);
  });

  it('that is refused after all says why in the dialog', async () => {
    const busy = { context: 8192, needed: 5 * gib, available: 4 * gib };
    const { closed } = await open(planned(), {
      'models.load': () => {
        throw refusal('model-busy', busy);
      },
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Load' }));
    expect((await screen.findByRole('alert')).textContent).toContain(
      'With 8,192 tokens of context it would need 5 GB; 4 GB would be available.',
    );
    expect(closed()).toBe(false);
  });
});

describe('the words of a refusal', () => {
  it('name exactly what is loaded by each choice', () => {
    const same = { sessions: 4, kvType: 'f16' };
    expect(choicesOf(tooLarge).map(({ words, options }) => ({ words, options }))).toEqual([
      { words: '32,768 tokens of context', options: { ...same, contextSize: 32_768 } },
      {
        words: 'remembered text in 4 bits, 131,072 tokens',
        options: { sessions: 4, kvType: 'q4_0', contextSize: 131_072 },
      },
      {
        words: '1 conversation at once, 131,072 tokens',
        options: { sessions: 1, kvType: 'f16', contextSize: 131_072 },
      },
    ]);
    // A refusal that an earlier version kept with a message.
    const old = { code: 'model-too-large', message: '', detail: { shorter: 4096 } } as const;
    expect(choicesOf(old)).toMatchObject([{ options: { contextSize: 4096 }, needed: null }]);
  });

  it('say that memory was short where the system ended the engine', () => {
    const facts = { ...detail, name: 'Granite', reason: 'memory' };
    const { title, text } = wordingOf({ code: 'engine-crashed', message: '', detail: facts });
    expect(title).toBe('Memory ran out and the system ended the engine');
    expect(text).toContain(
      'Granite needs 20 GB with 131,072 tokens of context, 9 GB are available',
    );
    const plain = wordingOf({ code: 'engine-crashed', message: '' });
    expect(plain.title).toBe('The engine stopped before the answer was finished');
    const killed = wordingOf({ ...tooLarge, detail: { ...detail, reason: 'killed' } });
    expect(killed.text).toMatch(/^The system ended it while it was loading.*each of 4 conv/);
  });

  it('offer contexts up to the trained length', () => {
    expect(contextsUpTo(3000, 700)).toEqual([512, 700, 1024, 2048, 3000]);
    expect(contextsUpTo(512, 9999)).toEqual([512]);
  });
});

it('the setting says what each type costs', async () => {
  const changes: object[] = [];
  render(EngineFields, {
    props: {
      settings: settings({ kvType: 'q4_0' }),
      cores: 2,
      onchange: (values: object) => changes.push(values),
    },
  });
  expect(screen.getByText(/28% of the memory for remembered text/)).toBeTruthy();
});
