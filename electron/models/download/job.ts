import { basename, dirname, join } from 'node:path';
import * as store from '../../storage/repositories/downloads.ts';
import type { StoredDownload } from '../../storage/repositories/downloads.ts';
import type { Writer } from '../../storage/sql.ts';
import { Fatal, Fault } from './faults.ts';
import { hashAll } from './hasher.ts';
import type { DownloadTuning, Files, Http, OpenFile, Sleep } from './ports.ts';
import { createSource, meaning, plainEtag } from './source.ts';
import type { Identity } from './source.ts';
import { createTransfer, StartOver } from './transfer.ts';
import type { Transfer, TransferOptions } from './transfer.ts';

/** One download from where it stands to the finished file. */
export interface Job {
  run(): Promise<void>;
  /** Keeps what is there and ends. */
  stop(): void;
  stopped(): boolean;
  wake(): void;
  live():
    | {
        readonly done: number;
        readonly rate: number;
        readonly connections: number;
        readonly fetched: number;
        readonly phase: 'active' | 'waiting' | 'checking';
        readonly wait: { readonly event: string; readonly until: number } | null;
      }
    | undefined;
}

export interface JobPorts {
  row(): StoredDownload;
  readonly db: Writer;
  readonly http: Http;
  readonly files: Files;
  readonly folder: string;
  readonly tuning: DownloadTuning;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly now: () => number;
  promised(): number;
  note(event: string, facts?: Readonly<Record<string, string | number>>): void;
  changed(): void;
}

type Named = Pick<StoredDownload, 'id' | 'fileName'>;
const side = (folder: string, { id, fileName }: Named, ending: string): string =>
  join(folder, dirname(fileName), `.${basename(fileName)}.${id}.${ending}`);
export const partPath = (folder: string, row: Named): string => side(folder, row, 'part');
export const quarantinePath = (folder: string, row: Named): string =>
  side(folder, row, 'quarantine');
/** Names of files that only downloads make; the first group is the id. */
export const sidePattern = /^\..+\.([0-9a-f-]{36})\.(?:part|quarantine)$/;

/** Fetch all of it again, whatever the file looks like meanwhile. */
const never = { right: () => Promise.resolve(false) };

/** A file that changes so often while it is fetched is given up. */
const mostStartOvers = 5;

export function createJob(ports: JobPorts): Job {
  const { db, files, folder } = ports;
  const first = ports.row();
  const { id } = first;
  const target = join(folder, first.fileName);
  const part = partPath(folder, first);
  const quarantine = quarantinePath(folder, first);
  const stop = new AbortController();
  let transfer: Transfer | null = null;

  const source = createSource({
    http: ports.http,
    url: first.url,
    now: ports.now,
    onResolved: ({ host, again }) => ports.note(again ? 'resolved-again' : 'resolved', { host }),
  });

  const reserve = async (bytes: number, done: number): Promise<void> => {
    const free = await files.free(dirname(target));
    const needed = bytes - done + ports.promised() + ports.tuning.spare;
    if (free < needed) throw new Fatal('disk-full', `${needed} bytes needed, ${free} free`);
  };

  const learn = async (identity: Identity, done: number): Promise<void> => {
    const row = ports.row();
    const { linkedEtag, etag, bytes } = identity;
    // The hub names a large file by its sha256: no need to fetch it all to see that it is another.
    if (row.sha256 !== null && linkedEtag !== null && /^[0-9a-f]{64}$/i.test(linkedEtag)) {
      if (linkedEtag.toLowerCase() !== row.sha256) throw new Fatal('changed', 'another file');
    }
    const told = [linkedEtag, plainEtag(etag)].filter((value) => value !== null);
    const expected = plainEtag(row.expectedEtag);
    if (expected !== null && told.length > 0 && !told.includes(expected)) {
      throw new Fatal('changed', 'another etag than expected');
    }
    if (bytes !== null && row.bytes === null) await reserve(bytes, done);
    if (row.bytes !== bytes || row.etag !== etag || row.linkedEtag !== linkedEtag) {
      store.setDownloadIdentity(db, id, identity);
      ports.note('identified', { bytes: bytes ?? 0 });
    }
  };

  /** All bytes into `path`; after a change on the server from the beginning again. */
  const fetchAll = async (file: OpenFile, again: TransferOptions['again']) => {
    for (let startOvers = 0; ; startOvers += 1) {
      const row = ports.row();
      const spans = await trusted(file, row);
      transfer = createTransfer({
        source,
        file,
        spans,
        again,
        fetched: row.fetched,
        known: { bytes: row.bytes, linkedEtag: row.linkedEtag, etag: row.etag },
        tuning: ports.tuning,
        sleep: ports.sleep,
        now: ports.now,
        random: ports.random,
        signal: stop.signal,
        onIdentity: (identity) => learn(identity, transfer?.done() ?? 0),
        onSafe: (safe, fetched) =>
          store.saveDownloadProgress(db, id, { spans: safe, fetched, at: ports.now() }),
        onEvent: ports.note,
        onTick: ports.changed,
      });
      try {
        return { ...(await transfer.run()), differences: transfer.differences() };
      } catch (error) {
        if (!(error instanceof StartOver)) throw error;
        ports.note(error.event);
        if (startOvers >= mostStartOvers) throw meaning(new Fault('over', error.event));
        ports.note('start-over');
        store.resetDownload(db, id, { pass: row.pass, startOver: true });
        store.setDownloadIdentity(db, id, {
          // What the caller asked for stays; what the server told is forgotten.
          bytes: first.etag === null && first.linkedEtag === null ? first.bytes : null,
          linkedEtag: null,
          etag: null,
        });
        if (again === null) await file.truncate(0);
        await ports.sleep(ports.tuning.retryFirst * startOvers, stop.signal);
      }
    }
  };

  /** Spans of the database that the file can really hold: someone may have shortened or removed it. */
  const trusted = async (file: OpenFile, row: StoredDownload) => {
    const spans = store.listDownloadSpans(db, id);
    const end = spans.at(-1)?.end ?? 0;
    if (end === 0) return [];
    const last = await file.read(Buffer.alloc(1), end - 1);
    if (last === 1) return spans;
    store.resetDownload(db, id, { pass: row.pass, startOver: false });
    return [];
  };

  const install = async (file: OpenFile, from: string, sha256: string): Promise<void> => {
    await file.sync();
    store.setDownloadState(db, id, 'finishing', ports.now());
    if ((await files.size(target)) !== null) throw new Fatal('exists', 'the name is taken');
    await files.rename(from, target);
    const known = ports.row().sha256 !== null;
    ports.note(known ? 'verified' : 'unverified', { sha256 });
    ports.note('installed', { name: first.fileName });
  };

  const firstPass = async (): Promise<void> => {
    const file = await files.open(part);
    try {
      const row = ports.row();
      const done = (await trusted(file, row)).reduce((n, { start, end }) => n + end - start, 0);
      if (row.bytes !== null) await reserve(row.bytes, done);
      ports.note('started', { done });
      const { sha256, bytes } = await fetchAll(file, null);
      await file.truncate(bytes);
      if (sha256 === null) throw new Fatal('internal', 'not hashed');
      if (row.sha256 === null || sha256 === row.sha256) return await install(file, part, sha256);
      ports.note('quarantined', { found: sha256, expected: row.sha256 });
    } finally {
      await file.close();
    }
    await files.rename(part, quarantine);
    store.resetDownload(db, id, { pass: 2, startOver: false });
    await secondPass();
  };

  /**
   * Fetches again into the quarantined file, each byte at most once, to find what was wrong in it. Ends
   * as soon as the bytes that differed, put in the place of the old ones, make the whole file right.
   */
  const secondPass = async (): Promise<void> => {
    const file = await files.open(quarantine);
    try {
      const expected = ports.row().sha256;
      const right = async (bytes: number): Promise<boolean> =>
        (await hashAll(file, bytes, stop.signal)) === expected;
      let once = true;
      for (;;) {
        const { sha256, bytes, differences } = await fetchAll(file, once ? { right } : never);
        for (const { start, end } of differences) ports.note('bad-range', { start, end });
        // Read once more from the disk itself: it was wrong before, and may have been written to since.
        if ((sha256 ?? expected) === expected && expected !== null && (await right(bytes))) {
          return await install(file, quarantine, expected);
        }
        if (sha256 !== null) {
          if (differences.length === 0) ports.note('disk-damage');
          throw new Fatal('wrong-bytes', 'sha256 is wrong, also after fetching again');
        }
        once = false;
      }
    } finally {
      await file.close();
    }
  };

  return {
    async run() {
      await files.makeFolder(dirname(target));
      const { pass } = ports.row();
      if (pass === 1) {
        // Left from a file that was given up.
        await files.remove(quarantine);
        return firstPass();
      }
      return secondPass();
    },
    stop: () => stop.abort(),
    stopped: () => stop.signal.aborted,
    wake() {
      ports.note('woken');
      transfer?.wake();
    },
    live() {
      if (transfer === null) return undefined;
      const bytes = ports.row().bytes;
      const done = transfer.done();
      const connections = transfer.connections();
      const all = bytes !== null && done >= bytes;
      const wait = all ? null : transfer.wait();
      const waits = connections === 0 || wait !== null;
      return {
        done,
        wait,
        rate: transfer.rate(),
        connections,
        fetched: transfer.fetched(),
        phase: all ? 'checking' : waits ? 'waiting' : 'active',
      };
    },
  };
}
