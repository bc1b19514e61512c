import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A hub on this machine that gives out one file, as slowly as asked. Free to change between requests. */
export interface LocalHub {
  /** For HF_ENDPOINT. */
  readonly origin: string;
  readonly sha256: string;
  /** "METHOD path", oldest first. */
  readonly asked: string[];
  /** Bytes of bodies sent. */
  readonly sent: () => number;
  /** Bytes a second of all answers together; 0 = as fast as it goes. */
  rate: number;
  /** Anything but 200 is what every request gets. */
  status: number;
  /** Seconds, beside a status of 429 or 503. */
  retryAfter: number;
  /** Cuts what is being sent, as a line that breaks. */
  cut(): void;
  close(): Promise<void>;
}

const piece = 64 * 1024;

/**
 * @param body what every listed file of every repository is
 * @param revision the commit behind every branch, 40 hex digits
 * @param files names in the list of a repository
 */
export async function startLocalHub(
  body: Buffer,
  revision: string,
  files: readonly string[],
): Promise<LocalHub> {
  const sha256 = createHash('sha256').update(body).digest('hex');
  let sent = 0;
  let nextAt = 0;

  async function stream(response: ServerResponse, start: number, end: number): Promise<void> {
    for (let at = start; at < end && !response.destroyed; at += piece) {
      const part = body.subarray(at, Math.min(at + piece, end));
      if (hub.rate > 0) {
        const now = Date.now();
        nextAt = Math.max(nextAt, now) + (part.length * 1000) / hub.rate;
        await setTimeout(nextAt - now);
      }
      sent += part.length;
      response.write(part);
      while (response.writableNeedDrain && !response.destroyed) await setTimeout(5);
    }
    response.end();
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    hub.asked.push(`${request.method} ${path}`);
    if (hub.status !== 200) {
      const wait = hub.retryAfter > 0 ? { 'retry-after': String(hub.retryAfter) } : {};
      return void response.writeHead(hub.status, wait).end();
    }
    if (path.includes('/tree/')) {
      const list = files.map((name) => ({
        type: 'file',
        path: name,
        size: body.length,
        oid: '0'.repeat(40),
        lfs: { oid: sha256, size: body.length },
      }));
      return void response.end(JSON.stringify(list));
    }
    if (path.startsWith('/api/')) {
      return void response.end(JSON.stringify({ sha: revision, gated: false }));
    }
    if (!files.some((name) => path.endsWith(`/${name}`))) return void response.writeHead(404).end();
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]) + 1, body.length) : body.length;
    response.writeHead(range ? 206 : 200, {
      etag: `"${sha256}"`,
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': String(body.length),
      'x-repo-commit': revision,
      'accept-ranges': 'bytes',
      'content-length': end - start,
      ...(range && { 'content-range': `bytes ${start}-${end - 1}/${body.length}` }),
    });
    if (request.method === 'HEAD') response.end();
    else void stream(response, start, end);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hub: LocalHub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sha256,
    asked: [],
    sent: () => sent,
    rate: 0,
    status: 200,
    retryAfter: 0,
    cut: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hub;
}
