import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import type { TaskEvent } from '../ipc/contract/index.ts';
import type { TaskHandle } from './ports.ts';
import { createTasks } from './tasks.ts';

function setUp() {
  const pushed: string[] = [];
  let next = 0;
  const tasks = createTasks({
    announcer: { push: (name) => void pushed.push(name) },
    clock: { now: () => Date.now() },
    ids: { next: () => `task-${++next}` },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  return { tasks, pushed };
}

async function eventsOf(stream: AsyncIterable<{ event: TaskEvent }>): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const { event } of stream) events.push(event);
  return events;
}

const spec = { kind: 'import', subject: 'a file', unit: 'bytes' } as const;
const never = new AbortController().signal;

describe('tasks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends as done, with the last progress in the last event', async () => {
    const { tasks } = setUp();
    const { id } = tasks.start({ ...spec, total: 10 }, async (handle) => {
      handle.progress({ done: 4 });
      handle.progress({ done: 10, current: 'x' });
    });
    await tasks.finished(id);
    const events = await eventsOf(tasks.stream({ taskId: id, after: 0 }, never));
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      task: { done: 10, state: 'done', current: null },
    });
    expect(events.filter((event) => event.type !== 'progress')).toHaveLength(1);
  });

  it('announces progress although the clock was set back', async () => {
    const { tasks } = setUp();
    vi.setSystemTime(3_600_000);
    let handle: TaskHandle | undefined;
    let finish = (): void => {};
    const { id } = tasks.start(spec, (given) => {
      handle = given;
      return new Promise((resolve) => (finish = resolve));
    });
    await vi.advanceTimersByTimeAsync(200);
    vi.setSystemTime(0);
    handle?.progress({ done: 5 });
    await vi.advanceTimersByTimeAsync(500);
    const leave = new AbortController();
    const seen: number[] = [];
    for await (const { event } of tasks.stream({ taskId: id, after: 0 }, leave.signal)) {
      seen.push(event.task.done);
      if (seen.length === 2 || event.task.done === 5) leave.abort();
    }
    expect(seen).toEqual([0, 5]);
    finish();
    await tasks.finished(id);
  });

  it('announces progress at most ten times a second and never loses the latest', async () => {
    const { tasks, pushed } = setUp();
    let handle: TaskHandle | undefined;
    let finish = (): void => {};
    const { id } = tasks.start(spec, (given) => {
      handle = given;
      return new Promise((resolve) => (finish = resolve));
    });
    await vi.advanceTimersByTimeAsync(0);
    for (let step = 1; step <= 1000; step += 1) {
      handle?.progress({ done: step });
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(pushed.length).toBeLessThanOrEqual(12);
    expect(pushed.length).toBeGreaterThan(8);
    expect(tasks.list()[0]?.done).toBe(1000);
    finish();
    await tasks.finished(id);
  });

  it('tells stopped from failed', async () => {
    const { tasks } = setUp();
    const stopped = tasks.start(
      spec,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('whatever it threw')));
        }),
    );
    await vi.advanceTimersByTimeAsync(0);
    tasks.cancel(stopped.id);
    await expect(tasks.finished(stopped.id)).rejects.toMatchObject({ code: 'cancelled' });

    const failed = tasks.start(spec, async () => {
      throw new AppError('disk-full', 'no room', { detail: { needed: 5 } });
    });
    await expect(tasks.finished(failed.id)).rejects.toMatchObject({ code: 'disk-full' });
    const events = await eventsOf(tasks.stream({ taskId: failed.id, after: 0 }, never));
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'disk-full', detail: { needed: 5 } },
    });
  });

  it('forgets an ended task after a while and does not know made-up ones', async () => {
    const { tasks } = setUp();
    const { id } = tasks.start(spec, async () => {});
    await tasks.finished(id);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(tasks.list()).toEqual([]);
    expect(() => tasks.cancel(id)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => tasks.stream({ taskId: id, after: 0 }, never)).toThrow(/no such run/);
  });

  it('aborts what runs at close and waits for it', async () => {
    const { tasks } = setUp();
    let cleanedUp = false;
    tasks.start(spec, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      cleanedUp = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    await tasks.close();
    expect(cleanedUp).toBe(true);
  });
});
