import type { ByteSpan } from '../../storage/repositories/downloads.ts';
import { createConnections } from './connections.ts';
import { diskFailure, Fatal, Fault } from './faults.ts';
import { createHasher } from './hasher.ts';
import type { DownloadTuning, OpenFile, Sleep } from './ports.ts';
import { receive } from './receive.ts';
import { meaning } from './source.ts';
import type { Identity, Source } from './source.ts';
import { createSpans, firstGap } from './spans.ts';

/** A tick that took so much longer than asked, ms: the machine slept, and its connections are dead. */
const slept = 60_000;
/** Bytes of the least that is worth a request of its own. */
const smallest = 512 * 1024;

/** One file on its way: several requests at once, each for a piece that nobody else has. */
export interface Transfer {
  /**
   * sha256 of the whole file, all of it written; null when `again` found it right before all of it was
   * fetched again. Throws Fatal, StartOver, or the disk's error.
   */
  run(): Promise<{ sha256: string | null; bytes: number }>;
  /** Bytes written. */
  done(): number;
  fetched(): number;
  rate(): number;
  connections(): number;
  /** Nothing has come since this fault; null = bytes flow. `until`: when it is tried again. */
  wait(): { readonly event: string; readonly until: number } | null;
  /** The network is another one, the machine woke up: ask again at once. */
  wake(): void;
  /** Spans in which fetching again found other bytes; only in pass 2. */
  differences(): readonly ByteSpan[];
}

/** What was fetched is worthless: begin again. */
export class StartOver extends Error {
  readonly event: string;
  constructor(event: string) {
    super(event);
    this.event = event;
  }
}

export interface TransferOptions {
  readonly source: Source;
  readonly file: OpenFile;
  readonly spans: readonly ByteSpan[];
  readonly fetched: number;
  readonly known: Identity;
  readonly tuning: DownloadTuning;
  readonly sleep: Sleep;
  readonly now: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Compare with what is on disk, and correct it, until `right` says that the file is. */
  readonly again: { right(bytes: number): Promise<boolean> } | null;
  /** Before the first byte is kept: may throw Fatal (no space, not the file that was asked for). */
  onIdentity(identity: Identity): Promise<void>;
  /** The spans are flushed; keep them. */
  onSafe(spans: readonly ByteSpan[], fetched: number): void;
  onEvent(event: string, facts?: Readonly<Record<string, string | number>>): void;
  onTick(): void;
}

export function createTransfer(options: TransferOptions): Transfer {
  const { tuning, file, source, signal, now } = options;
  const have = createSpans(options.spans);
  const found = createSpans();
  const hasher = createHasher(file);
  const lanes = createConnections(tuning.connections);
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  let wakeUp = new AbortController();
  let known = options.known;
  let size = known.bytes;
  let fetched = options.fetched;
  let opened = false;
  let single = false;
  let proven = false;
  let wholes = 0;
  let strange = 0;
  let inRow = 0;
  let notBefore = 0;
  let lastFault = '';
  let mostLanes = 0;
  let rate = 0;
  let failure: unknown = null;
  const claims = new Set<{ start: number; end: number }>();
  const workers = new Set<Promise<void>>();

  const fail = (error: unknown): void => {
    failure ??= error;
    stop.abort();
  };

  // Flush, then remember: a row never names bytes that a power cut could take back.
  let saving: Promise<void> | null = null;
  let savedAt = now();
  let unsaved = 0;
  const save = async (): Promise<void> => {
    const spans = have.list();
    const count = fetched;
    unsaved = 0;
    await file.sync();
    options.onSafe(spans, count);
    savedAt = now();
  };
  const saveIfDue = (): void => {
    const since = now() - savedAt;
    if (saving !== null || since < tuning.saveGap) return;
    if (unsaved < tuning.saveBytes && since < tuning.saveEvery) return;
    saving = save()
      .catch(fail)
      .finally(() => {
        saving = null;
      });
  };

  const wrote = (start: number, end: number): void => {
    have.add(start, end);
    unsaved += end - start;
    strange = 0;
    wholes = 0;
    inRow = 0;
    hasher.advance(have.prefix());
    saveIfDue();
  };

  const write = async (pieces: readonly Uint8Array[], start: number): Promise<void> => {
    const end = pieces.reduce((sum, piece) => sum + piece.length, start);
    if (options.again !== null) {
      if (await same(pieces, start, end)) {
        hasher.saw(pieces, start);
        return wrote(start, end);
      }
      found.add(start, end);
    }
    // Hashing and writing overlap: the disk works in another thread.
    const written = file.write(pieces, start);
    hasher.saw(pieces, start);
    await written;
    wrote(start, end);
  };

  const same = async (
    pieces: readonly Uint8Array[],
    start: number,
    end: number,
  ): Promise<boolean> => {
    const old = Buffer.allocUnsafe(end - start);
    const got = await file.read(old, start);
    return got === old.length && Buffer.concat(pieces).equals(old);
  };

  /** Smaller towards the end, so that no connection is left alone with a large piece. */
  const pieceNow = (): number => {
    if (size === null) return tuning.piece;
    const missing = size - have.total();
    const share = Math.ceil(missing / (2 * tuning.connections));
    return Math.min(tuning.piece, Math.max(share, smallest));
  };

  const claim = (): { start: number; end: number } | null => {
    const gap = firstGap(size ?? Infinity, pieceNow(), have.list(), [...claims]);
    if (gap === null) return null;
    claims.add(gap);
    return gap;
  };

  // Each look reads the whole file: after the first, second, fourth, eighth … piece that had differences.
  let mended = false;
  let looking: Promise<void> | null = null;
  let different = 0;
  let foundThen = 0;
  let lookAt = 1;
  const lookIfDue = (): void => {
    if (options.again === null || size === null || found.total() === foundThen) return;
    foundThen = found.total();
    different += 1;
    if (different < lookAt || looking !== null || complete()) return;
    lookAt *= 2;
    looking = options.again
      .right(size)
      .then((right) => {
        if (!right) return;
        mended = true;
        stop.abort();
      })
      .catch(fail)
      .finally(() => {
        looking = null;
      });
  };

  const fetchPiece = async (piece: { start: number; end: number }): Promise<void> => {
    const woken = wakeUp.signal;
    const asked = receive({
      open: (inner) => source.open(piece.start, piece.end, known, inner),
      signal: AbortSignal.any([ended, woken]),
      tuning,
      now,
      async onOpened({ identity, ranged, from }) {
        if (!ranged && (proven || from !== piece.start)) {
          // Once may be a whim of a host that has sent parts before; else it cannot send parts.
          wholes += 1;
          throw new Fault(proven && wholes < 3 ? 'nonsense' : 'over', 'whole');
        }
        proven ||= ranged;
        if (!opened) {
          const merged = {
            bytes: identity.bytes ?? known.bytes,
            linkedEtag: identity.linkedEtag ?? known.linkedEtag,
            etag: identity.etag ?? known.etag,
          };
          await options.onIdentity(merged);
          known = merged;
          size = merged.bytes;
          opened = true;
        }
        single = !ranged;
        if (single) piece.end = size ?? Number.MAX_SAFE_INTEGER;
        else if (size !== null) piece.end = Math.min(piece.end, size);
        return { start: piece.start, end: piece.end };
      },
      onBytes: (count) => {
        fetched += count;
      },
      write,
      onEnd(at) {
        // A body of unknown length ends where the file ends.
        if (single && size === null) size = at;
      },
    });
    await asked.catch((error: unknown) => {
      const ours = error instanceof Fault || error instanceof Fatal || diskFailure(error);
      // wake() cut it; what the network calls that differs from moment to moment.
      if (ours || !woken.aborted || ended.aborted) throw error;
    });
  };

  const worker = async (): Promise<void> => {
    while (!ended.aborted) {
      const pause = notBefore - now();
      if (pause > 0) {
        await options.sleep(pause, AbortSignal.any([ended, wakeUp.signal]));
        if (ended.aborted) return;
      }
      if (opened && workers.size > (single ? 1 : lanes.target)) return;
      const piece = claim();
      if (piece === null) return;
      try {
        await fetchPiece(piece);
      } catch (error) {
        if (ended.aborted) return;
        trouble(error);
      } finally {
        claims.delete(piece);
      }
      lookIfDue();
      if (!ended.aborted) spawn();
    }
  };

  const trouble = (error: unknown): void => {
    if (!(error instanceof Fault)) return fail(error);
    if (error.kind === 'over') return fail(new StartOver(error.event));
    inRow += 1;
    if (error.kind === 'nonsense') strange += 1;
    if (strange >= tuning.patience) return fail(meaning(error));
    if (error.kind === 'busy') lanes.ease();
    const backOff = Math.min(tuning.retryMost, tuning.retryFirst * 2 ** Math.min(inRow - 1, 16));
    const wait = error.wait > 0 ? error.wait : backOff * (0.5 + options.random() / 2);
    notBefore = Math.max(notBefore, now() + wait);
    lastFault = error.event;
    options.onEvent(error.event, { waitMs: Math.round(wait), done: have.total() });
  };

  const spawn = (): void => {
    const wanted = !opened || single ? 1 : lanes.target;
    const missing = size === null ? Infinity : size - have.total();
    while (workers.size < wanted && missing > 0 && !ended.aborted) {
      if (firstGap(size ?? Infinity, 1, have.list(), [...claims]) === null) return;
      const one: Promise<void> = worker()
        .catch(fail)
        .finally(() => workers.delete(one));
      workers.add(one);
      mostLanes = Math.max(mostLanes, workers.size);
      // A worker claims before its first wait, unless it was told to wait.
      if (notBefore > now()) return;
    }
  };

  const complete = (): boolean => size !== null && have.prefix() >= size;

  const wake = (): void => {
    notBefore = 0;
    const old = wakeUp;
    wakeUp = new AbortController();
    old.abort();
  };

  const watch = async (): Promise<void> => {
    let last = fetched;
    let at = now();
    while (!ended.aborted && !complete()) {
      const hurry = !single && lanes.climbing;
      const asked = hurry ? tuning.tick / 4 : tuning.tick;
      await options.sleep(asked, ended);
      if (now() - at > asked + slept && !ended.aborted) {
        options.onEvent('woken');
        wake();
      }
      const span = Math.max(1, now() - at);
      const speed = ((fetched - last) * 1000) / span;
      rate = rate === 0 ? speed : 0.6 * rate + 0.4 * speed;
      last = fetched;
      at = now();
      if (opened && !single) lanes.tick(speed);
      if (!ended.aborted) spawn();
      options.onTick();
    }
  };

  return {
    done: have.total,
    fetched: () => fetched,
    rate: () => (workers.size > 0 ? rate : 0),
    connections: () => claims.size,
    wait: () => (inRow > 0 ? { event: lastFault, until: notBefore } : null),
    differences: found.list,
    wake,
    async run() {
      const begun = { at: now(), fetched };
      hasher.advance(have.prefix());
      const watching = watch();
      try {
        while (!complete() && !ended.aborted) {
          spawn();
          if (workers.size > 0) await Promise.race(workers);
          else await options.sleep(1, ended);
        }
      } finally {
        stop.abort();
        await Promise.all(workers);
        await looking;
        await watching;
        await saving;
      }
      try {
        // Also after a fault: what came is kept.
        await save();
      } catch (error) {
        failure ??= error;
      }
      try {
        if (failure !== null) throw failure;
        if (signal.aborted || size === null) throw new Fatal('internal', 'stopped');
        if (fetched > begun.fetched) {
          const facts = { bytes: fetched - begun.fetched, ms: now() - begun.at, lines: mostLanes };
          options.onEvent('fetched', facts);
        }
        return { sha256: mended ? null : await hasher.finish(size), bytes: size };
      } finally {
        await hasher.close();
      }
    },
  };
}
