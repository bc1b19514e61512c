import { AppError, fromErrorShape, toErrorShape } from '../ipc/app-error.ts';
import type { Task, TaskEvent } from '../ipc/contract/index.ts';
import type { HandlersOf, StreamHandlers } from '../ipc/handlers.ts';
import { createStreamLogs } from '../ipc/stream-log.ts';
import type { StreamLog } from '../ipc/stream-log.ts';
import type { Announcer, Clock, Ids, Log, TaskHandle, Tasks } from './ports.ts';

/** How long an ended task stays in the list and its stream can be read. */
const keepMs = 5 * 60_000;
/** Between two announcements of progress; long runs are announced more rarely to keep their log small. */
const briskMs = 100;
const calmMs = 500;
const briskForMs = 30_000;

export interface TaskRegistry extends Tasks {
  readonly handlers: HandlersOf<'tasks'>;
  readonly stream: StreamHandlers['task'];
  /** Aborts what runs, waits for its end, and forgets everything. */
  close(): Promise<void>;
}

interface Entry {
  task: Task;
  readonly controller: AbortController;
  readonly log: StreamLog<TaskEvent>;
  readonly ended: Promise<void>;
}

export function createTasks(ports: {
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}): TaskRegistry {
  const entries = new Map<string, Entry>();
  const logs = createStreamLogs<TaskEvent>(keepMs);
  const forgetting = new Set<NodeJS.Timeout>();

  const find = (taskId: string): Entry => {
    const entry = entries.get(taskId);
    if (entry === undefined)
      throw new AppError('not-found', 'no such task', { detail: { id: taskId } });
    return entry;
  };

  const start: Tasks['start'] = (spec, work) => {
    const id = ports.ids.next();
    const startedAt = ports.clock.now();
    const controller = new AbortController();
    const log = logs.create(id);
    let lastAnnounced = -Infinity;
    let timer: NodeJS.Timeout | undefined;

    const announce = (): void => {
      clearTimeout(timer);
      timer = undefined;
      lastAnnounced = ports.clock.now();
      log.append({ type: 'progress', task: entry.task });
      ports.announcer.push('tasks.changed', { taskId: id });
    };

    const handle: TaskHandle = {
      id,
      signal: controller.signal,
      progress(update) {
        if (entry.task.state !== 'running') return;
        entry.task = { ...entry.task, ...update };
        if (timer !== undefined) return;
        const now = ports.clock.now();
        const pause = now - startedAt < briskForMs ? briskMs : calmMs;
        const passed = now - lastAnnounced;
        // Less than nothing: the clock was set back, and would keep progress still until it caught up.
        if (passed < 0 || passed >= pause) announce();
        else timer = setTimeout(announce, pause - passed);
      },
    };

    const end = (outcome: 'done' | 'stopped' | 'failed', cause?: unknown): void => {
      clearTimeout(timer);
      const error = outcome === 'failed' ? toErrorShape(cause) : null;
      const task: Task = { ...entry.task, state: outcome, error, current: null };
      entry.task = task;
      log.append(
        error === null
          ? { type: outcome as 'done' | 'stopped', task }
          : { type: 'failed', task, error },
      );
      ports.announcer.push('tasks.changed', { taskId: id });
      if (error !== null) ports.log.warn('task.failed', { kind: task.kind, code: error.code });
      const forget = setTimeout(() => {
        forgetting.delete(forget);
        entries.delete(id);
      }, keepMs);
      forget.unref();
      forgetting.add(forget);
    };

    // The work begins one microtask later, so that the record exists before it can report or end.
    const ended = Promise.resolve()
      .then(() => work(handle))
      .then(
        () => end('done'),
        (cause: unknown) =>
          controller.signal.aborted || toErrorShape(cause).code === 'cancelled'
            ? end('stopped')
            : end('failed', cause),
      );

    const entry: Entry = {
      task: {
        id,
        kind: spec.kind,
        subject: spec.subject,
        state: 'running',
        done: 0,
        total: spec.total ?? 0,
        unit: spec.unit,
        current: null,
        targetId: spec.targetId ?? null,
        failures: 0,
        error: null,
        startedAt,
      },
      controller,
      log,
      ended,
    };
    entries.set(id, entry);
    announce();
    return entry.task;
  };

  const list = (): readonly Task[] => [...entries.values()].map((entry) => entry.task);
  const cancel = (taskId: string): void => find(taskId).controller.abort();

  return {
    start,
    list,
    cancel,
    async finished(taskId) {
      const entry = find(taskId);
      await entry.ended;
      if (entry.task.error !== null) throw fromErrorShape(entry.task.error);
      if (entry.task.state === 'stopped') throw new AppError('cancelled', 'the task was stopped');
    },
    handlers: {
      'tasks.list': () => list(),
      'tasks.cancel': ({ taskId }) => {
        cancel(taskId);
        return null;
      },
    },
    stream: ({ taskId, after }, signal) => logs.get(taskId).read(after, signal),
    async close() {
      const running = [...entries.values()];
      for (const entry of running) entry.controller.abort();
      await Promise.all(running.map((entry) => entry.ended));
      for (const timer of forgetting) clearTimeout(timer);
      entries.clear();
      logs.close();
    },
  };
}
