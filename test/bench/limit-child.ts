/** One run of `npm run bench limit`, inside the control group. See limit.ts. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createMachine } from '../../electron/core/machine.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import { kvTypes } from '../../electron/ipc/contract/index.ts';
import { createBench } from '../integration/models-support.ts';
import { seeded } from '../support/seeded.ts';

const [folder = '', opsText = '0', seedText = '1', group = '', ...files] = process.argv.slice(2);
const ops = Number(opsText);
const random = seeded(Number(seedText));
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const machine = createMachine();
const limit = machine.memory().total;
let crashed = 0;
let told = 0;
const log = {
  info: () => {},
  warn: () => {},
  error: (event: string) => {
    if (event === 'engine.crashed') crashed += 1;
  },
};
const bench = createBench(createEngineLauncher({ nodePath: process.execPath, log }), folder, {
  machine,
  log,
  // Shapes are lent for measuring only.
  environment: { QUARRY_MEASURE: '1' },
});
await bench.set({ values: { threads: 1, sessions: 4 } });

const ids: string[] = [];
for (const path of files) {
  const started = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  ids.push(started.modelId);
  // The hash of a file of gigabytes is not what is looked at here.
  bench.tasks.cancel(started.taskId);
}

const counts = new Map<string, number>();
const add = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
const wrong: string[] = [];
/** The model of the operation. */
let asked = '';
let hog: ChildProcess | null = null;

const operations: Readonly<Record<string, () => Promise<void>>> = {
  load: async () => {
    const modelId = pick(ids);
    asked = modelId;
    const contextSize = pick([2048, 8192, 32_768, 131_072]);
    const { taskId } = await bench.models.handlers['models.load']({
      modelId,
      contextSize,
      sessions: pick([1, 4, 16]),
      kvType: pick(kvTypes),
    });
    await bench.tasks.finished(taskId);
  },
  ask: async () => {
    const modelId = pick(bench.models.loaded().map(({ model }) => model.id));
    if (modelId === undefined) return;
    asked = modelId;
    const lease = await bench.models.provider.acquire(modelId, { signal });
    try {
      const content = Array.from({ length: 20 + Math.floor(random() * 180) }, () =>
        pick(['pump', 'lease', 'tide', 'index', 'copper', 'seven', 'north']),
      ).join(' ');
      const request = {
        sessionId: `s${Math.floor(random() * 6)}`,
        prompt: { messages: [{ role: 'user' as const, content }] },
        sampling: { temperature: 0, topP: 1, topK: 0 },
        maxTokens: 4,
      };
      for await (const event of lease.engine.generate(request, signal))
        if (event.type === 'end') break;
    } finally {
      lease.release();
    }
  },
  unload: async () => {
    const modelId = pick(bench.models.loaded().map(({ model }) => model.id));
    if (modelId !== undefined) await bench.models.handlers['models.unload']({ modelId });
  },
  /** Another program takes most of what is left, in steps, as programs do. */
  hog: async () => {
    hog ??= fork(fileURLToPath(new URL('limit-hog.ts', import.meta.url)), { stdio: 'ignore' });
    const step = 64 * 1024 * 1024;
    for (let left = 24; left > 0 && machine.memory().available > 3 * step; left -= 1) {
      // Waited for: what is only asked for does not show in the figures yet.
      const isHeld = once(hog, 'message');
      hog.send(step);
      await isHeld;
      await setTimeout(60);
    }
    // Long enough for the watch to look and to act.
    await setTimeout(2500);
  },
  rest: async () => {
    hog?.kill('SIGKILL');
    hog = null;
    await setTimeout(200);
  },
};
const weights = ['load', 'load', 'load', 'ask', 'ask', 'ask', 'ask', 'unload', 'hog', 'rest'];
const { signal } = new AbortController();

/** The group's own figures: what may be taken and what is taken without files that can be let go. */
function free(): number {
  const read = (name: string): string => readFileSync(join(group, name), 'utf8');
  try {
    const cache = Number(/^(?:total_cache|file) (\d+)$/m.exec(read('memory.stat'))?.[1]);
    try {
      return Number(read('memory.limit_in_bytes')) - Number(read('memory.usage_in_bytes')) + cache;
    } catch {
      return Number(read('memory.max')) - Number(read('memory.current')) + cache;
    }
  } catch {
    return Number.NaN;
  }
}

for (let index = 0; index < ops; index += 1) {
  const name = pick(weights);
  const before = free();
  const held = await holdings();
  try {
    await operations[name]?.();
    add(name);
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'internal';
    add(`${name}: ${code}`);
    if (code === 'model-too-large') judge(name, error as AppError, before, held);
    else if (code !== 'model-busy' || name !== 'unload') {
      wrong.push(`${index} ${name}: ${code} ${error instanceof Error ? error.message : ''}`);
    }
  }
  if (crashed > told) console.log(`an engine was lost at ${index + 1}, ${name}`);
  told = crashed;
  if (index % 20 === 19) {
    const loaded = bench.models.loaded().map(({ model }) => model.name);
    console.log(
      `${index + 1} of ${ops}: ${(free() / 1e9).toFixed(2)} GB free, loaded ${loaded.length}`,
    );
  }
}

/** What each loaded model holds, and what the app counts on getting back when it is ended. */
async function holdings(): Promise<{ id: string; resident: number; predicted: number }[]> {
  return Promise.all(
    bench.models.loaded().map(async ({ model, engine, plan }) => {
      const { resident } = await engine.memory();
      return { id: model.id, resident, predicted: plan.predicted.total };
    }),
  );
}

/**
 * A refusal is right when it needed more than there was, and what it says there was is so: free in the
 * group, with what models at rest and the model itself would give back, less what was promised.
 */
function judge(
  name: string,
  { detail }: AppError,
  before: number,
  held: Awaited<ReturnType<typeof holdings>>,
): void {
  const needed = Number(detail?.['needed'] ?? detail?.['neededBytes']);
  const available = Number(detail?.['available'] ?? detail?.['availableBytes']);
  const back = held.reduce((sum, { id, resident, predicted }) => {
    return sum + (id === asked ? resident : predicted);
  }, 0);
  const now = free();
  const isNear = [before + back, now + back, before, now].some(
    (bytes) => Math.abs(bytes - available) < limit / 8,
  );
  if (!(needed > available) || !isNear) {
    wrong.push(
      `${name}: refused with needed ${needed}, available ${available}; the group had ${before} free before and ${now} after, models would give back ${back}`,
    );
  }
}

const swapped = /^(?:total_)?swap (\d+)$/m.exec(
  readFileSync(join(group, 'memory.stat'), 'utf8'),
)?.[1];
await operations['rest']?.();
const relieved = await bench.memory.handlers['memory.relief']({});
await bench.close();
console.log(
  [...counts]
    .sort()
    .map(([what, count]) => `${what} ${count}`)
    .join(', '),
);
console.log(`given back because memory was short: ${relieved.length} times`);
console.log(`swapped out: ${swapped ?? 'this kernel does not say'} bytes`);
console.log(`engines that ended by themselves: ${crashed}`);
for (const line of wrong) console.log(`WRONG ${line}`);
process.exit(wrong.length > 0 || crashed > 0 || Number(swapped ?? 0) > 0 ? 1 : 0);
