import type { Clock, Ids } from '../core/ports.ts';
import type { Engine, EngineEvent, GenerateRequest } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { QueueEntry } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';

/** An entry without its conversation's title, which whoever shows it looks up. */
export type Run = Omit<QueueEntry, 'title'>;

export interface Runs {
  /** The same engine, whose answers are listed while they run and can be cancelled. */
  watch(modelId: string, engine: Engine): Engine;
  /** In the order of arrival; what runs before what waits. */
  list(modelId?: string): readonly Run[];
  /** Ends one as a stop does: it is told 'aborted'. Throws 'not-found'. */
  cancel(id: string): void;
}

interface Entry {
  run: Run;
  readonly isBackground: boolean;
  readonly controller: AbortController;
}

/** Every run of every loaded model, from the moment it is asked for to its last event. */
export function createRuns(ports: {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onChanged: (modelId: string) => void;
}): Runs {
  const entries = new Map<string, Entry>();

  const list: Runs['list'] = (modelId) => {
    const all = [...entries.values()].filter(
      ({ run }) => modelId === undefined || run.modelId === modelId,
    );
    const shown = all.map(({ run, isBackground }): Run => {
      // By the rule of engine/scheduler.ts: background work gets nothing while somebody waits.
      const isHeld =
        isBackground &&
        all.some(
          (other) =>
            !other.isBackground &&
            other.run.modelId === run.modelId &&
            other.run.state !== 'waiting',
        );
      return isHeld && run.state !== 'waiting' ? { ...run, state: 'paused' } : run;
    });
    const rank = ({ state, position }: Run): number => (state === 'waiting' ? 1 + position : 0);
    return shown.sort((a, b) => rank(a) - rank(b));
  };

  async function* generate(
    modelId: string,
    engine: Engine,
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    const id = ports.ids.next();
    const controller = new AbortController();
    const entry: Entry = {
      controller,
      isBackground: request.priority === 'background',
      run: {
        id,
        modelId,
        purpose: request.purpose?.kind ?? 'answer',
        conversationId:
          request.purpose === undefined ? request.sessionId : request.purpose.conversationId,
        ...{ state: 'reading', position: 0, done: 0, total: 0 },
        since: ports.clock.now(),
      },
    };
    const become = (change: Partial<Run>): void => {
      const before = entry.run;
      entry.run = { ...before, ...change };
      const { state, position } = entry.run;
      if (state !== before.state || position !== before.position) ports.onChanged(modelId);
    };
    entries.set(id, entry);
    ports.onChanged(modelId);
    try {
      for await (const event of engine.generate(
        request,
        AbortSignal.any([signal, controller.signal]),
      )) {
        if (event.type === 'queued') become({ state: 'waiting', position: event.position });
        else if (event.type === 'text') become({ state: 'writing', position: 0 });
        else if (event.type === 'reading') {
          become({ state: 'reading', position: 0, done: event.done, total: event.total });
        }
        yield event;
      }
    } finally {
      entries.delete(id);
      ports.onChanged(modelId);
    }
  }

  return {
    watch: (modelId, engine) =>
      // The engine itself stays behind it, with members that change.
      Object.create(engine, {
        generate: {
          value: (request: GenerateRequest, signal: AbortSignal) =>
            generate(modelId, engine, request, signal),
        },
      }) as Engine,
    list,
    cancel(id) {
      const entry = entries.get(id);
      if (entry === undefined) throw new AppError('not-found', 'no such run', { detail: { id } });
      entry.controller.abort();
    },
  };
}

/** @param titleOf A conversation's title; null where there is none. */
export function queueHandlers(
  runs: Runs,
  titleOf: (conversationId: string) => string | null,
): Pick<HandlersOf<'models'>, 'models.queue' | 'models.cancelRun'> {
  return {
    'models.queue': ({ modelId }) =>
      runs.list(modelId).map((run) => ({
        ...run,
        title: run.conversationId === null ? '' : (titleOf(run.conversationId) ?? ''),
      })),
    'models.cancelRun': ({ runId }) => {
      runs.cancel(runId);
      return null;
    },
  };
}
