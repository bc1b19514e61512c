import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaseFetcher, Updater } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import type { Clock, Log } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { KeysStatus } from '../../ipc/contract/index.ts';
import type { Http } from '../download/ports.ts';
import { trustRootFrom } from './trust-root.ts';
import type { TrustRoot } from './trust-root.ts';

export interface Keys {
  /** The newest that is there, shipped or refreshed. Asks no network. Throws 'internal' when the shipped one is damaged. */
  current(): Promise<TrustRoot>;
  /** How old they are. Asks no network. */
  status(): Promise<KeysStatus>;
  /**
   * Fetches newer ones. What is kept changes only when all of it held. Throws 'network-unreachable',
   * or 'keys-refused' (detail: reason) for what is expired, older, foreign or damaged.
   */
  refresh(): Promise<KeysStatus>;
}

export interface KeysPorts {
  /** Holds `trusted_root.json`, `tuf-root.json`, `shipped.json`. */
  readonly shippedFolder: string;
  /** Refreshed ones come here, one folder each time; made if need be. */
  readonly folder: string;
  readonly clock: Clock;
}

interface Found {
  readonly root: TrustRoot;
  readonly status: KeysStatus;
}

const server = 'https://tuf-repo-cdn.sigstore.dev';
const target = 'trusted_root.json';
const metadata = ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json'];
/** All of it, ms. */
const patience = 60_000;
const wholeFolder = /^\d{15}$/;

/** The newest keys that are there; for whoever has no network to ask. */
export async function readKeys(ports: Omit<KeysPorts, 'clock'>): Promise<Found> {
  const shipped = await readShipped(ports.shippedFolder);
  for (const name of await kept(ports.folder)) {
    try {
      const found = await readRefreshed(join(ports.folder, name));
      if (!isOlder(found, shipped)) return found;
    } catch {
      // Damaged since: what came before it, or was shipped, is as good as it was.
    }
  }
  return shipped;
}

/**
 * Sigstore's keys and their freshness: shipped with the app, refreshed over TUF through the given way to
 * the network. `tuf-js` checks signatures, versions and dates; the work is done in a copy, so that a
 * refusal or an end in the middle leaves everything as it was.
 */
export function createKeys(
  ports: KeysPorts & {
    readonly http: Http;
    readonly log: Log;
    /** Another repository, for tests. */
    readonly server?: string;
  },
): Keys {
  const { clock, folder, log } = ports;
  const base = ports.server ?? server;
  let refreshing: Promise<KeysStatus> | undefined;

  const fetchNew = async (): Promise<KeysStatus> => {
    const before = await readKeys(ports);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const work = join(folder, `new-${randomUUID()}`);
    const signal = AbortSignal.timeout(patience);
    const line = new LineFetcher(ports.http, signal);
    try {
      await mkdir(work, { mode: 0o700 });
      await copyMetadata(ports, work);
      try {
        const updater = new Updater({
          metadataDir: work,
          metadataBaseUrl: base,
          targetDir: work,
          targetBaseUrl: `${base}/targets`,
          fetcher: line,
        });
        await updater.refresh();
        const info = await updater.getTargetInfo(target);
        if (info === undefined)
          throw new AppError('keys-refused', 'no keys in it', because('form'));
        await updater.downloadTarget(info, join(work, target));
      } catch (error) {
        throw line.problem ?? refusalOf(error);
      }
      const refreshedAt = clock.now();
      await writeFile(join(work, 'refreshed.json'), JSON.stringify({ refreshedAt }));
      const found = await readRefreshed(work).catch(() => {
        throw new AppError('keys-refused', 'what came are no keys', because('form'));
      });
      if (isOlder(found, before)) {
        throw new AppError('keys-refused', 'older than what is there', because('older'));
      }
      await flush(work);
      const place = join(folder, String(refreshedAt).padStart(15, '0'));
      await rm(place, { recursive: true, force: true });
      await rename(work, place);
      await tidy(folder, place);
      log.info('keys.refreshed', { newestKeyAt: found.status.newestKeyAt ?? 0 });
      return found.status;
    } catch (error) {
      await rm(work, { recursive: true, force: true });
      if (error instanceof AppError) log.warn('keys.refused', { code: error.code });
      throw error;
    }
  };

  return {
    current: async () => (await readKeys(ports)).root,
    status: async () => (await readKeys(ports)).status,
    refresh: () => (refreshing ??= fetchNew().finally(() => (refreshing = undefined))),
  };
}

/** `tuf-js` over our own line: the same proxy, authorities and mirror as for downloads, and no token. */
class LineFetcher extends BaseFetcher {
  /** The first thing that was no answer of the server: tuf-js hides what it met inside its own words. */
  problem: AppError | null = null;
  readonly #http: Http;
  readonly #signal: AbortSignal;

  constructor(http: Http, signal: AbortSignal) {
    super();
    this.#http = http;
    this.#signal = signal;
  }

  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const reply = await this.#http
      .open({ url, headers: {}, signal: this.#signal })
      .catch((error: unknown) => {
        this.problem ??=
          error instanceof AppError
            ? error
            : new AppError('network-unreachable', `no answer from ${new URL(url).host}`);
        throw this.problem;
      });
    if (reply.status !== 200) {
      reply.discard();
      // 403 and 404 are how the list of newer roots ends.
      if (reply.status !== 403 && reply.status !== 404) {
        const { host } = new URL(url);
        this.problem ??= new AppError('network-unreachable', `${host}: ${reply.status}`);
      }
      throw new DownloadHTTPError('not there', reply.status);
    }
    return ReadableStream.from(reply.body) as ReadableStream<Uint8Array<ArrayBuffer>>;
  }
}

type Reason = 'expired' | 'older' | 'foreign' | 'form';
const because = (reason: Reason) => ({ detail: { reason } });

/** By words: tuf-js wraps its own classes into others and keeps their text alone. */
function refusalOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : '';
  const reason: Reason = /expired/i.test(text)
    ? 'expired'
    : /signed by|signature|threshold|key/i.test(text)
      ? 'foreign'
      : /version/i.test(text)
        ? 'older'
        : 'form';
  return new AppError('keys-refused', `the keys were refused: ${reason}`, because(reason));
}

async function readShipped(folder: string): Promise<Found> {
  try {
    const { asOf } = JSON.parse(await readFile(join(folder, 'shipped.json'), 'utf8')) as {
      asOf: string;
    };
    const root = trustRootFrom(JSON.parse(await readFile(join(folder, target), 'utf8')));
    const { newestKeyAt } = root;
    return { root, status: { from: 'shipped', asOf: Date.parse(asOf), newestKeyAt } };
  } catch (error) {
    throw new AppError('internal', 'the trust root cannot be read', { cause: error });
  }
}

async function readRefreshed(folder: string): Promise<Found> {
  const { refreshedAt } = JSON.parse(await readFile(join(folder, 'refreshed.json'), 'utf8')) as {
    refreshedAt: unknown;
  };
  const root = trustRootFrom(JSON.parse(await readFile(join(folder, target), 'utf8')));
  if (typeof refreshedAt !== 'number' || root.authorities.length === 0) throw new Error('no keys');
  const { newestKeyAt } = root;
  return { root, status: { from: 'refreshed', asOf: refreshedAt, newestKeyAt } };
}

/** Older in either sense: its newest key, or the day it was current. */
function isOlder({ status }: Found, than: Found): boolean {
  const newest = (found: KeysStatus): number => found.newestKeyAt ?? 0;
  return newest(status) < newest(than.status) || status.asOf < than.status.asOf;
}

/** Finished folders, newest first. */
async function kept(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => wholeFolder.test(name))
    .sort()
    .reverse();
}

/** What was accepted last time, so that nothing older is accepted now; at least the shipped root. */
async function copyMetadata(ports: KeysPorts, work: string): Promise<void> {
  const shipped = await readFile(join(ports.shippedFolder, 'tuf-root.json'));
  await writeFile(join(work, 'root.json'), shipped);
  const [last] = await kept(ports.folder);
  if (last === undefined) return;
  const from = join(ports.folder, last);
  const root = await readFile(join(from, 'root.json')).catch(() => null);
  if (root === null || versionOf(root) < versionOf(shipped)) return;
  for (const name of metadata) {
    const bytes = await readFile(join(from, name)).catch(() => null);
    if (bytes !== null) await writeFile(join(work, name), bytes);
  }
}

function versionOf(root: Buffer): number {
  try {
    const { signed } = JSON.parse(root.toString('utf8')) as { signed?: { version?: unknown } };
    return typeof signed?.version === 'number' ? signed.version : 0;
  } catch {
    return 0;
  }
}

async function flush(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const handle = await open(join(folder, name), 'r+');
    await handle.sync().finally(() => handle.close());
  }
}

/** All but the newest goes, and what an end in the middle left. */
async function tidy(folder: string, place: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (path !== place) await rm(path, { recursive: true, force: true });
  }
}
