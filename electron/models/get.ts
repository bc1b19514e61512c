import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Announcer, Clock, Ids, Log } from '../core/ports.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape, ModelDownload } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { Writer } from '../storage/sql.ts';
import type { Catalog, CatalogFile, CatalogModel } from './catalog/catalog.ts';
import { createHttp, endpointOf, hub as hubHost } from './download/http.ts';
import type { Download } from './download/index.ts';
import { createDownloads } from './download/index.ts';
import type { DownloadTuning, Http } from './download/ports.ts';
import { createHub, HubError, readEndpoint } from './hub.ts';
import type { Http as HubHttp } from './hub.ts';
import type { Library } from './library.ts';
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
  /** The profile; files come to its folder `models`. */
  readonly dataFolder: string;
  /** HF_ENDPOINT and the proxy variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tuning?: Partial<DownloadTuning>;
  readonly fitOf: AddingPorts['fitOf'];
}

type Calls =
  | 'models.download'
  | 'models.downloads'
  | 'models.pauseDownload'
  | 'models.resumeDownload'
  | 'models.cancelDownload'
  | 'models.look'
  | 'models.fitOf'
  | 'models.downloadFrom';

export interface Getting {
  readonly handlers: Pick<HandlersOf<'models'>, Calls>;
  /** What ran is paused, what was complete becomes a model. Asks no network. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** How long the hub may take to say what a file is, ms. */
const patience = 30_000;

/**
 * Files of the catalogue from the hub into the library. The network is touched only by
 * 'models.download' and 'models.resumeDownload': what a person asked for.
 */
export function createGetting(ports: GetPorts): Getting {
  const { library, log, announcer } = ports;
  const folder = join(ports.dataFolder, 'models');
  /** Why a file that arrived whole did not become a model. */
  const refusals = new Map<string, ErrorShape>();
  const adopting = new Map<string, Promise<void>>();
  const stop = new AbortController();
  const changed = (): void => announcer.push('models.changed', { modelId: null });

  let opened: (Http & { close(): Promise<void> }) | undefined;
  // Made when it is first needed: a wrong endpoint is then that call's error, not the app's.
  const mirror = (): string | null => {
    const given = endpointOf(ports.environment);
    return given === null ? null : readEndpoint(given);
  };
  const connect = () => {
    const endpoint = mirror();
    return (opened ??= createHttp(
      { endpoint, proxy: 'system', caFile: null, token: () => null },
      ports.environment,
    ));
  };
  const http: Http = {
    start: (url) => connect().start(url),
    open: (request) => connect().open(request),
  };
  const hubHttp = asked(http, stop.signal);
  const hub = createHub({ http: hubHttp, endpoint: hubHost, mirror });

  const downloads = createDownloads({
    ...ports,
    http,
    folder,
    announcer: {
      changed(download) {
        if (download.state === 'done') void adopt(download);
        changed();
      },
    },
  });

  const adding = createAdding({
    ...ports,
    ...{ hub, http, hubHttp, downloads, mirror },
    explain: hubRefusal,
    stop: stop.signal,
  });

  /** A file that is whole and right becomes a model; its record then goes. */
  const adopt = (download: Download): Promise<void> => {
    const { id, path } = download;
    const ahead = adopting.get(id);
    if (ahead !== undefined) return ahead;
    const work = (async () => {
      try {
        const sha256 = download.sha256 ?? (await adding.hashOf(download));
        await library.adopt(path, sha256, adding.originOf(id) ?? undefined);
        refusals.delete(id);
        await downloads.cancel(id);
      } catch (error) {
        refusals.set(id, toErrorShape(error));
        log.error('download.refused', { id, code: toErrorShape(error).code });
      }
      changed();
    })().finally(() => adopting.delete(id));
    adopting.set(id, work);
    return work;
  };

  const find = (id: string): Download => {
    const found = downloads.list().find((download) => download.id === id);
    if (found === undefined) throw new AppError('not-found', 'no such download');
    return found;
  };

  const factsOf = async (model: CatalogModel, file: CatalogFile) => {
    const { gguf } = model;
    if (gguf === null) throw new AppError('not-found', 'the model has no files');
    const revision =
      gguf.revisionStatus === 'pinned' && gguf.revision !== null
        ? gguf.revision
        : (await hub.revision(gguf.repository, 'main')).commit;
    const { commit, bytes, sha256 } = await hub.head(gguf.repository, revision, file.name);
    if (sha256 === null || bytes === null) {
      throw new HubError('hub-answer', 'the hub does not say what the file is');
    }
    const differs =
      (commit !== null && commit !== revision) ||
      (file.sha256.status === 'pinned' && file.sha256.value !== sha256) ||
      (file.size.status === 'pinned' && file.size.bytes !== bytes);
    if (differs) {
      throw new AppError('download-mismatch', 'the hub has another file than the catalogue', {
        detail: { file: file.name },
      });
    }
    const { repository } = gguf;
    const url = hub.address(repository, revision, file.name);
    return { bytes, sha256, url, repository, revision };
  };

  const view = (download: Download): ModelDownload => {
    const { id, bytes, done, bytesPerSecond, secondsLeft } = download;
    const [catalogId = '', file = ''] = download.subject.split('/');
    const refusal = refusals.get(id) ?? null;
    const error = refusal ?? failureOf(download);
    const waits = download.state === 'done' ? 'checking' : download.state;
    const state = error === null ? waits : 'failed';
    return { id, catalogId, file, state, bytes, done, bytesPerSecond, secondsLeft, error };
  };

  return {
    handlers: {
      ...adding.handlers,
      'models.download': async ({ catalogId, file: name }) => {
        const model = (await ports.catalog()).models.find(({ id }) => id === catalogId);
        const file = model?.gguf?.files.find((one) => one.name === name);
        if (model === undefined || file === undefined) {
          throw new AppError('not-found', 'no such file in the catalogue');
        }
        try {
          const { bytes, sha256, ...place } = await factsOf(model, file);
          const known = library.list().find((one) => one.sha256 === sha256);
          if (known !== undefined) {
            const detail = { id: known.id, name: known.name };
            throw new AppError('model-exists', 'this model is already there', { detail });
          }
          const subject = `${catalogId}/${name}`;
          const fileName = `${sha256}.gguf`;
          const origin = await adding.prepare({ source: 'catalogue', file: name, ...place });
          const { url } = place;
          const downloadId = await downloads.start({ url, fileName, sha256, bytes, subject });
          adding.note(downloadId, origin);
          return { downloadId };
        } catch (error) {
          throw error instanceof HubError ? hubRefusal(error) : error;
        }
      },
      'models.downloads': () => downloads.list().map(view),
      'models.pauseDownload': async ({ downloadId }) => {
        await downloads.pause(downloadId);
        return null;
      },
      'models.resumeDownload': async ({ downloadId }) => {
        const download = find(downloadId);
        if (download.state === 'done') await adopt(download);
        else downloads.resume(downloadId);
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
    async start() {
      await downloads.recover('paused');
      const whole = downloads.list().filter(({ state }) => state === 'done');
      await Promise.all(whole.map(adopt));
    },
    async close() {
      stop.abort();
      await downloads.close();
      await Promise.all(adopting.values());
      await opened?.close();
    },
  };
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

function failureOf({ failure, fileName }: Download): ErrorShape | null {
  if (failure === null) return null;
  const message = `the download ended: ${failure}`;
  if (failure === 'disk-full' || failure === 'internal') return { code: failure, message };
  if (failure === 'permission-denied') {
    return { code: failure, message, detail: { file: fileName } };
  }
  if (failure === 'exists') return { code: 'model-exists', message };
  if (failure === 'wrong-bytes' || failure === 'wrong-size' || failure === 'changed') {
    return { code: 'download-mismatch', message };
  }
  const reasons = { refused: 'denied', 'not-found': 'missing', server: 'answer' } as const;
  return { code: 'download-failed', message, detail: { reason: reasons[failure] } };
}
