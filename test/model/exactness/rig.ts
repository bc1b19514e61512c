import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineLauncher } from '../../../electron/engine/client.ts';
import { openEngine } from '../../../electron/engine/host.ts';
import type {
  ChatPrompt,
  EngineEvent,
  EngineInfo,
  EngineMemory,
  GenerateRequest,
  LoadRequest,
} from '../../../electron/engine/port.ts';
import { isAlive, silent, until } from '../engine-support.ts';
import { listen } from './trace.ts';
import type { TraceEvent } from './trace.ts';

/** A loaded model, in a process of its own as it ships or, faster, in this one. */
export interface Rig {
  readonly info: EngineInfo;
  generate(
    request: GenerateRequest,
    signal: AbortSignal,
    onEvent: (event: EngineEvent) => void,
  ): Promise<void>;
  render(prompt: ChatPrompt): Promise<string>;
  memory(): Promise<EngineMemory>;
  forget(sessionId: string): Promise<void>;
  trim(budget: number): Promise<void>;
  saveStates(budget: number): Promise<void>;
  resizeStates(budget: number): Promise<void>;
  /** Tells the follower everything that has happened by now. */
  follow(): void;
  close(): Promise<void>;
  /** Ends the process at once, wherever it stands; as `close` where there is none. */
  kill(): Promise<void>;
}

export type RigKind = 'process' | 'inside';

export interface RigOptions {
  readonly request: LoadRequest;
  /** For the trace of a process. */
  readonly folder: string;
  tell(event: TraceEvent): void;
}

export function openRig(kind: RigKind, options: RigOptions): Promise<Rig> {
  return kind === 'process' ? openProcess(options) : openInside(options);
}

const plenty = 60_000;

async function openInside({ request, tell }: RigOptions): Promise<Rig> {
  listen(tell);
  const host = await openEngine(request, () => {}).finally(() => listen(null));
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await host.close(plenty);
  };
  return {
    info: host.info,
    generate: (asked, signal, onEvent) => host.generate(asked, signal, onEvent),
    render: async (prompt) => host.render(prompt),
    memory: () => host.memory(),
    forget: (sessionId) => host.forget(sessionId),
    trim: async (budget) => void host.trim(budget),
    saveStates: async (budget) => void (await host.saveStates({ budget, limitMs: plenty })),
    resizeStates: async (budget) => void (await host.resizeStates(budget)),
    follow: () => {},
    close,
    kill: close,
  };
}

const launcher = createEngineLauncher({
  nodePath: process.execPath,
  log: silent,
  entry: fileURLToPath(new URL('./engine-entry.ts', import.meta.url)),
});
let traces = 0;

async function openProcess({ request, folder, tell }: RigOptions): Promise<Rig> {
  const path = join(folder, `trace-${process.pid}-${++traces}`);
  const follow = createTail(path, tell);
  process.env['QUARRY_EXACTNESS_TRACE'] = path;
  const engine = await launcher.launch(request);
  const { info } = engine;
  const end = async (): Promise<void> => {
    await engine.close();
    follow();
    await rm(path, { force: true });
  };
  follow();
  return {
    info,
    follow,
    async generate(asked, signal, onEvent) {
      for await (const event of engine.generate(asked, signal)) onEvent(event);
    },
    render: (prompt) => engine.render(prompt),
    memory: () => engine.memory(),
    forget: (sessionId) => engine.forget(sessionId),
    trim: async (budget) => void (await engine.trim(budget)),
    saveStates: async (budget) => void (await engine.saveStates({ budget, limitMs: plenty })),
    resizeStates: async (budget) => void (await engine.resizeStates(budget)),
    close: end,
    async kill() {
      process.kill(info.pid, 'SIGKILL');
      await until(() => !isAlive(info.pid));
      await end();
    },
  };
}

/** Reads what was added to a file, line by line. A line that broke off with its process is none. */
function createTail(path: string, tell: (event: TraceEvent) => void): () => void {
  let at = 0;
  let rest = '';
  const piece = Buffer.alloc(1 << 20);
  return () => {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return;
    }
    for (;;) {
      const size = readSync(file, piece, 0, piece.length, at);
      if (size === 0) break;
      at += size;
      const lines = (rest + piece.toString('latin1', 0, size)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tell(JSON.parse(line) as TraceEvent);
    }
    closeSync(file);
  };
}
