import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { EngineCallName, FromEngine, ToEngine } from './channel.ts';
import type { EngineHost } from './host.ts';
import { openEngine } from './host.ts';

// The ENGINE process: one loaded model, asked over the channel that its parent opened. It ends as soon
// as the parent is gone, and it says nothing on standard output.

type Call = Extract<ToEngine, { type: 'call' }>;

let host: EngineHost | null = null;
const running = new Map<number, AbortController>();

function send(frame: FromEngine): void {
  if (process.connected) process.send?.(frame);
}

function loaded(): EngineHost {
  if (!host) throw new AppError('model-not-loaded', 'no model is loaded in this process');
  return host;
}

async function answer(call: Call): Promise<unknown> {
  switch (call.name) {
    case 'load': {
      if (host) throw new AppError('model-busy', 'this process has its model');
      host = await openEngine(call.args, createProgress());
      return host.info;
    }
    case 'generate': {
      const controller = new AbortController();
      running.set(call.id, controller);
      try {
        await loaded().generate(call.args, controller.signal, (event) =>
          send({ type: 'event', id: call.id, event }),
        );
      } finally {
        running.delete(call.id);
      }
      return null;
    }
    case 'render':
      return loaded().render(call.args);
    case 'countTokens':
      return loaded().countTokens(call.args);
    case 'memory':
      return loaded().memory();
    case 'forget':
      await loaded().forget(call.args);
      return null;
    case 'close':
      for (const controller of running.values()) controller.abort();
      await host?.dispose();
      return null;
  }
}

/** llama.cpp reports after every tensor; whole percents are enough. */
function createProgress(): (fraction: number) => void {
  let told = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent <= told) return;
    told = percent;
    send({ type: 'loading', fraction });
  };
}

async function onCall(call: Call): Promise<void> {
  const name: EngineCallName = call.name;
  try {
    send({ type: 'value', id: call.id, value: await answer(call) });
  } catch (error) {
    send({ type: 'error', id: call.id, error: toErrorShape(error) });
  }
  if (name === 'close') process.disconnect();
}

process.on('message', (frame: ToEngine) => {
  if (frame.type === 'abort') running.get(frame.id)?.abort();
  else void onCall(frame);
});

// `process.exit` would wait for the batch that is being evaluated; nobody is left to wait for it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
