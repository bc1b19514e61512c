import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface TestProxy {
  readonly url: string;
  /** Connections it has made for others. */
  count(): number;
  close(): Promise<void>;
}

/** Tunnels (CONNECT) and counts them; spoken to in TLS when it is given a certificate. */
export async function httpProxy(
  options: {
    readonly password?: string;
    readonly tls?: { readonly key: string; readonly cert: string };
    /** Any free one if not given. */
    readonly port?: number;
  } = {},
): Promise<TestProxy> {
  const { password, tls } = options;
  let count = 0;
  const proxy = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  proxy.on('request', (_request, response) => response.writeHead(405).end());
  proxy.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const wanted = password && `Basic ${Buffer.from(password).toString('base64')}`;
    if (wanted && request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    count += 1;
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  const { port, close } = await listen(proxy, options.port);
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://${password ? `${password}@` : ''}127.0.0.1:${port}`,
    count: () => count,
    close,
  };
}

/** RFC 1928: no authentication, CONNECT to IPv4 or a name. */
export async function socksProxy(): Promise<TestProxy> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (asked: Buffer) => {
        count += 1;
        const name = asked[3] === 3;
        const length = name ? asked[4]! : 4;
        const at = name ? 5 : 4;
        const address = asked.subarray(at, at + length);
        const host = name ? address.toString() : [...address].join('.');
        const onward = connect(asked.readUInt16BE(at + length), host, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          onward.pipe(socket).pipe(onward);
        });
        onward.on('error', () => socket.destroy());
        onward.on('close', () => socket.destroy());
        socket.on('close', () => onward.destroy());
      });
    });
  });
  const { port, close } = await listen(server);
  return { url: `socks5://127.0.0.1:${port}`, count: () => count, close };
}

async function listen(
  server: Server,
  wanted = 0,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
