import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type {
  Engine,
  EngineEvent,
  GenerateRequest,
  LoadRequest,
} from '../../electron/engine/port.ts';
import { ensureShape } from '../shapes/write.ts';
import { flag, number } from './flags.ts';

const allowedMs = 300;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;
const launcher = createEngineLauncher({ nodePath: process.execPath, log: silent });

/** A question of about so many tokens; `seed` makes it one that nothing was kept of. */
function question(
  tokens: number,
  seed: string,
  rest: Partial<GenerateRequest> = {},
): GenerateRequest {
  // Digits are one token each in Granite's vocabulary, with the space before them two.
  const words = Array.from({ length: Math.ceil(tokens / 2) }, (_, index) => index % 10).join(' ');
  return {
    sessionId: seed,
    prompt: { messages: [{ role: 'user', content: `${seed}: ${words}` }] },
    // Hot, so that random weights do not end the answer.
    sampling: { temperature: 3, topP: 1, topK: 0, seed: 7 },
    maxTokens: 8,
    ...rest,
  };
}

interface Timed {
  readonly events: readonly { readonly event: EngineEvent; readonly at: number }[];
  readonly end: Extract<EngineEvent, { type: 'end' }>;
}

async function ask(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal = never,
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<Timed> {
  const events: { event: EngineEvent; at: number }[] = [];
  for await (const event of engine.generate(request, signal)) {
    events.push({ event, at: performance.now() });
    onEvent(event);
  }
  const last = events.at(-1)?.event;
  if (last?.type !== 'end') throw new Error('bench: an answer had no end');
  return { events, end: last };
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await pause(5);
};
const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** The longest time between two texts of an answer while another conversation's prompt is read. */
async function gaps(engine: Engine, tokens: number): Promise<number> {
  const stop = new AbortController();
  let texts = 0;
  const answer = ask(
    engine,
    question(40, 'answer', { maxTokens: 100_000 }),
    stop.signal,
    (event) => {
      if (event.type === 'text') texts += 1;
    },
  );
  await until(() => texts >= 30);
  const begun = performance.now();
  const other = await ask(engine, question(tokens, 'beside', { maxTokens: 1 }));
  const ended = performance.now();
  stop.abort();
  const times = (await answer).events
    .filter(({ event }) => event.type === 'text')
    .map(({ at }) => at);
  const rests = (from: number, to: number): number[] => {
    const within = times.filter((at) => at >= from && at <= to);
    const found = within.slice(1).map((at, index) => at - (within[index] as number));
    return found.sort((a, b) => a - b);
  };
  const before = rests(0, begun);
  const beside = rests(begun, ended);
  const longest = beside.at(-1) ?? Infinity;
  const longestEnded = times.find(
    (at, index) => at > begun && at - (times[index - 1] ?? at) >= longest,
  );
  const readThen = other.events.findLast(
    ({ event, at }) => event.type === 'reading' && at <= (longestEnded ?? 0),
  )?.event;
  const middle = (of: readonly number[]): string => ms(of[Math.floor(of.length / 2)] ?? NaN);
  const slow = beside.filter((rest) => rest > allowedMs).length;
  console.log(
    `(a) texts of an answer beside ${other.end.stats.readTokens} tokens read in ${ms(ended - begun)}: ` +
      `longest gap ${ms(longest)} (${readThen?.type === 'reading' ? readThen.done : 0} read by then), median ${middle(beside)}, ${slow} of ${beside.length} over ${allowedMs} ms ` +
      `(alone: longest ${ms(before.at(-1) ?? NaN)}, median ${middle(before)})`,
  );
  return longest;
}

/** From a stop in the middle of a prompt to its end, and until the conversation can be asked again. */
async function stops(engine: Engine, tokens: number): Promise<number> {
  const ends: number[] = [];
  const frees: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const id = `stopped ${round}`;
    const stop = new AbortController();
    let stoppedAt = 0;
    let read = 0;
    const limit = 400 + round * 170;
    await ask(engine, question(tokens, id), stop.signal, (event) => {
      if (event.type !== 'reading' || stop.signal.aborted) return;
      read = event.done;
      if (read < limit) return;
      // Not at the border of two chunks, where a stop is cheap.
      if (stoppedAt === 0) {
        stoppedAt = performance.now() + 20 * (round + 1);
        setTimeout(() => stop.abort(), 20 * (round + 1));
      }
    });
    ends.push(performance.now() - stoppedAt);
    const again = new AbortController();
    await ask(engine, question(tokens, id), again.signal, (event) => {
      if (event.type !== 'reading' || again.signal.aborted) return;
      frees.push(performance.now() - stoppedAt);
      again.abort();
    });
    await engine.forget(id);
  }
  const worst = Math.max(...ends);
  console.log(
    `(b) stop in the middle of a prompt of ${tokens} tokens, 5 times: ended after ${ms(worst)} at most ` +
      `(${ends.map((each) => each.toFixed(0)).join(', ')}), asked again after ${ms(Math.max(...frees))} at most`,
  );
  return worst;
}

/** Tokens read per second while nothing else runs. */
async function speed(engine: Engine, tokens: number, seed: string): Promise<number> {
  const { events, end } = await ask(engine, question(tokens, seed, { maxTokens: 1 }));
  const reading = events.filter(({ event }) => event.type === 'reading').map(({ at }) => at);
  await engine.forget(seed);
  return (end.stats.readTokens * 1000) / ((reading.at(-1) ?? NaN) - (reading[0] ?? NaN));
}

/** The wait of a question for its first token while background work reads a long prompt. */
async function behind(engine: Engine, tokens: number): Promise<void> {
  const alone = await ask(engine, question(100, 'alone'));
  await engine.forget('alone');
  const stop = new AbortController();
  let done = 0;
  const long = question(tokens, 'background', { priority: 'background' });
  const background = ask(engine, long, stop.signal, (event) => {
    if (event.type === 'reading') done = event.done;
  });
  await until(() => done > 600);
  const beside = await ask(engine, question(100, 'asked'));
  const before = done;
  stop.abort();
  await background;
  console.log(
    `(d) first token of a question of 100 tokens: ${ms(beside.end.stats.firstTokenMs ?? NaN)} while background work ` +
      `reads ${tokens} tokens (${before} done), ${ms(alone.end.stats.firstTokenMs ?? NaN)} alone`,
  );
}

/**
 * `npm run bench gaps -- [--model=FILE] [--tokens=16384]`: what a long prompt does to an answer that is
 * being written, how soon a stop acts, what chunks cost, and what background work costs a question.
 * One thread. Without a file: the shapes of Granite 4.0 H 350M.
 */
export async function run(): Promise<boolean> {
  const tokens = number('tokens', 16_384);
  const modelPath =
    flag('model') ?? (await ensureShape({ id: 'h-350m', quantization: 'Q4_K_M', seed: 1 })).path;
  const load: LoadRequest = {
    ...{ modelPath, contextSize: tokens + 1024, sessions: 2, threads: 1, gpu: false },
    checkpointBudget: 256 << 20,
  };
  const engine = await launcher.launch(load);
  const chunk = engine.info.readChunk ?? 0;
  console.log(`${modelPath}, 1 thread, chunks of ${chunk} tokens while nobody writes`);
  const part = flag('only');
  let good = true;
  try {
    if (part === undefined || part === 'c') {
      const short = Math.min(tokens, 1024);
      const other = await launcher.launch({ ...load, readChunk: 512 });
      const rates = { own: 0, whole: 0 };
      // In turns: other programs disturb both.
      for (let round = 0; round < 3; round += 1) {
        rates.own = Math.max(rates.own, await speed(engine, short, `own ${round}`));
        rates.whole = Math.max(rates.whole, await speed(other, short, `whole ${round}`));
      }
      await other.close();
      console.log(
        `(c) reading ${short} tokens, the best of 3: ${rates.own.toFixed(0)} tokens/s in chunks of ${chunk}, ` +
          `${rates.whole.toFixed(0)} in chunks of 512: ratio ${(rates.own / rates.whole).toFixed(3)}`,
      );
    }
    if (part === undefined || part === 'b')
      good = (await stops(engine, tokens)) <= allowedMs && good;
    if (part === undefined || part === 'd') await behind(engine, tokens);
    if (part === undefined || part === 'a')
      good = (await gaps(engine, tokens)) <= allowedMs && good;
  } finally {
    await engine.close();
  }
  console.log(`allowed for (a) and (b): ${allowedMs} ms`);
  return good;
}
