import { createServer as createHttpServer, request as ask } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface ProxyServer {
  readonly url: string;
  /** host:port of every connection or request asked of it. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

async function listen(server: Server, scheme: string, asked: string[]): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Tunnels (CONNECT) and plain requests. @param options.tls makes it an HTTPS proxy. */
export async function httpProxy(
  options: {
    readonly refuses?: number;
    /** Closes the line instead of answering a CONNECT. */
    readonly hangsUp?: boolean;
    readonly tls?: { readonly key: string; readonly cert: string };
  } = {},
): Promise<ProxyServer> {
  const asked: string[] = [];
  const server = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', 'http://none');
    asked.push(url.host);
    if (options.refuses !== undefined) return void response.writeHead(options.refuses).end();
    const onward = ask(
      url,
      { method: request.method ?? 'GET', headers: request.headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    asked.push(request.url ?? '');
    if (options.hangsUp === true) return void socket.destroy();
    if (options.refuses !== undefined) {
      socket.end(`HTTP/1.1 ${options.refuses} No\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  return listen(server, options.tls === undefined ? 'http' : 'https', asked);
}

/** RFC 1928: no authentication, CONNECT to IPv4 or a name. `refuses` answers "not allowed". */
export async function socksProxy(
  options: { readonly refuses?: boolean } = {},
): Promise<ProxyServer> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (said: Buffer) => {
        const isName = said[3] === 3;
        const at = isName ? 5 : 4;
        const length = isName ? said[4]! : 4;
        const address = said.subarray(at, at + length);
        const host = isName ? address.toString() : [...address].join('.');
        const port = said.readUInt16BE(at + length);
        asked.push(`${host}:${port}`);
        if (options.refuses === true) {
          socket.end(Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]));
          return;
        }
        const onward = connect(port, host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          onward.pipe(socket).pipe(onward);
        });
        onward.on('error', () => socket.destroy());
      });
    });
  });
  return listen(server, 'socks5', asked);
}
