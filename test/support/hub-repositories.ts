import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A repository: its files by path. Those that end in .gguf are large files, named by their sha256. */
export interface LocalRepository {
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly gated?: boolean;
  /** Entries of the listing instead of the files'. */
  readonly tree?: readonly unknown[];
}

export interface LocalHub {
  readonly origin: string;
  /** "GET /path", with the range where one was asked for. */
  readonly asked: string[];
  /** owner/name; free to change between calls. */
  readonly repositories: Record<string, LocalRepository>;
  /** Files outside of any repository, by path. */
  readonly plain: Record<string, Buffer>;
  /** Answers instead of the hub where it gives true. */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): void;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A hub on 127.0.0.1 that answers revisions, listings, HEAD and ranges as the real one does. */
export async function localHub(): Promise<LocalHub> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const range = request.headers.range === undefined ? '' : ` ${request.headers.range}`;
    hub.asked.push(`${request.method} ${request.url}${range}`);
    if (hub.answer(request, response)) return;
    const { pathname } = new URL(request.url ?? '/', 'http://here');
    const plain = hub.plain[pathname];
    if (plain !== undefined) return send(request, response, plain, {});
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\//.exec(pathname);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(pathname);
    const repository = hub.repositories[(api ?? file)?.[1] ?? ''];
    if (repository === undefined) return void response.writeHead(404).end();
    const { commit, files, gated = false } = repository;
    if (api?.[2] === 'revision') return json(response, { sha: commit, gated: gated && 'manual' });
    if (api !== null) return json(response, repository.tree ?? Object.entries(files).map(entry));
    if (gated) return void response.writeHead(403).end();
    const path = decodeURIComponent(file?.[2] ?? '');
    const bytes = files[path];
    if (bytes === undefined) return void response.writeHead(404).end();
    const large = { 'x-linked-etag': `"${sha256(bytes)}"`, 'x-linked-size': String(bytes.length) };
    send(request, response, bytes, {
      etag: `"${sha256(bytes)}"`,
      'x-repo-commit': commit,
      ...(path.endsWith('.gguf') && large),
    });
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: LocalHub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    repositories: {},
    plain: {},
    answer: () => false,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return hub;
}

function entry([path, bytes]: [string, Buffer]) {
  const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 135 };
  const oid = createHash('sha1').update(bytes).digest('hex');
  return { type: 'file', path, size: bytes.length, oid, ...(path.endsWith('.gguf') && { lfs }) };
}

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: Record<string, string>,
): void {
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, bytes.length) : bytes.length;
  response.writeHead(range ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-length': end - start,
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end));
}
