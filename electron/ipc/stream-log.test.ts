import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStreamLog, createStreamLogs } from './stream-log.ts';

type Event = { readonly type: 'text'; readonly text: string } | { readonly type: 'done' };
const text = (value: string): Event => ({ type: 'text', text: value });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('stream log', () => {
  it('replays what a late reader lacks and follows to the last event', async () => {
    const log = createStreamLog<Event>();
    log.append(text('a'));
    log.append(text('b'));
    const reading = collect(log.read(1, new AbortController().signal));
    await Promise.resolve();
    log.append(text('c'));
    log.append({ type: 'done' });
    expect(await reading).toEqual([
      { seq: 2, event: text('b') },
      { seq: 3, event: text('c') },
      { seq: 4, event: { type: 'done' } },
    ]);
    expect(log.ended).toBe(true);
  });

  it('gives two readers the same numbers', async () => {
    const log = createStreamLog<Event>();
    const signal = new AbortController().signal;
    const both = [collect(log.read(0, signal)), collect(log.read(0, signal))];
    for (const letter of 'abc') {
      log.append(text(letter));
      await Promise.resolve();
    }
    log.append({ type: 'done' });
    const [first, second] = await Promise.all(both);
    expect(first).toEqual(second);
    expect(first?.map((item) => item.seq)).toEqual([1, 2, 3, 4]);
  });

  it('lets a waiting reader go when its signal is aborted, and refuses events after the last', async () => {
    const log = createStreamLog<Event>();
    const leaving = new AbortController();
    const reading = collect(log.read(0, leaving.signal));
    leaving.abort();
    expect(await reading).toEqual([]);
    log.append({ type: 'done' });
    expect(() => log.append(text('late'))).toThrow(/after the last event/);
  });
});

describe('stream logs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('keeps an ended log for a while, then answers not-found', async () => {
    const logs = createStreamLogs<Event>(1000);
    const log = logs.create('run');
    vi.advanceTimersByTime(5000);
    log.append({ type: 'done' });
    vi.advanceTimersByTime(999);
    expect(await collect(logs.get('run').read(0, new AbortController().signal))).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(() => logs.get('run')).toThrow(expect.objectContaining({ code: 'not-found' }));
    logs.close();
  });
});
