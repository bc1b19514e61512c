import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What the server does with one request. Everything left out is done rightly. */
export interface Behaviour {
  /** Answer with this status and no bytes. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly etag?: string | null;
  /** Ignore the range. */
  readonly whole?: boolean;
  /** Say a Content-Range moved by so many bytes. */
  readonly shiftRange?: number;
  /** Send this many bytes, then: */
  readonly after?: number;
  readonly then?: 'cut' | 'stall' | 'end';
  /** Bytes a second; unlimited if not given. */
  readonly rate?: number;
  /** Wrong byte at these places of the file. */
  readonly flip?: readonly number[];
  /** Another file of the same length under the same address. */
  readonly seed?: number;
  /** The file pretends to be this long. */
  readonly length?: number;
  /** No Content-Length; bytes behind the end, too. */
  readonly extra?: number;
}

export interface Asked {
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly range: { readonly start: number; readonly end: number } | null;
  readonly authorization: string | undefined;
  readonly encoding: string | undefined;
  /** Requests for this path before this one. */
  readonly before: number;
}

export interface HostileServer {
  readonly origin: string;
  readonly port: number;
  readonly asked: readonly Asked[];
  /** Body bytes handed to the system. */
  sent(): number;
  /** Most requests at the same time so far. */
  most(): number;
  close(): Promise<void>;
}

/** Bytes of a file with a seed; never compressible, never the same at two places of 4 KiB. */
export function content(seed: number, bytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let x = (seed * 2654435761 + 88675123) >>> 0 || 1;
  for (let index = 0; index < words.length; index += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[index] = x;
  }
  return Buffer.from(words.buffer, 0, bytes);
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** A file server on 127.0.0.1 that misbehaves as told, request by request. */
export async function hostileServer(options: {
  file(path: string): Buffer | undefined;
  behave?(asked: Asked): Behaviour;
  readonly tls?: { readonly key: string; readonly cert: string };
}): Promise<HostileServer> {
  const asked: Asked[] = [];
  const times = new Map<string, number>();
  const sockets = new Set<Socket>();
  let sent = 0;
  let open = 0;
  let most = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://here');
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const one: Asked = {
      path: url.pathname,
      query: url.search,
      host: request.headers.host ?? '',
      range:
        range === null
          ? null
          : { start: Number(range[1]), end: range[2] ? Number(range[2]) + 1 : Infinity },
      authorization: request.headers.authorization,
      encoding: request.headers['accept-encoding'] as string | undefined,
      before: times.get(url.pathname) ?? 0,
    };
    times.set(url.pathname, one.before + 1);
    asked.push(one);
    const what = options.behave?.(one) ?? {};
    if (what.status !== undefined) {
      response.writeHead(what.status, what.headers).end();
      return;
    }
    const good = options.file(one.path);
    if (good === undefined) return void response.writeHead(404).end();
    const bytes = what.seed === undefined ? good : content(what.seed, good.length);
    const total = what.length ?? bytes.length;
    const partial = one.range !== null && what.whole !== true;
    const start = partial ? one.range!.start : 0;
    const end = partial ? Math.min(one.range!.end, total) : total;
    if (partial && start >= total) {
      return void response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    }
    const shift = what.shiftRange ?? 0;
    const etag = what.etag === undefined ? `"${bytes.length}-${what.seed ?? 0}"` : what.etag;
    response.writeHead(partial ? 206 : 200, {
      ...(etag === null ? {} : { etag }),
      ...(what.extra === undefined ? { 'content-length': end - start } : {}),
      ...(partial && {
        'content-range': `bytes ${start + shift}-${end - 1 + shift}/${total + shift}`,
      }),
      ...what.headers,
    });
    let goOn = (): void => {};
    response.on('drain', () => goOn()).on('close', () => goOn());
    const until = Math.min(end, start + (what.after ?? Infinity));
    const step = what.rate === undefined ? 256 * 1024 : Math.max(1, Math.ceil(what.rate / 50));
    for (let at = start; at < until && !response.destroyed; at += step) {
      let piece = bytes.subarray(at, Math.min(at + step, until));
      for (const place of what.flip ?? []) {
        if (place < at || place >= at + piece.length) continue;
        piece = Buffer.from(piece);
        piece[place - at] = piece[place - at]! ^ 0x10;
      }
      sent += piece.length;
      if (!response.write(piece)) {
        await new Promise<void>((resolve) => {
          goOn = resolve;
          if (response.destroyed) resolve();
        });
      }
      if (what.rate !== undefined && at + step < until) await wait(20);
    }
    if (what.extra !== undefined) response.write(Buffer.alloc(what.extra, 7));
    if (what.then === 'cut') request.socket.destroy();
    else if (what.then !== 'stall') response.end();
  };
  const listener: RequestListener = (request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => {
      open -= 1;
    });
    serve(request, response).catch(() => request.socket.destroy());
  };
  const server =
    options.tls === undefined
      ? createServer(listener)
      : createTlsServer({ key: options.tls.key, cert: options.tls.cert }, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http${options.tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    port,
    asked,
    sent: () => sent,
    most: () => most,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
