import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../ipc/app-error.ts';
import type { Numbered } from '../ipc/contract/index.ts';
import { processTransport } from '../ipc/process-transport.ts';
import { createServer } from '../ipc/server.ts';
import type { EngineContract } from './channel.ts';
import type { EngineHost } from './host.ts';
import { openEngine } from './host.ts';
import type { EngineEvent, GenerateRequest } from './port.ts';

// The ENGINE process: one loaded model, asked over the channel that its parent opened. Whatever native
// code prints goes to standard output and error, never between the frames.

let host: EngineHost | null = null;
let loading = false;
const running = new Map<string, { controller: AbortController; answer: Promise<unknown> }>();

/** CORE ends the process by force some time later (client.ts). */
const graceMs = 2000;

const server = createServer<EngineContract>(processTransport(process), {
  calls: {
    async load(request) {
      if (loading) throw new AppError('model-busy', 'this process has its model');
      loading = true;
      host = await openEngine(request, createProgress());
      return host.info;
    },
    stop({ run }) {
      running.get(run)?.controller.abort();
      return null;
    },
    render: (prompt) => loaded().render(prompt),
    countTokens: (prompt) => loaded().countTokens(prompt),
    memory: () => loaded().memory(),
    async forget({ sessionId }) {
      await loaded().forget(sessionId);
      return null;
    },
    trim: ({ checkpointBudget }) => loaded().trim(checkpointBudget),
    saveStates: (request) => loaded().saveStates(request),
    resizeStates: ({ budget }) => loaded().resizeStates(budget),
    trace: () => loaded().trace(),
    async close() {
      for (const { controller } of running.values()) controller.abort();
      const ended = Promise.all([...running.values()].map(({ answer }) => answer));
      await Promise.race([ended, delay(graceMs / 2)]);
      await host?.close(graceMs / 2);
      process.exit(0);
    },
  },
  streams: {
    generate: ({ run, request }, signal) => generate(run, request, signal),
  },
});

// `process.exit` would wait for the batch that is being evaluated; nobody is left to wait for it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

function loaded(): EngineHost {
  if (!host) throw new AppError('model-not-loaded', 'no model is loaded in this process');
  return host;
}

/** Turns the events of an answer into a numbered stream. A reader that leaves stops the answer. */
async function* generate(
  run: string,
  request: GenerateRequest,
  left: AbortSignal,
): AsyncGenerator<Numbered<EngineEvent>> {
  const engine = loaded();
  const controller = new AbortController();
  const arrived: EngineEvent[] = [];
  let wake = (): void => undefined;
  let ended = false;
  const answer = engine
    .generate(request, AbortSignal.any([controller.signal, left]), (event) => {
      arrived.push(event);
      wake();
    })
    .finally(() => {
      ended = true;
      // Not when its reader leaves: who closes waits until its session is free, and can be kept.
      running.delete(run);
      wake();
    });
  // Awaited below; until then a failure must not count as unhandled.
  running.set(run, { controller, answer: answer.catch(() => undefined) });
  try {
    for (let seq = 1; ;) {
      for (const event of arrived.splice(0)) yield { seq: seq++, event };
      if (arrived.length > 0) continue;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await answer;
  } finally {
    controller.abort();
  }
}

/** llama.cpp reports after every tensor; whole percents are enough. */
function createProgress(): (fraction: number) => void {
  let told = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent <= told) return;
    told = percent;
    server.push('loading', fraction);
  };
}
