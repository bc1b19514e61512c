import { Fault } from './faults.ts';
import type { DownloadTuning } from './ports.ts';
import type { Opened } from './source.ts';

/** Bytes gathered before they are written together: fewer trips to the disk. */
const batch = 512 * 1024;
/** After so many ms without a byte the gathered ones are written. */
const quiet = 100;

/**
 * One request: opens it, watches for silence and crawling, hands the bytes on in order.
 * Returns when all of the span is written; throws Fault when the answer ends early, and whatever the
 * callbacks throw. What was handed to `write` is kept in every case.
 */
export async function receive(options: {
  open(signal: AbortSignal): Promise<Opened>;
  readonly signal: AbortSignal;
  readonly tuning: DownloadTuning;
  readonly now: () => number;
  /** The span that the body will fill. */
  onOpened(opened: Opened): Promise<{ start: number; end: number }>;
  onBytes(count: number): void;
  write(pieces: readonly Uint8Array[], start: number): Promise<void>;
  onEnd(at: number): void;
}): Promise<void> {
  const { tuning, now } = options;
  const cut = new AbortController();
  const signal = AbortSignal.any([options.signal, cut.signal]);
  const timer = setTimeout(() => cut.abort(), tuning.readTimeout);
  timer.unref();
  let opened: Opened | null = null;
  let writing: Promise<void> = Promise.resolve();
  let silence: NodeJS.Timeout | undefined;
  try {
    opened = await options.open(signal);
    const { start, end } = await options.onOpened(opened);
    let at = start;
    let pieces: Uint8Array[] = [];
    let gathered = 0;
    let gatheredAt = now();
    let windowStart = now();
    let windowBytes = 0;
    let fault: Fault | null = null;

    const flush = async (): Promise<void> => {
      // One write at a time, while the next pieces gather.
      const before = writing;
      await before;
      if (writing !== before) return flush();
      if (gathered === 0) return;
      const [ready, from] = [pieces, at - gathered];
      pieces = [];
      gathered = 0;
      gatheredAt = now();
      writing = options.write(ready, from);
      writing.catch(() => {});
    };

    // What came before a silence is not held back until the silence ends.
    silence = setTimeout(() => void flush().catch(() => {}), quiet);
    try {
      for await (const chunk of opened.reply.body) {
        timer.refresh();
        silence.refresh();
        options.onBytes(chunk.length);
        windowBytes += chunk.length;
        const useful = chunk.length > end - at ? chunk.subarray(0, end - at) : chunk;
        if (useful.length > 0) {
          pieces.push(useful);
          at += useful.length;
          gathered += useful.length;
        }
        // Also by time: a slow line must not hold a batch back for long.
        if (gathered >= batch || now() - gatheredAt > 20) await flush();
        if (useful.length < chunk.length) {
          // Of a part, more than was asked for is thrown away; a whole file that is too long is wrong.
          if (!opened.ranged) fault = new Fault('over', 'wrong-size');
          break;
        }
        const elapsed = now() - windowStart;
        if (elapsed >= tuning.slowWindow) {
          if ((windowBytes * 1000) / elapsed < tuning.slowRate) {
            fault = new Fault('line', 'slow');
            break;
          }
          windowStart = now();
          windowBytes = 0;
        }
      }
    } catch (error) {
      await flush();
      await writing;
      if (options.signal.aborted) throw error;
      if (at < end) throw new Fault('line', cut.signal.aborted ? 'stalled' : 'cut');
    }
    await flush();
    await writing;
    if (fault !== null) throw fault;
    if (at < end && end !== Number.MAX_SAFE_INTEGER) throw new Fault('line', 'cut');
    options.onEnd(at);
  } catch (error) {
    // Silence before the first byte.
    if (opened === null && cut.signal.aborted && !options.signal.aborted) {
      throw new Fault('line', 'stalled');
    }
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(silence);
    await writing.catch(() => {});
    opened?.reply.discard();
  }
}
