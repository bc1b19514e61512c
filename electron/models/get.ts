import { rm, stat } from 'node:fs/promises';
import type { Announcer, Clock, Ids, Log } from '../core/ports.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape, ModelCatalog } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { Writer } from '../storage/sql.ts';
import type { Catalog } from './catalog/catalog.ts';
import { downloadView } from './download-view.ts';
import { hub as hubHost } from './download/http.ts';
import type { Place } from './disk/place.ts';
import type { SideFile } from './disk/move.ts';
import type { Download } from './download/index.ts';
import { diskFiles } from './download/files.ts';
import { createDownloads } from './download/index.ts';
import { partPath, quarantinePath } from './download/job.ts';
import type { DownloadTuning, Http } from './download/ports.ts';
import { createHubFacts } from './hub-facts.ts';
import { createHub, HubError } from './hub.ts';
import type { Http as HubHttp } from './hub.ts';
import type { Library } from './library.ts';
import type { Network } from './network/index.ts';
import { throttled } from './throttle.ts';
import { createAdding } from './adding/index.ts';
import type { AddingPorts } from './adding/index.ts';

export interface GetPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly library: Pick<Library, 'adopt' | 'list'>;
  readonly catalog: () => Promise<Catalog>;
  /** The way to the network, and what is wrong with it before anything is asked. */
  readonly network: Pick<Network, 'http' | 'check' | 'endpoint'>;
  /** Where files come to. */
  readonly place: Place;
  readonly tuning?: Partial<DownloadTuning>;
  /** What ran when the program ended goes on by itself. */
  readonly goOn: boolean;
  /** Resolves when `start` is through: before, nobody knows yet what goes on. */
  readonly ready: () => Promise<unknown>;
  readonly fitOf: AddingPorts['fitOf'];
}

type Calls =
  | 'models.download'
  | 'models.downloads'
  | 'models.pauseDownload'
  | 'models.resumeDownload'
  | 'models.cancelDownload'
  | 'models.downloadFirst'
  | 'models.downloadLog'
  | 'models.wakeDownloads'
  | 'models.look'
  | 'models.fitOf'
  | 'models.downloadFrom';

export interface Getting {
  readonly handlers: Pick<HandlersOf<'models'>, Calls>;
  /** A catalogue with what the hub told about its files so far. */
  asTold(catalog: ModelCatalog): ModelCatalog;
  /** What ran goes on, where that is wanted; what was complete becomes a model. */
  start(): Promise<void>;
  /** Stops all of them, for a move of the library, and names their files in it. */
  suspend(): Promise<readonly SideFile[]>;
  /** Goes on with those that ran, at the place as it is now. */
  resume(): Promise<void>;
  ids(): readonly string[];
  /** Every name that they have or will have in the library's folder. */
  names(): readonly string[];
  close(): Promise<void>;
}

/** How long the hub may take to say what a file is, ms. */
const patience = 30_000;
/** Progress is announced at most this often, ms: each announcement is answered by one question. */
const announceEvery = 500;
/** A clock that was looked at every `beat` ms and jumped by `slept` was asleep. */
const beat = 5_000;
const slept = 20_000;

/**
 * Files of the catalogue from the hub into the library. The network is touched only for what a person
 * asked for: by 'models.download' and 'models.resumeDownload', and by `start` for a download that was
 * running when the program ended.
 */
export function createGetting(ports: GetPorts): Getting {
  const { library, log, announcer } = ports;
  /** Why a file that arrived whole did not become a model. */
  const refusals = new Map<string, ErrorShape>();
  const adopting = new Map<string, Promise<void>>();
  const stop = new AbortController();
  /** Went on by themselves at this start, and nobody has touched them since. */
  const wentOn = new Set<string>();
  const progress = throttled(
    () => announcer.push('downloads.changed', { modelId: null }),
    announceEvery,
  );
  const changed = progress.request;
  let beating: ReturnType<typeof setInterval> | undefined;

  const { http } = ports.network;
  const mirror = ports.network.endpoint;
  const hubHttp = asked(http, stop.signal);
  const hub = createHub({ http: hubHttp, endpoint: hubHost, mirror });
  const facts = createHubFacts({ ...ports, hub });

  const begin = () =>
    createDownloads({
      ...ports,
      http,
      folder: ports.place.folder(),
      // The folder of a disk that is away is not made anew.
      files: { ...diskFiles, makeFolder: async () => void (await ports.place.need()) },
      announcer: {
        changed(download) {
          if (download.state === 'done') void adopt(download);
          changed();
        },
      },
    });

  let downloads = begin();

  const modelOf = (sha256: string | null) =>
    sha256 === null ? undefined : library.list().find((model) => model.sha256 === sha256);

  const adding = createAdding({
    ...ports,
    ...{ hub, http, hubHttp, mirror },
    downloads: { start: (request) => downloads.start(request) },
    explain: hubRefusal,
    stop: stop.signal,
  });

  /** A file that is whole and right becomes a model; the record stays to tell how it came. */
  const adopt = (download: Download): Promise<void> => {
    const { id, path } = download;
    const ahead = adopting.get(id);
    if (ahead !== undefined) return ahead;
    const work = (async () => {
      try {
        const sha256 = download.sha256 ?? (await adding.hashOf(download));
        await library.adopt(path, sha256, adding.originOf(id) ?? undefined);
        refusals.delete(id);
        wentOn.delete(id);
        // Without a hash its record could not be told from a file that is still to be taken in.
        if (download.sha256 === null) await downloads.cancel(id);
        announcer.push('downloads.changed', { modelId: modelOf(sha256)?.id ?? null });
      } catch (error) {
        refusals.set(id, toErrorShape(error));
        log.error('download.refused', { id, code: toErrorShape(error).code });
      }
    })().finally(() => {
      adopting.delete(id);
      changed();
    });
    adopting.set(id, work);
    return work;
  };

  /** Files that arrived whole and are no models yet. */
  const adoptWhole = async (): Promise<void> => {
    const whole = downloads
      .list()
      .filter(({ state, sha256 }) => state === 'done' && modelOf(sha256) === undefined);
    await Promise.all(whole.map(adopt));
  };

  const find = (id: string): Download => {
    const found = downloads.list().find((download) => download.id === id);
    if (found === undefined) throw new AppError('not-found', 'no such download');
    return found;
  };

  /** Records of models that are no longer there say nothing to anybody. */
  const tidy = async (): Promise<void> => {
    for (const { id, state, sha256, path } of downloads.list()) {
      const isWaiting = adopting.has(id) || refusals.has(id);
      if (state !== 'done' || isWaiting || modelOf(sha256) !== undefined) continue;
      if ((await stat(path).catch(() => null)) === null) await downloads.cancel(id);
    }
  };

  return {
    handlers: {
      ...adding.handlers,
      'models.download': async ({ catalogId, file: name }) => {
        await ports.ready();
        const model = (await ports.catalog()).models.find(({ id }) => id === catalogId);
        const file = model?.gguf?.files.find((one) => one.name === name);
        if (model === undefined || file === undefined) {
          throw new AppError('not-found', 'no such file in the catalogue');
        }
        await ports.place.need();
        try {
          await ports.network.check();
          const told = await facts.of(model, file);
          if (told === null) {
            throw new AppError('download-mismatch', 'the hub has another file than the catalogue', {
              detail: { file: name },
            });
          }
          const { repository, revision, bytes, sha256 } = told;
          const url = hub.address(repository, revision, name);
          const known = modelOf(sha256);
          if (known !== undefined) {
            const detail = { id: known.id, name: known.name };
            throw new AppError('model-exists', 'this model is already there', { detail });
          }
          await tidy();
          const subject = `${catalogId}/${name}`;
          const fileName = `${sha256}.gguf`;
          const origin = await adding.prepare({
            source: 'catalogue',
            ...{ repository, revision, url },
            file: name,
          });
          const downloadId = await downloads.start({ url, fileName, sha256, bytes, subject });
          adding.note(downloadId, origin);
          // The catalogue's sizes are the hub's now.
          announcer.push('models.changed', { modelId: null });
          return { downloadId };
        } catch (error) {
          throw error instanceof HubError ? hubRefusal(error) : error;
        }
      },
      'models.downloads': async () => {
        await ports.ready();
        const catalog = await ports.catalog();
        return downloads
          .list()
          .filter(({ id, state }) => state !== 'done' || adopting.has(id) || refusals.has(id))
          .map((download) => {
            const { id } = download;
            const refusal = refusals.get(id) ?? null;
            return downloadView(download, { catalog, refusal, wentOn: wentOn.has(id) });
          });
      },
      'models.downloadFirst': ({ downloadId }) => {
        downloads.first(downloadId);
        return null;
      },
      'models.downloadLog': ({ downloadId, modelId }) => {
        if (downloadId !== undefined) return downloads.log(find(downloadId).id);
        const sha256 = library.list().find(({ id }) => id === modelId)?.sha256 ?? null;
        const came = downloads
          .list()
          .findLast((one) => one.state === 'done' && sha256 !== null && one.sha256 === sha256);
        return came === undefined ? [] : downloads.log(came.id);
      },
      'models.wakeDownloads': () => {
        downloads.wake();
        return null;
      },
      'models.pauseDownload': async ({ downloadId }) => {
        wentOn.delete(downloadId);
        await downloads.pause(downloadId);
        return null;
      },
      'models.resumeDownload': async ({ downloadId }) => {
        await ports.ready();
        wentOn.delete(downloadId);
        const download = find(downloadId);
        await ports.place.need();
        if (download.state === 'done') await adopt(download);
        else {
          await ports.network.check();
          downloads.resume(downloadId);
        }
        return null;
      },
      'models.cancelDownload': async ({ downloadId }) => {
        const { path, state } = find(downloadId);
        await adopting.get(downloadId);
        const isRefused = state === 'done' && refusals.delete(downloadId);
        await downloads.cancel(downloadId);
        if (isRefused && !library.list().some((model) => model.path === path)) {
          await rm(path, { force: true });
        }
        changed();
        return null;
      },
    },
    asTold: facts.asTold,
    async start() {
      for (const id of await downloads.recover(ports.goOn ? 'queued' : 'held')) wentOn.add(id);
      await tidy();
      await adoptWhole();
      let last = ports.clock.now();
      beating = setInterval(() => {
        const now = ports.clock.now();
        if (now - last > slept) downloads.wake();
        last = now;
      }, beat);
      beating.unref();
    },
    async suspend() {
      await downloads.close();
      await Promise.all(adopting.values());
      return downloads.list().flatMap((download) => filesOf(download));
    },
    async resume() {
      downloads = begin();
      await downloads.recover('queued');
      void adoptWhole();
    },
    ids: () => downloads.list().map(({ id }) => id),
    names: () => downloads.list().flatMap((download) => filesOf(download).map(({ name }) => name)),
    async close() {
      clearInterval(beating);
      progress.stop();
      stop.abort();
      await downloads.close();
      await Promise.all(adopting.values());
    },
  };
}

/** Under which names a download may be found in its folder. */
function filesOf({ id, fileName }: Download): readonly SideFile[] {
  const row = { id, fileName };
  return [fileName, partPath('', row), quarantinePath('', row)].map((name) => ({
    downloadId: id,
    name,
  }));
}

/** The hub's questions over the same line as the files: same proxy, same mirror. */
function asked(http: Http, stop: AbortSignal): HubHttp {
  return {
    async request(method, url, headers) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(patience)]);
      const reply = await http.open({ method, url: http.start(url), headers, signal });
      return {
        status: reply.status,
        headers: reply.headers,
        async text(limit) {
          const pieces: Uint8Array[] = [];
          let size = 0;
          for await (const piece of reply.body) {
            size += piece.length;
            if (size > limit) throw new Error('the answer is too long');
            pieces.push(piece);
          }
          return Buffer.concat(pieces).toString('utf8');
        },
      };
    },
  };
}

function hubRefusal({ code, message }: HubError): AppError {
  if (code === 'hub-unreachable') return new AppError('network-unreachable', message);
  const reason = code === 'hub-not-found' ? 'missing' : code.slice('hub-'.length);
  return new AppError('download-failed', message, { detail: { reason } });
}
