import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { HttpSettings } from '../../electron/models/download/http.ts';
import { endpointOf, hub } from '../../electron/models/download/http.ts';
import { makeAuthority } from '../support/certificates.ts';
import type { TestAuthority } from '../support/certificates.ts';
import { setUp } from '../support/downloads-setup.ts';
import { content, hostileServer, sha256 } from '../support/hostile-server.ts';
import type { Asked, Behaviour, HostileServer } from '../support/hostile-server.ts';
import { httpProxy, socksProxy } from '../support/test-proxies.ts';
import type { TestProxy } from '../support/test-proxies.ts';

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
const start = ({ downloads }: ReturnType<typeof setUp>, url: string): Promise<string> =>
  downloads.start({ url, fileName: 'm.gguf', sha256: hash, bytes, subject: 't' });
async function download(
  url: string,
  http: Partial<HttpSettings> = {},
  environment: Readonly<Record<string, string>> = {},
) {
  // Nothing here is about silence: a busy machine must not look like it.
  const tuning = { patience: 3, readTimeout: 10_000, slowRate: 0 };
  const made = setUp({ http, environment, tuning });
  closers.push(() => made.dispose());
  const id = await start(made, url);
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

/** Closed after the test. */
async function proxyOf(made: Promise<TestProxy>): Promise<TestProxy> {
  const proxy = await made;
  closers.push(() => proxy.close());
  return proxy;
}

let folder: string;
let authority: TestAuthority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-ca-'));
  authority = makeAuthority(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('proxies (lmstudio#1588, lmstudio#256)', () => {
  it.each(['http', 'https', 'socks5'])('%s, explicit: every byte goes through it', async (kind) => {
    const password = 'user:pass';
    const proxy = await proxyOf(
      kind === 'socks5'
        ? socksProxy()
        : httpProxy({ password, ...(kind === 'https' && { tls: authority.tls }) }),
    );
    expect(proxy.url).toMatch(new RegExp(`^${kind}:`));
    // Two hosts: a proxy's connection to the one must not serve the other.
    const far = await serve();
    const near = await serve(() => to(`${far.origin}/f`));
    const { end, made } = await download(`${near.origin}/f`, {
      proxy: proxy.url,
      caFile: authority.caFile,
    });
    expect(end.state).toBe('done');
    expect(proxy.count()).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(made.lines)).not.toContain(password);
  });

  it('an https proxy that nobody vouches for gets nothing, and nothing goes around it', async () => {
    const proxy = await proxyOf(httpProxy({ tls: authority.tls }));
    const server = await serve();
    const made = setUp({ http: { proxy: proxy.url } });
    closers.push(() => made.dispose());
    const id = await start(made, `${server.origin}/f`);
    await expect
      .poll(() => made.downloads.log(id).map(({ event }) => event))
      .toContain('no-connection');
    expect(proxy.count()).toBe(0);
    expect(server.asked).toEqual([]);
  });

  it('a proxy that dies in the middle: waited out, and no byte twice', async () => {
    const server = await serve(() => ({ rate: 600_000 }));
    const first = await httpProxy();
    const made = setUp({ http: { proxy: first.url } });
    closers.push(() => made.dispose());
    const id = await start(made, `${server.origin}/f`);
    const view = () => made.downloads.list()[0]!;
    await expect.poll(() => view().done, { interval: 5 }).toBeGreaterThan(bytes * 0.3);
    await first.close();
    await expect
      .poll(() => made.downloads.log(id).map(({ event }) => event), { interval: 5 })
      .toContain('no-connection');
    const again = await httpProxy({ port: Number(new URL(first.url).port) });
    closers.push(() => again.close());
    const end = await made.downloads.settled(id);
    expect(end).toMatchObject({ state: 'done', startOvers: 0 });
    expect(end!.fetched / bytes).toBeLessThan(1.05);
  });

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('%s of the system', async (name) => {
    const proxy = await proxyOf(httpProxy());
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
  it('a firm’s own authority is trusted when it is named, also through a proxy', async () => {
    const server = await serve(undefined, authority.tls);
    const { caFile } = authority;
    expect((await download(`${server.origin}/f`, { caFile })).end.state).toBe('done');
    const proxy = await proxyOf(httpProxy());
    expect((await download(`${server.origin}/f`, { caFile, proxy: proxy.url })).end.state).toBe(
      'done',
    );
    expect(proxy.count()).toBeGreaterThan(0);
    const socks = await proxyOf(socksProxy());
    expect((await download(`${server.origin}/f`, { caFile, proxy: socks.url })).end.state).toBe(
      'done',
    );
    expect(socks.count()).toBeGreaterThan(0);
  });

  it('and not otherwise: not one byte is taken', async () => {
    const server = await serve(undefined, authority.tls);
    const made = setUp();
    closers.push(() => made.dispose());
    const id = await start(made, `${server.origin}/f`);
    await expect
      .poll(() => made.downloads.log(id).map(({ event }) => event))
      .toContain('no-connection');
    expect(server.asked).toEqual([]);
    await made.downloads.cancel(id);
    expect(made.files()).toEqual([]);
  });

  it('https never leads to http', async () => {
    const plain = await serve();
    const server = await serve(() => to(`${plain.origin}/f`), authority.tls);
    const { end } = await download(`${server.origin}/f`, { caFile: authority.caFile });
    expect(end).toMatchObject({ state: 'failed', failure: 'server' });
    expect(plain.asked).toEqual([]);
  });
});
