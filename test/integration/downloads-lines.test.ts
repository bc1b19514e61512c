import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { HttpSettings } from '../../electron/models/download/http.ts';
import { endpointOf, hub } from '../../electron/models/download/http.ts';
import { setUp } from '../support/downloads-setup.ts';
import { content, hostileServer, sha256 } from '../support/hostile-server.ts';
import type { Asked, Behaviour, HostileServer } from '../support/hostile-server.ts';

const bytes = 900_000;
const good = content(3, bytes);
const hash = sha256(good);
const token = 'hf_secretSECRETsecret';
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(
  behave?: (asked: Asked) => Behaviour,
  tls?: { key: string; cert: string },
): Promise<HostileServer> {
  const server = await hostileServer({
    file: () => good,
    ...(behave && { behave }),
    ...(tls && { tls }),
  });
  closers.push(() => server.close());
  return server;
}
async function download(
  url: string,
  http: Partial<HttpSettings> = {},
  environment: Readonly<Record<string, string>> = {},
) {
  const made = setUp({ http, environment, tuning: { patience: 3 } });
  closers.push(() => made.dispose());
  const id = await made.downloads.start({
    url,
    fileName: 'm.gguf',
    sha256: hash,
    bytes,
    subject: 't',
  });
  const end = await made.downloads.settled(id);
  if (end?.state === 'done') {
    expect(sha256(readFileSync(join(made.models, 'm.gguf')))).toBe(hash);
  }
  return { end: end!, made, log: made.downloads.log(id) };
}
const to = (location: string, headers: Record<string, string> = {}): Behaviour => ({
  status: 302,
  headers: { location, ...headers },
});

describe('redirects', () => {
  it('relative and absolute are followed once; the token stays with the endpoint', async () => {
    const far = await serve();
    const near = await serve(({ path }) =>
      path === '/repo/file'
        ? to('../moved?x=1', { 'x-linked-etag': `"${hash}"`, 'x-linked-size': String(bytes) })
        : to(`${far.origin}/signed?sig=abc`),
    );
    const { end, made, log } = await download(`${near.origin}/repo/file`, {
      endpoint: near.origin,
      token: () => token,
    });
    expect(end.state).toBe('done');
    expect(near.asked.map(({ path }) => path)).toEqual(['/repo/file', '/moved']);
    expect(near.asked.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${token}`,
      `Bearer ${token}`,
    ]);
    expect(far.asked.length).toBeGreaterThan(1);
    expect(far.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
    const said = JSON.stringify([made.lines, log, made.seen]);
    expect(said).not.toContain(token);
    expect(said).not.toContain('sig=abc');
  });

  it('the same host on another port is another origin: no token', async () => {
    const other = await serve();
    const home = await serve();
    const { end } = await download(`${other.origin}/f`, {
      endpoint: home.origin,
      token: () => token,
    });
    expect(end.state).toBe('done');
    expect(other.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('a signed address that runs out is looked for again; no byte comes twice', async () => {
    let issued = 0;
    const far = await serve(({ query, before }) =>
      query === `?sig=${issued}` && before % 3 !== 2 ? {} : { status: 403 },
    );
    const near = await serve(() => to(`${far.origin}/f?sig=${(issued += 1)}`));
    const { end, log } = await download(`${near.origin}/f`);
    expect(end).toMatchObject({ state: 'done', fetched: bytes });
    expect(issued).toBeGreaterThan(1);
    expect(log.map(({ event }) => event)).toContain('resolved-again');
  });

  it.each([
    ['in circles', () => to('/f')],
    ['to a file', () => to('file:///etc/passwd')],
    ['to nowhere', () => ({ status: 302 })],
  ])('%s: given up', async (_name, behave) => {
    const { end } = await download(`${(await serve(behave)).origin}/f`);
    expect(end).toMatchObject({ state: 'failed', failure: 'server' });
  });
});

describe('mirrors (lmstudio#474, jan#2126, jan#1504)', () => {
  it('answer for the hub, with their own path in front, and get the token', async () => {
    const mirror = await serve();
    const { end } = await download(`${hub}/o/m/resolve/abc/f.gguf`, {
      endpoint: `${mirror.origin}/hf/`,
      token: () => token,
    });
    expect(end.state).toBe('done');
    expect(mirror.asked[0]).toMatchObject({
      path: '/hf/o/m/resolve/abc/f.gguf',
      authorization: `Bearer ${token}`,
    });
  });

  it('are read from HF_ENDPOINT', () => {
    expect(endpointOf({ HF_ENDPOINT: 'https://mirror' })).toBe('https://mirror');
    expect(endpointOf({ HF_ENDPOINT: '' })).toBeNull();
  });
});

/** Tunnels (CONNECT) and counts them. */
async function httpProxy(password?: string): Promise<{ url: string; count(): number }> {
  let count = 0;
  const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
  const sockets = new Set<Socket>();
  proxy.on('connection', (socket: Socket) => sockets.add(socket));
  proxy.on('connect', (request, socket: Socket, head: Buffer) => {
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
  });
  const port = await listen(proxy, sockets);
  return { url: `http://${password ? `${password}@` : ''}127.0.0.1:${port}`, count: () => count };
}

/** RFC 1928: no authentication, CONNECT to IPv4 or a name. */
async function socksProxy(): Promise<{ url: string; count(): number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
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
      });
    });
  });
  const port = await listen(server, sockets);
  return { url: `socks5://127.0.0.1:${port}`, count: () => count };
}

async function listen(server: Server, sockets: Set<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

describe('proxies (lmstudio#1588, lmstudio#256)', () => {
  it.each(['http', 'socks5'])('%s, explicit: every byte goes through it', async (kind) => {
    const proxy = kind === 'http' ? await httpProxy('user:pass') : await socksProxy();
    // Two hosts: a proxy's connection to the one must not serve the other.
    const far = await serve();
    const near = await serve(() => to(`${far.origin}/f`));
    const { end, made } = await download(`${near.origin}/f`, { proxy: proxy.url });
    expect(end.state).toBe('done');
    expect(proxy.count()).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(made.lines)).not.toContain('user:pass');
  });

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('%s of the system', async (name) => {
    const proxy = await httpProxy();
    const server = await serve();
    await download(`${server.origin}/f`, { proxy: 'system' }, { [name]: proxy.url });
    expect(proxy.count()).toBeGreaterThan(0);
    const through = proxy.count();
    await download(`${server.origin}/f`, { proxy: 'system' }, { [name]: proxy.url, NO_PROXY: '*' });
    await download(`${server.origin}/f`, { proxy: 'none' }, { [name]: proxy.url });
    expect(proxy.count()).toBe(through);
  });
});

describe('certificates', () => {
  let folder: string;
  let tls: { key: string; cert: string };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-ca-'));
    const file = (name: string): string => join(folder, name);
    const run = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
    run(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test CA'],
      ...['-keyout', file('ca.key'), '-out', file('ca.pem')],
    );
    run(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1'],
      ...['-keyout', file('key.pem'), '-out', file('csr.pem')],
    );
    writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
    run(
      ...['x509', '-req', '-in', file('csr.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-out', file('cert.pem'), '-extfile', file('names')],
    );
    tls = {
      key: readFileSync(file('key.pem'), 'utf8'),
      cert: readFileSync(file('cert.pem'), 'utf8'),
    };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('a firm’s own authority is trusted when it is named, also through a proxy', async () => {
    const server = await serve(undefined, tls);
    const caFile = join(folder, 'ca.pem');
    expect((await download(`${server.origin}/f`, { caFile })).end.state).toBe('done');
    const proxy = await httpProxy();
    expect((await download(`${server.origin}/f`, { caFile, proxy: proxy.url })).end.state).toBe(
      'done',
    );
    expect(proxy.count()).toBeGreaterThan(0);
    const socks = await socksProxy();
    expect((await download(`${server.origin}/f`, { caFile, proxy: socks.url })).end.state).toBe(
      'done',
    );
    expect(socks.count()).toBeGreaterThan(0);
  });

  it('and not otherwise: not one byte is taken', async () => {
    const server = await serve(undefined, tls);
    const made = setUp();
    closers.push(() => made.dispose());
    const id = await made.downloads.start({
      url: `${server.origin}/f`,
      fileName: 'm.gguf',
      sha256: hash,
      bytes,
      subject: 't',
    });
    await expect
      .poll(() => made.downloads.log(id).map(({ event }) => event))
      .toContain('no-connection');
    expect(server.asked).toEqual([]);
    await made.downloads.cancel(id);
    expect(made.files()).toEqual([]);
  });

  it('https never leads to http', async () => {
    const plain = await serve();
    const server = await serve(() => to(`${plain.origin}/f`), tls);
    const { end } = await download(`${server.origin}/f`, { caFile: join(folder, 'ca.pem') });
    expect(end).toMatchObject({ state: 'failed', failure: 'server' });
    expect(plain.asked).toEqual([]);
  });
});
