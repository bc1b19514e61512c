/**
 * The serving side of the contract tests: every call of CORE answered by a stand-in that notes that
 * it was reached, and a few calls of the tests' own. Runs within the test and, started as a program,
 * in a process of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../electron/ipc/app-error.ts';
import { coreCallNames, privateCallNames } from '../../electron/ipc/contract/index.ts';
import type { Pushes, Streams, TurnEvent } from '../../electron/ipc/contract/index.ts';
import { processTransport } from '../../electron/ipc/process-transport.ts';
import { createServer } from '../../electron/ipc/server.ts';
import type { CallHandlers } from '../../electron/ipc/shape.ts';
import { createStreamLogs } from '../../electron/ipc/stream-log.ts';
import type { Transport } from '../../electron/ipc/transport.ts';
import { coreValidators } from '../../electron/ipc/validators.ts';
import type { CoreContract } from '../../electron/ipc/validators.ts';

interface PeerCalls {
  /** Calls and streams of CORE that got past the checks, oldest first; then forgotten. */
  'peer.reached': { args: Record<string, never>; value: readonly string[] };
  'peer.echo': { args: { value: unknown }; value: unknown };
  /** Pushes tasks.changed with the ids 1 to count, then answers. */
  'peer.push': { args: { count: number }; value: null };
  'peer.fail': { args: { how: 'typed' | 'unforeseen' | 'late' }; value: null };
  /** Answers only when cancelled. */
  'peer.wait': { args: Record<string, never>; value: null };
  /** How many waits were cancelled and how many readers of streams have left so far. */
  'peer.left': { args: Record<string, never>; value: { waits: number; readers: number } };
  /** Starts a run of so many text events, then its last one; it stays open for `peer.finish` when asked to. */
  'peer.start': { args: { turnId: string; texts: number; finish: boolean }; value: null };
  'peer.finish': { args: { turnId: string }; value: null };
  'peer.die': { args: Record<string, never>; value: null };
}
export interface PeerContract {
  readonly calls: CoreContract['calls'] & PeerCalls;
  readonly pushes: Pushes;
  readonly streams: Streams;
}

/** @param die ends this side as a crash would. */
export function servePeer(transport: Transport, die: () => void): void {
  let reached: string[] = [];
  let waits = 0;
  let readers = 0;
  const logs = createStreamLogs<TurnEvent>();

  const stand = Object.fromEntries(
    [...coreCallNames, ...privateCallNames].map((name) => [name, () => void reached.push(name)]),
  ) as unknown as CallHandlers<CoreContract>;
  const own: CallHandlers<{ calls: PeerCalls; pushes: object; streams: object }> = {
    'peer.reached': () => {
      const names = reached;
      reached = [];
      return names;
    },
    'peer.echo': ({ value }) => value,
    'peer.push': ({ count }) => {
      for (let id = 1; id <= count; id += 1) server.push('tasks.changed', { taskId: `${id}` });
      return null;
    },
    'peer.fail': async ({ how }) => {
      if (how === 'late') await sleep(5);
      if (how === 'unforeseen') throw new RangeError('nobody thought of this');
      throw new AppError('model-too-large', 'too large', { detail: { needed: 12, free: 7 } });
    },
    'peer.wait': (_args, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          waits += 1;
          resolve(null);
        });
      }),
    'peer.left': () => ({ waits, readers }),
    'peer.start': ({ turnId, texts, finish }) => {
      const log = logs.create(turnId);
      for (let index = 1; index <= texts; index += 1) {
        log.append({ type: 'text', text: `${index} ` });
      }
      if (finish) log.append({ type: 'failed', error: failure, message: null });
      return null;
    },
    'peer.finish': ({ turnId }) => {
      logs.get(turnId).append({ type: 'failed', error: failure, message: null });
      return null;
    },
    'peer.die': () => {
      die();
      return new Promise(() => {});
    },
  };
  const pass = Object.fromEntries(Object.keys(own).map((name) => [name, (args: unknown) => args]));

  const server = createServer<PeerContract>(transport, {
    calls: { ...stand, ...own },
    streams: {
      async *turn({ turnId, after }, signal) {
        reached.push('turn');
        try {
          yield* logs.get(turnId).read(after, signal);
        } finally {
          if (signal.aborted) readers += 1;
        }
      },
      // eslint-disable-next-line require-yield -- a stream that breaks before its first event
      async *task() {
        reached.push('task');
        throw new AppError('not-found', 'no such task');
      },
    },
    validate: {
      calls: { ...coreValidators.calls, ...pass } as never,
      streams: coreValidators.streams,
    },
  });
}

const failure = { code: 'engine-crashed', message: 'ended' } as const;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const transport = processTransport(process);
  servePeer(transport, () => process.kill(process.pid, 'SIGKILL'));
  transport.onClose(() => process.exit(0));
}
