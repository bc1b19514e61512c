import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../electron/core/compose.ts';
import type { Core } from '../../electron/core/compose.ts';
import { createIds } from '../../electron/core/ids.ts';
import { createLog } from '../../electron/core/log.ts';
import { createMachine } from '../../electron/core/machine.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { Settings } from '../../electron/ipc/contract/index.ts';
import { hostileServer, sha256 } from '../support/hostile-server.ts';
import type { Asked, Behaviour, HostileServer } from '../support/hostile-server.ts';
import { httpProxy, socksProxy } from '../support/proxies.ts';
import { miniature, root } from './models-support.ts';

const token = 'hf_secretSECRETsecret';
const catalogId = 'granite-4.0-h-tiny';
const file = 'granite-4.0-h-tiny-Q4_K_M.gguf';
const revision = 'c'.repeat(40);
// Another last weight than the miniature's: the same header, another hash.
const good = Buffer.from(readFileSync(miniature));
good[good.length - 1]! ^= 1;
const hash = sha256(good);

let certificates: string;
let tls: { key: string; cert: string };
let folder: string;
let core: Core;
let lines: string[];
let closers: (() => unknown)[];

beforeAll(() => {
  certificates = mkdtempSync(join(tmpdir(), 'quarry-ca-'));
  const at = (name: string): string => join(certificates, name);
  const run = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  run(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Corp CA'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  );
  run(
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1'],
    ...['-keyout', at('key.pem'), '-out', at('csr.pem')],
  );
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1');
  run(
    ...['x509', '-req', '-in', at('csr.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-out', at('cert.pem'), '-extfile', at('names')],
  );
  tls = { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') };
});
afterAll(() => rmSync(certificates, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-net-'));
  lines = [];
  closers = [() => rmSync(folder, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function start(
  environment: Readonly<Record<string, string>> = {},
  systemProxy?: (url: string) => Promise<string | null>,
): Promise<void> {
  const clock = { now: () => Date.now() };
  core = await createCore({
    clock,
    ids: createIds(clock),
    log: createLog(clock, (line) => lines.push(line)),
    machine: createMachine(),
    announcer: { push() {} },
    launcher: createFakeLauncher({}),
    dataFolder: join(folder, 'data'),
    resourcesFolder: resources(),
    appVersion: '1.2.3',
    engineVersion: 'fake',
    environment,
    ...(systemProxy && { systemProxy }),
  });
  const made = core;
  closers.push(() => made.close());
}

/** The real ones, with a catalogue whose one file is ours. */
function resources(): string {
  const place = join(folder, 'resources');
  mkdirSync(place, { recursive: true });
  for (const part of ['miniature', 'trust']) {
    cpSync(join(root, 'resources', part), join(place, part), { recursive: true });
  }
  const catalog = JSON.parse(readFileSync(join(root, 'resources', 'catalog.json'), 'utf8'));
  const model = catalog.models.find(({ id }: { id: string }) => id === catalogId);
  model.gguf.revision = revision;
  model.gguf.revisionStatus = 'pinned';
  model.gguf.files = [
    {
      name: file,
      quantization: 'Q4_K_M',
      size: { bytes: good.length, status: 'pinned' },
      sha256: { value: hash, status: 'pinned' },
    },
  ];
  writeFileSync(join(place, 'catalog.json'), JSON.stringify(catalog));
  return place;
}

/** A hub: facts under /api/, the file under /…/resolve/…. */
async function serveHub(
  behave: (asked: Asked) => Behaviour | undefined = () => undefined,
  secure = false,
): Promise<HostileServer> {
  const server = await hostileServer({
    file: (path) => (path.includes('/api/') ? Buffer.from('{}') : good),
    behave: (asked) =>
      behave(asked) ?? {
        etag: `"${hash}"`,
        headers: {
          'x-linked-etag': `"${hash}"`,
          'x-linked-size': String(good.length),
          'x-repo-commit': revision,
        },
      },
    ...(secure && { tls }),
  });
  closers.push(() => server.close());
  return server;
}
const closing = <T extends { close(): unknown }>(part: T): T => {
  closers.push(() => part.close());
  return part;
};
const set = async (values: Partial<Settings>) => core.handlers['settings.set']({ values });
const test = async () => core.handlers['network.test']({});
const status = async () => core.handlers['network.status']({});
const outcome = async () => (await test()).outcome;
const manual = (proxyAddress: string, proxyBypass = '') =>
  set({ proxyMode: 'manual', proxyAddress, proxyBypass });
const hostOf = (url: string): string => new URL(url).host;

describe('which hub is asked (lmstudio#474)', () => {
  it('says where the address comes from; the setting comes before HF_ENDPOINT', async () => {
    await start();
    expect((await status()).endpoint).toMatchObject({
      address: 'https://huggingface.co',
      from: 'hub',
    });
    await core.close();
    await start({ HF_ENDPOINT: 'https://mirror.example/hf/' });
    expect((await status()).endpoint).toMatchObject({
      address: 'https://mirror.example/hf',
      from: 'environment',
    });
    await set({ mirror: 'https://own.example' });
    expect((await status()).endpoint).toEqual({
      address: 'https://own.example',
      from: 'setting',
      overridden: 'https://mirror.example/hf/',
      isRefused: false,
    });
  });

  it('a HF_ENDPOINT that cannot be used is told, and never becomes the hub behind one’s back', async () => {
    const server = await serveHub();
    await start({ HF_ENDPOINT: 'http://plain.example' });
    expect((await status()).endpoint.isRefused).toBe(true);
    await expect(test()).rejects.toMatchObject({ code: 'invalid-argument' });
    await set({ mirror: server.origin });
    expect((await status()).endpoint.isRefused).toBe(false);
    expect(await outcome()).toBe('reached');
  });

  it('a mirror of another form is refused before it is kept', async () => {
    await start();
    for (const mirror of ['http://plain.example', 'https://a:b@x.example', 'ftp://x', 'x']) {
      await expect(set({ mirror })).rejects.toMatchObject({
        code: 'invalid-argument',
        detail: { setting: 'mirror' },
      });
    }
    expect((await core.handlers['settings.get']({})).mirror).toBeNull();
  });
});

describe('proxies of the settings (lmstudio#1588)', () => {
  it('a download goes from hub to model through the proxy that was set, token and all', async () => {
    const hub = await serveHub();
    const proxy = closing(await httpProxy());
    await start();
    await core.handlers['models.list']({});
    await core.handlers['private.token']({ token, since: 1 });
    await set({ mirror: hub.origin });
    await manual(proxy.url);
    expect(hub.asked).toEqual([]);
    expect(proxy.asked).toEqual([]);
    await core.handlers['models.download']({ catalogId, file });
    await vi.waitFor(
      async () => {
        const models = await core.handlers['models.list']({});
        expect(models.map(({ sha256: found }) => found)).toContain(hash);
      },
      { timeout: 20_000 },
    );
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(new Set(proxy.asked)).toEqual(new Set([hostOf(hub.origin)]));
    expect(new Set(hub.asked.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${token}`]),
    );
    expect(lines.join('')).not.toContain(token);
    // Nowhere on the disk either: not in the database, not in what SQLite keeps beside it.
    await core.close();
    const names = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' });
    for (const name of names) {
      const path = join(folder, 'data', name);
      if (!statSync(path).isFile()) continue;
      expect(readFileSync(path).includes(token), name).toBe(false);
    }
  }, 30_000);

  it('each kind carries, and a change counts from the next connection on', async () => {
    const hub = await serveHub();
    const first = closing(await httpProxy());
    const second = closing(await socksProxy());
    const third = closing(await httpProxy({ tls }));
    await start();
    await set({ mirror: hub.origin });
    expect(await test()).toMatchObject({ outcome: 'reached', proxy: null, status: 200 });
    await manual(first.url);
    expect(await test()).toMatchObject({ outcome: 'reached', proxy: hostOf(first.url) });
    await manual(second.url);
    expect(await outcome()).toBe('reached');
    await core.handlers['network.addAuthority']({ paths: [join(certificates, 'ca.pem')] });
    await manual(third.url);
    expect(await outcome()).toBe('reached');
    expect([first, second, third].map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
    await set({ proxyMode: 'none' });
    expect(await outcome()).toBe('reached');
    await manual(first.url, '127.0.0.1, other.example');
    expect(await outcome()).toBe('reached');
    expect([first, second, third].map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
    expect(hub.asked).toHaveLength(6);
  });

  it('as the system: the variables first, else what the system says, asked only when needed', async () => {
    const hub = await serveHub();
    const proxy = closing(await httpProxy());
    const told: string[] = [];
    let answer = `PROXY ${hostOf(proxy.url)}; DIRECT`;
    const system = async (url: string) => {
      told.push(url);
      return answer;
    };
    await start({}, system);
    await set({ mirror: hub.origin });
    await status();
    await core.handlers['models.catalog']({});
    expect(told).toEqual([]);
    expect(await test()).toMatchObject({ outcome: 'reached', proxy: hostOf(proxy.url) });
    expect(told[0]).toBe(`${hub.origin}/`);
    await set({ proxyMode: 'none' });
    told.length = 0;
    expect(await test()).toMatchObject({ proxy: null });
    expect(told).toEqual([]);
    await core.close();
    answer = 'PROXY wrong.invalid:1';
    await start({ HTTP_PROXY: proxy.url }, system);
    await set({ proxyMode: 'system' });
    expect((await status()).environmentProxy).toBe(hostOf(proxy.url));
    expect(await test()).toMatchObject({ outcome: 'reached', proxy: hostOf(proxy.url) });
    expect(told).toEqual([]);
  });

  it('an address that is none, or holds a password, is refused and not kept', async () => {
    await start();
    for (const proxyAddress of ['ftp://x', 'http://', 'http://u:p@x:1', 'http://x/path']) {
      await expect(set({ proxyMode: 'manual', proxyAddress })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
    }
    expect(await core.handlers['settings.get']({})).toMatchObject({
      proxyMode: 'system',
      proxyAddress: '',
    });
    await set({ proxyMode: 'manual' });
    await expect(test()).rejects.toMatchObject({ code: 'proxy-invalid' });
  });
});

describe('what a connection fails at is told', () => {
  it.each([
    [401, 'token-needed'],
    [404, 'no-hub'],
    [503, 'busy'],
  ] as const)('%i: %s', async (code, result) => {
    const hub = await serveHub(() => ({ status: code }));
    await start({ HF_ENDPOINT: hub.origin });
    expect(await test()).toMatchObject({ outcome: result, status: code });
  });

  it('a refused token', async () => {
    const hub = await serveHub(({ authorization }) =>
      authorization === undefined ? undefined : { status: 401 },
    );
    await start({ HF_ENDPOINT: hub.origin, HF_TOKEN: token });
    expect(await test()).toMatchObject({ outcome: 'token-refused', usedToken: true });
  });

  it('a proxy that refuses or is not there', async () => {
    const hub = await serveHub();
    const secure = await serveHub(undefined, true);
    const proxies = [
      closing(await httpProxy({ refuses: 407 })),
      closing(await socksProxy({ refuses: true })),
    ];
    await start();
    for (const { origin } of [hub, secure]) {
      for (const { url } of proxies) {
        await set({ mirror: origin });
        await manual(url);
        expect(await test()).toMatchObject({ outcome: 'proxy-refused', proxy: hostOf(url) });
      }
    }
    await manual('http://127.0.0.1:1');
    expect(await outcome()).toBe('proxy-unreachable');
    expect([...hub.asked, ...secure.asked]).toEqual([]);
  });

  it('a proxy that hangs up is asked once, not for ever', async () => {
    const hub = await serveHub(undefined, true);
    const proxy = closing(await httpProxy({ hangsUp: true }));
    await start();
    await set({ mirror: hub.origin });
    await manual(proxy.url);
    expect(await outcome()).toBe('proxy-refused');
    expect(proxy.asked).toHaveLength(1);
  });

  it('nobody there, no such name', async () => {
    await start();
    await set({ proxyMode: 'none', mirror: 'http://127.0.0.1:1' });
    expect(await outcome()).toBe('unreachable');
    await set({ mirror: 'https://nowhere.invalid' });
    expect(['name-unknown', 'unreachable']).toContain(await outcome());
  });
});

describe('a firm’s own certificate authority', () => {
  it('is kept as a copy without its key, shown, trusted, and forgotten again', async () => {
    const hub = await serveHub(undefined, true);
    await start();
    await set({ mirror: hub.origin, proxyMode: 'none' });
    expect(await outcome()).toBe('certificate');
    const given = join(folder, 'given.pem');
    const pem = readFileSync(join(certificates, 'ca.pem'), 'utf8');
    writeFileSync(given, `Notes\n${readFileSync(join(certificates, 'ca.key'), 'utf8')}${pem}`);
    const { authority } = await core.handlers['network.addAuthority']({ paths: [given] });
    expect(authority).toMatchObject({ subject: 'CN=Corp CA', count: 1 });
    expect(authority!.expiresAt).toBeGreaterThan(Date.now());
    rmSync(given);
    expect(await outcome()).toBe('reached');
    const kept = join(folder, 'data/network/authority.pem');
    expect(readFileSync(kept, 'utf8')).not.toMatch(/PRIVATE|Notes/);
    const proxy = closing(await httpProxy());
    await manual(proxy.url);
    expect(await outcome()).toBe('reached');
    expect((await core.handlers['network.removeAuthority']({})).authority).toBeNull();
    expect(await outcome()).toBe('certificate');
  });

  it('is refused when it is none; the one before stays', async () => {
    await start();
    await core.handlers['network.addAuthority']({ paths: [join(certificates, 'ca.pem')] });
    const wrong = join(folder, 'wrong.pem');
    for (const [text, reason] of [
      ['', 'form'],
      ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'form'],
      ['x'.repeat(1_100_000), 'large'],
    ] as const) {
      writeFileSync(wrong, text);
      await expect(core.handlers['network.addAuthority']({ paths: [wrong] })).rejects.toMatchObject(
        { code: 'authority-invalid', detail: { reason } },
      );
    }
    await expect(
      core.handlers['network.addAuthority']({ paths: [join(folder, 'gone.pem')] }),
    ).rejects.toMatchObject({ code: 'authority-invalid', detail: { reason: 'unreadable' } });
    expect((await status()).authority?.subject).toBe('CN=Corp CA');
  });
});

describe('the access token', () => {
  const sent = (hub: HostileServer) => hub.asked.at(-1)?.authorization;

  it('of the keychain, then of the file, then of HF_TOKEN; told by where from, never by itself', async () => {
    const hub = await serveHub();
    await start({ HF_ENDPOINT: hub.origin, HF_TOKEN: 'hf_environment' });
    await test();
    expect(sent(hub)).toBe('Bearer hf_environment');
    const path = join(folder, 'data/hub-token');
    writeFileSync(path, 'hf_from_the_file\n', { mode: 0o600 });
    await test();
    expect(sent(hub)).toBe('Bearer hf_from_the_file');
    await core.handlers['private.token']({ token, since: 5 });
    await test();
    expect(sent(hub)).toBe(`Bearer ${token}`);
    const told = await status();
    expect(told.token).toEqual({ from: 'kept', since: 5, isRefused: false });
    expect(JSON.stringify(told)).not.toContain('SECRET');
    await core.handlers['private.token']({ token: null, since: null });
    expect((await status()).token.from).toBe('file');
  });

  it('in a file that others can read is refused with words, and not sent', async () => {
    const hub = await serveHub();
    await start({ HF_ENDPOINT: hub.origin, HF_TOKEN: 'hf_environment' });
    const path = join(folder, 'data/hub-token');
    writeFileSync(path, token);
    chmodSync(path, 0o640);
    expect((await status()).token).toMatchObject({ from: null, isRefused: true });
    await expect(test()).rejects.toMatchObject({ code: 'token-file-open', detail: { path } });
    const getting = async () => core.handlers['models.download']({ catalogId, file });
    await expect(getting()).rejects.toMatchObject({ code: 'token-file-open' });
    expect(hub.asked).toEqual([]);
    chmodSync(path, 0o600);
    await test();
    expect(sent(hub)).toBe(`Bearer ${token}`);
  });

  it('with a line break inside is refused without being quoted', async () => {
    await start({ HF_TOKEN: 'hf_one two\r\nX-Evil: 1' });
    const error = await test().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'token-invalid' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hf_one');
    expect(lines.join('')).not.toContain('hf_one');
  });

  it('does not go where a redirect leads', async () => {
    const far = await serveHub();
    const hub = await serveHub(({ path }) =>
      path.includes('/resolve/')
        ? {
            status: 302,
            headers: {
              location: `${far.origin}${path}`,
              'x-linked-etag': `"${hash}"`,
              'x-linked-size': String(good.length),
              'x-repo-commit': revision,
            },
          }
        : undefined,
    );
    await start({ HF_ENDPOINT: hub.origin, HF_TOKEN: token });
    await core.handlers['models.list']({});
    await core.handlers['models.download']({ catalogId, file });
    await vi.waitFor(() => expect(far.asked.length).toBeGreaterThan(0), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await core.handlers['models.downloads']({})).toEqual([]), {
      timeout: 20_000,
    });
    expect(new Set(far.asked.map(({ authorization }) => authorization))).toEqual(
      new Set([undefined]),
    );
    expect(sent(hub)).toBe(`Bearer ${token}`);
  }, 30_000);
});
