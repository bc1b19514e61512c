/**
 * Who is evaluated next, and how much at once. llama.cpp evaluates one batch at a time and cannot be
 * interrupted in it, so whoever writes an answer waits as long as another's batch takes, and a stop is
 * free of its session only when the batch is through.
 *
 * The rules:
 * - One prompt is read in a batch. Alone its chunks have one size, chosen when the model is loaded,
 *   but for the last two, so that the same prompt is split at the same places every time.
 * - While an answer is being written, a prompt's chunks are so small that a batch takes about
 *   `besideMs`, going by what the last ones took.
 * - Of several prompts the one with the least left goes first, but none is passed over more than
 *   `patience` times in a row by shorter ones.
 * - Background work is given nothing while an interactive request is under way, neither for reading
 *   nor for writing, and goes on where it was afterwards.
 */
export type Priority = 'interactive' | 'background';

/** One request while it is evaluated. */
export interface Ticket {
  /**
   * Waits for its turn and evaluates the next tokens of its prompt in one batch.
   * @param left Tokens until the next place where the prompt must be split.
   * @param total Tokens until the prompt's end.
   * @param evaluate Evaluates so many tokens, at least one and at most `left`.
   * @returns false when the signal aborted before its turn came; nothing was evaluated then.
   */
  read(
    left: number,
    total: number,
    signal: AbortSignal,
    evaluate: (tokens: number) => Promise<void>,
  ): Promise<boolean>;
  /** Before each token of an answer. @returns false when the signal aborted while it waited. */
  write(signal: AbortSignal): Promise<boolean>;
  /** The request is through. Idempotent. */
  leave(): void;
}

export interface Scheduler {
  enter(priority: Priority): Ticket;
  /** Tokens of a chunk while nobody writes. */
  readonly alone: number;
  /** Tokens that a chunk may have now beside an answer. */
  readonly beside: number;
  /** Answers that are being written, without those that are held up. */
  readonly writing: number;
  /** Chunks read so far: a token in whose time one was read says nothing about the threads. */
  readonly chunks: number;
}

export interface SchedulerOptions {
  /** Tokens of a chunk while nobody writes. */
  readonly alone: number;
  /** Milliseconds per token while reading, as measured at load: the first guess for chunks beside an answer. */
  readonly msPerToken: number;
  /** Milliseconds, steady. */
  readonly now: () => number;
}

/** Milliseconds that a batch may take beside an answer: with the answer's own token about 150. */
const besideMs = 100;
/** Below that a batch is one pass over all weights anyway, and reading would never end. */
const leastTokens = 4;
const patience = 3;
/** llama.cpp's attention for processors takes fewer than so many tokens one by one (`GGML_FA_TILE_Q`). */
const tile = 64;

const sizes = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512] as const;

/** The largest size that is offered and not larger than `tokens`; at least the smallest. */
function sizeWithin(tokens: number): number {
  return sizes.findLast((size) => size <= tokens) ?? leastTokens;
}

/**
 * Tokens of the next chunk. Behind a long text the last tokens of a prompt, if they are fewer than a tile,
 * take longer than all before them: then the chunk before leaves them a whole one.
 */
function chunkOf(most: number, left: number): number {
  const isRest = left > most && left - most < tile && left >= 2 * tile;
  return isRest ? Math.floor((left - tile) / 4) * 4 : Math.min(most, left);
}

interface Entry {
  readonly priority: Priority;
  isWriting: boolean;
}

interface Asking {
  readonly entry: Entry;
  readonly left: number;
  readonly total: number;
  /** Chunks of others since it asked. */
  passed: number;
  /** Whether its turn is still wanted. */
  go(tokens: number): void;
}

export function createScheduler({ alone, msPerToken, now }: SchedulerOptions): Scheduler {
  const entries = new Set<Entry>();
  let asking: Asking[] = [];
  /** Background answers that wait for their next token. */
  const paused = new Set<() => void>();
  let isReading = false;
  let chunks = 0;
  let isChoosing = false;
  let beside = Math.min(alone, besideMs / Math.max(msPerToken, 1e-6));

  const isHeld = ({ priority }: Entry): boolean =>
    priority === 'background' && [...entries].some((entry) => entry.priority === 'interactive');
  /** Somebody else's next token would have to wait for the batch. */
  const isBeside = (mine: Entry): boolean =>
    [...entries].some((entry) => entry !== mine && entry.isWriting && !isHeld(entry));

  const choose = (): void => {
    isChoosing = false;
    if (isReading) return;
    const next = nextOf(asking.filter(({ entry }) => !isHeld(entry)));
    if (next === null) return;
    asking = asking.filter((one) => one !== next);
    for (const one of asking) one.passed += 1;
    isReading = true;
    const tokens = isBeside(next.entry)
      ? Math.min(sizeWithin(beside), next.left)
      : chunkOf(alone, next.left);
    next.go(tokens);
  };
  // A turn of the loop later: whoever has just read asks again, and is compared with the others.
  const later = (): void => {
    if (isChoosing || isReading || asking.length === 0) return;
    isChoosing = true;
    setImmediate(choose);
  };
  const wake = (): void => {
    later();
    for (const goOn of [...paused]) goOn();
  };

  /** @param full It was as much as was allowed, not the rest of a prompt. */
  const learn = (tokens: number, took: number, full: boolean): void => {
    const fitting = (tokens * besideMs) / Math.max(took, 0.01);
    // One batch that the machine was slow with costs three quarters at most, and comes back by halves.
    if (took > besideMs) beside = Math.max(leastTokens, Math.min(beside, fitting), tokens / 4);
    else if (full) beside = Math.min(alone, Math.max(beside, Math.min(fitting, tokens * 1.5)));
  };

  return {
    alone,
    get beside() {
      return sizeWithin(beside);
    },
    get writing() {
      return [...entries].filter((entry) => entry.isWriting && !isHeld(entry)).length;
    },
    get chunks() {
      return chunks;
    },
    enter(priority) {
      const entry: Entry = { priority, isWriting: false };
      entries.add(entry);
      return {
        async read(left, total, signal, evaluate) {
          const tokens = await turn(entry, left, total, signal);
          if (tokens === 0) return false;
          const begun = now();
          const shared = isBeside(entry);
          try {
            await evaluate(tokens);
            if (shared) learn(tokens, now() - begun, tokens === sizeWithin(beside));
          } finally {
            isReading = false;
            chunks += 1;
            later();
          }
          return true;
        },
        async write(signal) {
          entry.isWriting = true;
          while (isHeld(entry) && !signal.aborted) {
            await new Promise<void>((resolve) => {
              const goOn = (): void => {
                paused.delete(goOn);
                signal.removeEventListener('abort', goOn);
                resolve();
              };
              paused.add(goOn);
              signal.addEventListener('abort', goOn, { once: true });
            });
          }
          return !signal.aborted;
        },
        leave() {
          if (entries.delete(entry)) wake();
        },
      };
    },
  };

  /** Resolves with the tokens it may read; with 0 when the signal aborted before. */
  function turn(entry: Entry, left: number, total: number, signal: AbortSignal): Promise<number> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(0);
      const onAbort = (): void => {
        asking = asking.filter((other) => other !== one);
        resolve(0);
      };
      const one: Asking = {
        entry,
        left,
        total,
        passed: 0,
        go(tokens) {
          signal.removeEventListener('abort', onAbort);
          resolve(tokens);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      asking.push(one);
      later();
    });
  }
}

/** Interactive before background; then whoever was passed over too often; then the least left. */
function nextOf(asking: readonly Asking[]): Asking | null {
  const interactive = asking.filter(({ entry }) => entry.priority === 'interactive');
  const field = interactive.length > 0 ? interactive : asking;
  const tired = field.filter(({ passed }) => passed >= patience);
  const [first, ...rest] = tired.length > 0 ? tired : field;
  if (first === undefined) return null;
  const isBefore =
    tired.length > 0
      ? (a: Asking, b: Asking) => a.passed > b.passed
      : (a: Asking, b: Asking) => a.total < b.total;
  return rest.reduce((best, one) => (isBefore(one, best) ? one : best), first);
}
