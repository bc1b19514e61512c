import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIds } from '../../electron/core/ids.ts';
import { createHttp } from '../../electron/models/download/http.ts';
import type { HttpSettings } from '../../electron/models/download/http.ts';
import { createDownloads } from '../../electron/models/download/index.ts';
import type { Download, DownloadPorts, Downloads } from '../../electron/models/download/index.ts';
import type { DownloadTuning, Http } from '../../electron/models/download/ports.ts';
import { openDatabase } from '../../electron/storage/open.ts';

/** Patience of a test: everything a hundred times shorter. */
export const shortTuning: Partial<DownloadTuning> = {
  piece: 256 * 1024,
  readTimeout: 250,
  slowRate: 40_000,
  slowWindow: 200,
  retryFirst: 4,
  retryMost: 40,
  saveGap: 10,
  saveEvery: 20,
  saveBytes: 128 * 1024,
  tick: 50,
  spare: 0,
};

export interface Setup {
  readonly folder: string;
  readonly models: string;
  readonly lines: string[];
  readonly downloads: Downloads;
  readonly seen: Download[];
  /** A new engine on the same database and folder, as after a restart. */
  restart(): Promise<Downloads>;
  files(): readonly string[];
  dispose(): Promise<void>;
}

export function setUp(
  options: {
    http?: Partial<HttpSettings>;
    environment?: Readonly<Record<string, string>>;
    ports?: Partial<DownloadPorts>;
    tuning?: Partial<DownloadTuning>;
    folder?: string;
    /** Put around the real network. */
    around?: (http: Http) => Http;
  } = {},
): Setup {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'quarry-downloads-'));
  const models = join(folder, 'models');
  const lines: string[] = [];
  const seen: Download[] = [];
  const clock = { now: () => Date.now() };
  const write = (event: string, facts?: object): void =>
    void lines.push(`${event} ${JSON.stringify(facts ?? {})}`);
  const log = { info: write, warn: write, error: write };
  const open = () => {
    const { db, close } = openDatabase({
      file: join(folder, 'quarry.db'),
      clock,
      log,
      backupFolder: join(folder, 'backups'),
    });
    const http = createHttp(
      { endpoint: null, proxy: 'none', caFile: null, token: () => null, ...options.http },
      options.environment ?? {},
    );
    const downloads = createDownloads({
      db,
      http: options.around?.(http) ?? http,
      clock,
      log,
      ids: createIds(clock),
      announcer: { changed: (download) => void seen.push(download) },
      folder: models,
      ...options.ports,
      tuning: { ...shortTuning, ...options.tuning },
    });
    return {
      downloads,
      close: async () => {
        await downloads.close();
        await http.close();
        close();
      },
    };
  };
  let current = open();
  return {
    folder,
    models,
    lines,
    seen,
    get downloads() {
      return current.downloads;
    },
    async restart() {
      await current.close();
      current = open();
      await current.downloads.recover();
      return current.downloads;
    },
    files() {
      try {
        return readdirSync(models);
      } catch {
        return [];
      }
    },
    async dispose() {
      await current.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
