import { describe, expect, it } from 'vitest';
import { fakeApi, refusal } from '../api.fake.ts';
import { createClient } from '../api.ts';
import { asked } from './asked.svelte.ts';

const settle = () => new Promise((done) => setTimeout(done, 0));

describe('asked', () => {
  it('asks at once, and again when something changed', async () => {
    let n = 0;
    const fake = fakeApi();
    const state = asked(createClient(fake.api), 'models.changed', async () => ++n);
    await settle();
    expect(state.value).toBe(1);
    fake.push('models.changed', { modelId: null });
    await settle();
    expect(state.value).toBe(2);
    state.close();
    fake.push('models.changed', { modelId: null });
    await settle();
    expect(n).toBe(2);
  });

  it('asks exactly once more for any number of changes during a question', async () => {
    let n = 0;
    let release = () => undefined as void;
    const fake = fakeApi();
    const state = asked(createClient(fake.api), 'models.changed', async () => {
      n += 1;
      if (n === 1) await new Promise<void>((done) => (release = done));
      return n;
    });
    fake.push('models.changed', { modelId: null });
    fake.push('models.changed', { modelId: null });
    release();
    await settle();
    expect([n, state.value]).toEqual([2, 2]);
  });

  it('loses no question that is asked just as the last answer arrives', async () => {
    let truth = 0;
    const state = asked(createClient(fakeApi().api), 'models.changed', async () => truth);
    // Every microtask of the answer's way is a moment at which a change can come.
    for (let moment = 0; moment < 12; moment += 1) {
      void state.refresh();
      for (let wait = 0; wait < moment; wait += 1) await Promise.resolve();
      truth += 1;
      void state.refresh();
      await settle();
      expect([moment, state.value]).toEqual([moment, truth]);
    }
  });

  it('asks again when CORE was started again, and keeps the last answer on refusal', async () => {
    let n = 0;
    const fake = fakeApi();
    const state = asked(createClient(fake.api), 'models.changed', async () => {
      n += 1;
      if (n === 2) throw refusal('core-unavailable');
      return n;
    });
    await settle();
    fake.push('shell.core', { state: 'restarting', restarts: 1, error: null });
    await settle();
    expect(n).toBe(1);
    fake.push('shell.core', { state: 'ready', restarts: 1, error: null });
    await settle();
    expect([state.value, state.error?.code]).toEqual([1, 'core-unavailable']);
    await state.refresh();
    expect([state.value, state.error]).toEqual([3, null]);
  });

  it('ignores changes that are about something else', async () => {
    let n = 0;
    const fake = fakeApi();
    asked(
      createClient(fake.api),
      'conversations.changed',
      async () => ++n,
      ({ conversationId }) => conversationId === 'mine',
    );
    await settle();
    fake.push('conversations.changed', { conversationId: 'other' });
    await settle();
    expect(n).toBe(1);
  });
});
