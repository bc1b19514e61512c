import type { ThreadTiming } from './port.ts';

/** A higher thread count must win by this much: spinning workers cost other programs their time. */
const worthwhile = 0.93;
const hopeless = 8;

export interface TuneOptions {
  /** Cores that are useful for calculating. */
  readonly cores: number;
  /** Sets the thread count of the following steps. */
  readonly use: (threads: number) => void;
  /** Evaluates one token. */
  readonly step: () => Promise<void>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Nothing new is tried after this many milliseconds. */
  readonly limitMs?: number;
}

/**
 * Finds the thread count with the least time per token. Starts in the middle and climbs from there,
 * so that a slow model is not measured at counts that cannot win. Ends with the best count in use.
 */
export async function tuneThreads(
  options: TuneOptions,
): Promise<{ threads: number; timings: ThreadTiming[] }> {
  const { now, limitMs = 600 } = options;
  const counts = threadCandidates(options.cores);
  const start = Math.floor((counts.length - 1) / 2);
  const begun = now();
  const timings = new Map<number, number>();
  const measure = async (index: number): Promise<number> => {
    const threads = counts[index] as number;
    const cost = await measureCount(threads, options, Math.min(...timings.values()));
    timings.set(threads, cost);
    return cost;
  };

  let best = start;
  let bestCost = await measure(start);
  for (const direction of [1, -1]) {
    // Having climbed, there is nothing to look for on the other side.
    if (direction === -1 && best > start) break;
    for (let index = start + direction; counts[index] !== undefined; index += direction) {
      if (now() - begun > limitMs) break;
      const cost = await measure(index);
      const wins = direction === 1 ? cost < bestCost * worthwhile : cost <= bestCost / worthwhile;
      if (!wins) break;
      best = index;
      bestCost = cost;
    }
  }
  const threads = counts[best] as number;
  options.use(threads);
  return {
    threads,
    timings: [...timings]
      .map(([count, msPerToken]) => ({ threads: count, msPerToken }))
      .sort((a, b) => a.threads - b.threads),
  };
}

/** 1, 2, 3, 4, 6, 8, 12, 16 … up to and with the number of cores. */
export function threadCandidates(cores: number): number[] {
  const counts: number[] = [];
  for (let power = 1; power < cores; power *= 2) {
    counts.push(power);
    const between = power * 1.5;
    if (Number.isInteger(between) && between < cores) counts.push(between);
  }
  counts.push(Math.max(1, cores));
  return counts;
}

/** @param best The least time per token so far: a count that is far from it is given up at once. */
async function measureCount(threads: number, options: TuneOptions, best: number): Promise<number> {
  const { now, step, use } = options;
  use(threads);
  const warming = now();
  await step();
  const begun = now();
  if (begun - warming > hopeless * best) return begun - warming;
  let steps = 0;
  let elapsed = 0;
  // The mean, not the best: a count that stalls now and then is a bad one.
  while (steps < 2 || (steps < 12 && elapsed < 80)) {
    await step();
    steps += 1;
    elapsed = now() - begun;
    if (elapsed / steps > hopeless * best) break;
  }
  return elapsed / steps;
}

/** Milliseconds that a chunk of a prompt may take. A stop is told at once; the session is free then. */
const chunkMs = 300;
/**
 * However slow the machine: llama.cpp's attention for processors takes 64 tokens at a time, and fewer cost
 * more the longer the prompt is (`npm run bench chunks`).
 */
const leastChunk = 64;
const chunkSizes = [16, 32, 64, 128, 256, 512] as const;
/** What takes so long is large enough to tell the rate. */
const tellingMs = 40;

/**
 * Measures how fast prompts are read and chooses the chunk they are read in while nobody writes: the
 * largest of a few sizes that takes `chunkMs`, so that it seldom differs from load to load.
 * @param options.read Evaluates so many tokens at once.
 * @param options.most Tokens that a batch of this context can hold.
 */
export async function measureReading(options: {
  readonly read: (tokens: number) => Promise<void>;
  readonly now: () => number;
  readonly most: number;
}): Promise<{ readonly chunk: number; readonly msPerToken: number }> {
  const { read, now, most } = options;
  let msPerToken = Infinity;
  for (const size of chunkSizes) {
    if (size > most) break;
    // The better of two: the first of a size prepares its graph, and either may be disturbed.
    const times: number[] = [];
    while (times.length < 2 && (times[0] ?? 0) < 2 * tellingMs) {
      const begun = now();
      await read(size);
      times.push(now() - begun);
    }
    const took = Math.min(...times);
    msPerToken = Math.min(msPerToken, took / size);
    if (took > tellingMs) break;
  }
  const fits = (size: number): boolean => size <= most && size * msPerToken <= chunkMs;
  const least = chunkSizes.findLast((size) => size <= Math.min(most, leastChunk));
  const chunk = Math.max(chunkSizes.findLast(fits) ?? 0, least ?? Math.max(1, most));
  return { chunk, msPerToken };
}

/** Lowers the thread count when other programs take the cores away, and tries again later. */
export interface ThreadGovernor {
  readonly threads: number;
  /**
   * One generated token took so long while so many answers were written: each number of answers is
   * compared with itself. Returns the thread count for the next.
   */
  observe(msPerToken: number, answers?: number): number;
}

const windowTokens = 8;
const slowdown = 3;
const calmTokens = 256;

/**
 * The rule: when the median of eight tokens is over three times the median of the fastest eight seen
 * with that count and as many answers at once, the count is halved; after 256 tokens without such a jump the next higher step is
 * tried again, and after each failure twice as many tokens are waited for.
 */
export function createThreadGovernor(tuned: number): ThreadGovernor {
  let threads = tuned;
  let calm = calmTokens;
  let sinceChange = 0;
  let recent: number[] = [];
  let together = 1;
  const fastest = new Map<string, number>();
  const change = (next: number): void => {
    threads = next;
    sinceChange = 0;
    recent = [];
  };
  return {
    get threads() {
      return threads;
    },
    observe(msPerToken, answers = 1) {
      if (answers !== together) recent = [];
      together = answers;
      recent.push(msPerToken);
      sinceChange += 1;
      if (recent.length < windowTokens) return threads;
      const cost = median(recent);
      recent = [];
      const among = `${threads} threads, ${answers} answers`;
      const best = Math.min(fastest.get(among) ?? Infinity, cost);
      fastest.set(among, best);
      if (threads > 1 && cost > best * slowdown) {
        if (threads < tuned) calm *= 2;
        change(Math.max(1, Math.floor(threads / 2)));
      } else if (threads < tuned && sinceChange >= calm) {
        calm *= 2;
        change(Math.min(tuned, threads * 2));
      }
      return threads;
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
