import { createHash } from 'node:crypto';
import type { Clock, Log } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { ModelHeader, ModelPlace, PlaceFit } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import { getDownloadOrigin, putDownloadOrigin } from '../../storage/repositories/origins.ts';
import type { StoredOrigin } from '../../storage/repositories/origins.ts';
import type { Writer } from '../../storage/sql.ts';
import type { Download, Downloads } from '../download/index.ts';
import type { Http } from '../download/ports.ts';
import { hashFile } from '../file-hash.ts';
import { HubError } from '../hub.ts';
import type { Hub, Http as HubHttp } from '../hub.ts';
import type { Library } from '../library.ts';
import { expectedSigner } from '../verify/index.ts';
import { isPart, isWanted, listModels } from './listing.ts';
import { readAddress, readPasted, refused } from './place.ts';
import { openRemote, readRemoteHeader } from './remote-header.ts';

export interface AddingPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly library: Pick<Library, 'list'>;
  readonly hub: Hub;
  readonly http: Http;
  readonly hubHttp: HubHttp;
  readonly downloads: Pick<Downloads, 'start'>;
  /** HF_ENDPOINT or the setting; null = the hub itself. Throws for one that cannot be used. */
  readonly mirror: () => string | null;
  readonly fitOf: (header: ModelHeader) => Pick<PlaceFit, Figures>;
  /** Turns a refusal of the hub into the app's. */
  readonly explain: (error: HubError) => AppError;
  readonly stop: AbortSignal;
}
type Figures = 'verdict' | 'context' | 'predicted' | 'needed' | 'capacity' | 'fitsNow';
type Calls = 'models.look' | 'models.fitOf' | 'models.downloadFrom';
/** Of a download; kept with the model that it becomes. */
export interface Source {
  readonly source: 'catalogue' | 'hub' | 'address';
  readonly repository: string | null;
  readonly revision: string | null;
  readonly file: string;
  readonly url: string;
}

export interface Adding {
  readonly handlers: Pick<HandlersOf<'models'>, Calls>;
  /**
   * What to keep of where a file comes from, with the repository's model.sig where it has one: it is
   * small, and belongs to what was asked for. Without an answer the file comes alone.
   */
  prepare(source: Source): Promise<StoredOrigin>;
  /** Keeps it with a download. */
  note(downloadId: string, origin: StoredOrigin): void;
  /** What was noted of it. */
  originOf(downloadId: string): StoredOrigin | null;
  /**
   * The hash of a file that came without one. Throws 'model-exists' where the library has these
   * bytes already.
   */
  hashOf(download: Download): Promise<string>;
}

/** IBM's are 11 KB. What is longer is no signature that anybody waits for. */
const signatureBytes = 1024 * 1024;

/** Any GGUF that is in no catalogue: looked at, measured, fetched; only when asked. */
export function createAdding(ports: AddingPorts): Adding {
  const { db, hub, http, library } = ports;
  const nameOf = (sha256: string): string | null =>
    library.list().find((model) => model.sha256 === sha256)?.name ?? null;
  const refuseKnown = (sha256: string): void => {
    const known = library.list().find((model) => model.sha256 === sha256);
    if (known === undefined) return;
    const detail = { id: known.id, name: known.name };
    throw new AppError('model-exists', 'this model is already there', { detail });
  };
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof HubError ? ports.explain(error) : error;
    }
  };
  const addressOf = (from: ModelPlace): { readonly url: string; readonly file: string } => {
    if (from.kind === 'address') return readAddress(from.url);
    if (!/\.gguf$/i.test(from.file)) throw refused('kind');
    const url = hub.address(from.repository, from.revision, from.file);
    return { url, file: from.file.split('/').at(-1) ?? from.file };
  };

  /** null = there is none, or it did not come. */
  const signatureOf = async (repository: string, revision: string): Promise<string | null> => {
    try {
      const url = http.start(hub.address(repository, revision, 'model.sig'));
      let answer = await ports.hubHttp.request('GET', url, {});
      for (let step = 0; step < 5 && answer.status >= 300 && answer.status < 400; step += 1) {
        // It proves itself: whoever hands it out can only withhold it.
        const target = URL.parse(answer.headers['location'] ?? '', url);
        if (target === null || (url.startsWith('https:') && target.protocol !== 'https:')) break;
        answer = await ports.hubHttp.request('GET', target.href, {});
      }
      return answer.status === 200 ? await answer.text(signatureBytes) : null;
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      ports.log.warn('signature.unfetched', { error: name });
      return null;
    }
  };

  const prepare: Adding['prepare'] = async (source) => {
    const { repository, revision, url } = source;
    const isHub = repository !== null && revision !== null;
    return {
      ...source,
      url: withoutQuery(url),
      tool: null,
      isHint: false,
      signature: isHub ? await signatureOf(repository, revision) : null,
      at: ports.clock.now(),
    };
  };
  const note: Adding['note'] = (downloadId, origin) => putDownloadOrigin(db, downloadId, origin);

  return {
    prepare,
    note,
    originOf: (downloadId) => getDownloadOrigin(db, downloadId) ?? null,
    async hashOf({ path }) {
      const sha256 = await hashFile(path, { signal: ports.stop });
      refuseKnown(sha256);
      return sha256;
    },
    handlers: {
      'models.look': ({ place }) =>
        explained(async () => {
          const pasted = readPasted(place, ports.mirror());
          if (pasted.kind === 'address') {
            const { bytes } = await openRemote(http, pasted.url, ports.stop);
            const { host } = new URL(pasted.url);
            return { ...pasted, host, bytes };
          }
          const { repository, file: named } = pasted;
          const { commit, isGated } = await hub.revision(repository, pasted.revision ?? 'main');
          const all = await hub.tree(repository, commit, isWanted);
          return {
            kind: 'hub' as const,
            repository,
            revision: commit,
            isGated,
            hasSignature: all.some(({ path }) => path === 'model.sig'),
            signer: expectedSigner(repository),
            named,
            ...listModels(all, nameOf),
          };
        }),
      'models.fitOf': ({ from }) =>
        explained(async () => {
          const { url, file } = addressOf(from);
          if (isPart(file)) throw refused('parts');
          const header = await readRemoteHeader(http, url, file, ports.stop);
          const { name, architecture, parameters, quantization } = header;
          return { name, architecture, parameters, quantization, ...ports.fitOf(header) };
        }),
      'models.downloadFrom': ({ from }) =>
        explained(async () => {
          const { url, file } = addressOf(from);
          if (isPart(file)) throw refused('parts');
          const subject = `/${file}`;
          if (from.kind === 'address') {
            const fileName = `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.gguf`;
            const request = { url, fileName, sha256: null, bytes: null, subject };
            const nowhere = { repository: null, revision: null };
            const origin = await prepare({ source: 'address', ...nowhere, file, url });
            const downloadId = await ports.downloads.start(request);
            note(downloadId, origin);
            return { downloadId };
          }
          const { repository, revision } = from;
          const facts = await hub.head(repository, revision, from.file);
          if (facts.sha256 === null || facts.bytes === null) {
            throw new HubError('hub-answer', 'the hub does not say what the file is');
          }
          if (facts.commit !== null && facts.commit !== revision) {
            throw new AppError('download-mismatch', 'the hub has another commit', {
              detail: { file },
            });
          }
          const { sha256, bytes } = facts;
          refuseKnown(sha256);
          const request = { url, fileName: `${sha256}.gguf`, sha256, bytes, subject };
          const where = { repository, revision, file: from.file, url };
          const origin = await prepare({ source: 'hub', ...where });
          const downloadId = await ports.downloads.start(request);
          note(downloadId, origin);
          return { downloadId };
        }),
    },
  };
}

/** What follows the question mark may be a key. */
function withoutQuery(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}
