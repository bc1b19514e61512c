import * as v from 'valibot';
import { readEndpoint } from '../ipc/addresses.ts';

export { readEndpoint };

/** The only way to the network: who gives it decides about proxy, certificates, time limits. */
export interface Http {
  /** Follows no redirect. Header names of the answer are in lower case. Throws when no answer comes. */
  request(
    method: 'GET' | 'HEAD',
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, refused by the port beyond the bytes given. */
  text(limit: number): Promise<string>;
}

/** What of a repository a person named. */
export interface HubPlace {
  readonly repository: string;
  /** Branch, tag or commit; null = not told. */
  readonly revision: string | null;
  /** Path inside the repository; null = all of it. */
  readonly file: string | null;
}

export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** sha256 of the content for large files (LFS); null for others. */
  readonly sha256: string | null;
  /** git's own hash of the blob, or of the pointer of a large file. */
  readonly gitSha1: string;
}

export interface HubRevision {
  /** 40 hex digits. */
  readonly commit: string;
  readonly isGated: boolean;
}

export interface HubFileFacts {
  readonly commit: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  /** sha256 of a large file, git's hash of a small one: changes with the content. */
  readonly etag: string | null;
  /** Where the bytes are now; signed and short-lived for large files. */
  readonly location: string;
}

export interface HubOptions {
  readonly http: Http;
  /** `https://host[/path]`; a mirror answers the same paths. */
  readonly endpoint: string;
  /** Sent to the endpoint's own host only. */
  readonly token?: string | null;
  /** Where `http` really asks: that host may lead to pages of its own, too. */
  readonly mirror?: () => string | null;
}

export type HubCode =
  'hub-unreachable' | 'hub-not-found' | 'hub-denied' | 'hub-busy' | 'hub-answer' | 'hub-name';

/** A refusal of the hub. Holds no token, and of addresses the host only: signed ones are secrets too. */
export class HubError extends Error {
  readonly code: HubCode;
  readonly status: number | null;
  /** Seconds to wait, where the hub says so. */
  readonly retryAfter: number | null;

  constructor(code: HubCode, message: string, status: number | null = null, retryAfter?: number) {
    super(message);
    this.name = 'HubError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter ?? null;
  }
}

export interface Hub {
  /** The commit behind a branch, tag or commit. */
  revision(repository: string, revision: string): Promise<HubRevision>;
  /**
   * The files at a revision, all pages of it, that `wanted` says yes to. Throws 'hub-answer' for a
   * list beyond 200,000 entries.
   */
  tree(
    repository: string,
    revision: string,
    wanted?: (path: string) => boolean,
  ): Promise<readonly HubFile[]>;
  /** Facts of one file without its bytes. */
  head(repository: string, revision: string, file: string): Promise<HubFileFacts>;
  /** The address that leads to a file's bytes. */
  address(repository: string, revision: string, file: string): string;
  /** The header lines for an address: the token where it is the endpoint's own, else nothing. */
  headersFor(url: string): Readonly<Record<string, string>>;
}

const answerBytes = 16 * 1024 * 1024;
const mostPages = 100;
const mostEntries = 200_000;
const mostRedirects = 5;
const commitPattern = /^[0-9a-f]{40}$/;
const sha256Pattern = /^[0-9a-f]{64}$/;

const treeAnswer = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    oid: v.string(),
    lfs: v.optional(
      v.object({
        oid: v.pipe(v.string(), v.regex(sha256Pattern)),
        size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      }),
    ),
  }),
);
const revisionAnswer = v.object({
  sha: v.pipe(v.string(), v.regex(commitPattern)),
  gated: v.optional(v.union([v.boolean(), v.string()])),
});

/** The Hugging Face hub's HTTP interface, as far as model files need it (granite.md §5). */
export function createHub({ http, endpoint, token = null, mirror }: HubOptions): Hub {
  const base = readEndpoint(endpoint);
  const { origin } = new URL(base);
  const isHome = (url: URL | null): url is URL => {
    const other = mirror?.() ?? null;
    return url?.origin === origin || (other !== null && url?.origin === new URL(other).origin);
  };
  const headersFor = (url: string): Record<string, string> =>
    token !== null && new URL(url).origin === origin ? { authorization: `Bearer ${token}` } : {};

  const ask = async (method: 'GET' | 'HEAD', url: string, extra: Record<string, string> = {}) => {
    try {
      return await http.request(method, url, { ...extra, ...headersFor(url) });
    } catch {
      throw new HubError('hub-unreachable', `no answer from ${new URL(url).host}`);
    }
  };
  const json = async <S extends v.GenericSchema>(schema: S, url: string) => {
    let answer = await ask('GET', url, { accept: 'application/json' });
    for (let step = 0; isRedirect(answer.status) && step < mostRedirects; step += 1) {
      // A renamed repository; any other host would get to say what the hub's files are.
      const target = URL.parse(answer.headers['location'] ?? '', url);
      if (!isHome(target)) throw new HubError('hub-answer', 'sent to another host');
      answer = await ask('GET', target.href, { accept: 'application/json' });
    }
    if (answer.status !== 200) throw refused(answer);
    let value: unknown;
    try {
      value = JSON.parse(await answer.text(answerBytes));
    } catch {
      throw new HubError('hub-answer', 'the answer is no JSON');
    }
    const result = v.safeParse(schema, value);
    if (!result.success) throw new HubError('hub-answer', 'the answer has another form');
    return { value: result.output, headers: answer.headers };
  };
  const api = (repository: string): string => `${base}/api/models/${checkedRepository(repository)}`;
  const address = (repository: string, revision: string, file: string): string =>
    `${base}/${checkedRepository(repository)}/resolve/${encodeURIComponent(revision)}/${encodePath(file)}`;

  return {
    address,
    headersFor,
    async revision(repository, revision) {
      const url = `${api(repository)}/revision/${encodeURIComponent(revision)}`;
      const { value } = await json(revisionAnswer, url);
      if (commitPattern.test(revision) && value.sha !== revision) {
        throw new HubError('hub-answer', 'the hub tells another commit than was asked for');
      }
      return { commit: value.sha, isGated: Boolean(value.gated) };
    },
    async tree(repository, revision, wanted = () => true) {
      const files: HubFile[] = [];
      let entries = 0;
      const path = `${api(repository)}/tree/${encodeURIComponent(revision)}`;
      let next: string | null = `${path}?recursive=true&expand=false`;
      for (let page = 0; next !== null; page += 1) {
        if (page === mostPages) throw new HubError('hub-answer', 'the list does not end');
        const { value, headers } = await json(treeAnswer, next);
        entries += value.length;
        if (entries > mostEntries) throw new HubError('hub-answer', 'the list is too long');
        for (const one of value) {
          if (one.type !== 'file' || !isSafePath(one.path) || !wanted(one.path)) continue;
          files.push({
            path: one.path,
            bytes: one.lfs?.size ?? one.size,
            sha256: one.lfs?.oid ?? null,
            gitSha1: one.oid,
          });
        }
        next = nextPage(headers['link'], next, isHome);
      }
      return files;
    },
    async head(repository, revision, file) {
      let url = address(repository, revision, file);
      for (let step = 0; step <= mostRedirects; step += 1) {
        const answer = await ask('HEAD', url, { 'accept-encoding': 'identity' });
        const { headers, status } = answer;
        const location = headers['location'];
        const target = location === undefined ? null : URL.parse(location, url);
        // A relative redirect is a renamed repository; an absolute one is the storage behind the file.
        if (isRedirect(status) && location !== undefined && !/^[a-z]+:|^\/\//i.test(location)) {
          if (target === null) throw new HubError('hub-answer', 'a redirect that leads nowhere');
          url = target.href;
          continue;
        }
        if (status !== 200 && !(isRedirect(status) && target !== null)) throw refused(answer);
        return factsOf(headers, target?.href ?? url, status === 200);
      }
      throw new HubError('hub-answer', 'too many redirects');
    },
  };
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

function factsOf(headers: HttpAnswer['headers'], location: string, isFinal: boolean): HubFileFacts {
  const linked = clean(headers['x-linked-etag']);
  // Without X-Linked-Size only a final answer's length is the file's own.
  const size = Number(headers['x-linked-size'] ?? (isFinal ? headers['content-length'] : NaN));
  const commit = headers['x-repo-commit'];
  return {
    commit: commit !== undefined && commitPattern.test(commit) ? commit : null,
    bytes: Number.isSafeInteger(size) && size >= 0 ? size : null,
    sha256: linked !== null && sha256Pattern.test(linked) ? linked : null,
    etag: linked ?? clean(headers['etag']),
    location,
  };
}

function clean(etag: string | undefined): string | null {
  const bare = etag?.trim().replace(/^W\//, '').replace(/^"|"$/g, '') ?? '';
  return bare === '' ? null : bare;
}

/** The next page, where it stays with the endpoint: the token travels with it. */
function nextPage(
  link: string | undefined,
  from: string,
  isHome: (url: URL | null) => url is URL,
): string | null {
  const found = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (found === undefined) return null;
  const url = URL.parse(found, from);
  if (!isHome(url)) {
    throw new HubError('hub-answer', 'the next page is on another host');
  }
  return url.href;
}

function refused({ status, headers }: HttpAnswer): HubError {
  const seconds = Number(headers['retry-after'] ?? NaN);
  const wait = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  if (status === 401 || status === 403) return new HubError('hub-denied', 'no access', status);
  if (status === 404) return new HubError('hub-not-found', 'no such thing on the hub', status);
  if (status === 429 || status >= 500) return new HubError('hub-busy', 'later', status, wait);
  return new HubError('hub-answer', `unexpected status ${status}`, status);
}

function encodePath(path: string): string {
  if (!isSafePath(path)) throw new HubError('hub-name', 'a file name that leads elsewhere');
  return path.split('/').map(encodeURIComponent).join('/');
}

function isSafePath(path: string): boolean {
  const steps = path.split('/');
  // eslint-disable-next-line no-control-regex
  const isPlain = path.length <= 1024 && !/[\\\u0000-\u001f:]/.test(path);
  return isPlain && steps.every((step) => step !== '' && step !== '.' && step !== '..');
}

function checkedRepository(repository: string): string {
  if (!/^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/.test(repository)) {
    throw new HubError('hub-name', 'a repository is named owner/name');
  }
  return repository;
}
