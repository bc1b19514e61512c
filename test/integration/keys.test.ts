import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import type { Http } from '../../electron/models/download/ports.ts';
import { createKeys, readKeys } from '../../electron/models/verify/keys.ts';
import { root } from './models-support.ts';
import { tufRepository } from '../support/tuf-repository.ts';
import type { TufRepository } from '../support/tuf-repository.ts';

const shippedText = readFileSync(join(root, 'resources/trust/trusted_root.json'), 'utf8');
const server = 'https://keys.example';

/** The shipped keys with the newest of them put into force so many days later. */
function movedBy(days: number): string {
  const moved = new Date(newestShipped + days * 86_400_000).toISOString();
  return shippedText.replaceAll(/("start": *)"([^"]+)"/g, (all, name: string, at: string) =>
    Date.parse(at) === newestShipped ? `${name}"${moved}"` : all,
  );
}
let newestShipped: number;
let folder: string;
let repository: TufRepository;
let now: number;
/** What the network does instead of answering. */
let broken: ((path: string) => number | Error | undefined) | null;
let asked: string[];

const http: Http = {
  start: (url) => url,
  async open({ url, headers }) {
    expect(headers).not.toHaveProperty('authorization');
    const { origin, pathname } = new URL(url);
    expect(origin).toBe(server);
    asked.push(pathname);
    const instead = broken?.(pathname);
    if (instead instanceof Error) throw instead;
    const body = instead === undefined ? repository.answer(pathname) : undefined;
    return {
      status: instead ?? (body === undefined ? 404 : 200),
      headers: {},
      body: Readable.from(body === undefined ? [] : [body]),
      discard: () => {},
    };
  },
};
const places = () => ({ shippedFolder: join(folder, 'trust'), folder: join(folder, 'keys') });
const make = () =>
  createKeys({ ...places(), http, log: silentLog, clock: { now: () => now }, server });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-keys-'));
  cpSync(join(root, 'resources/trust'), join(folder, 'trust'), { recursive: true });
  repository = tufRepository('trusted_root.json');
  writeFileSync(join(folder, 'trust/tuf-root.json'), repository.firstRoot);
  now = Date.now();
  broken = null;
  asked = [];
  newestShipped = (await readKeys(places())).status.newestKeyAt!;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('keys for signatures', () => {
  it('are the shipped ones, with their day, and nothing is asked until a person does', async () => {
    expect(await make().status()).toEqual({
      from: 'shipped',
      asOf: Date.parse('2026-11-22'),
      newestKeyAt: newestShipped,
    });
    await make().current();
    expect(asked).toEqual([]);
    expect(existsSync(join(folder, 'keys'))).toBe(false);
  });

  it('the shipped TUF root is the one that the shipped keys came with', () => {
    const text = readFileSync(join(root, 'resources/trust/tuf-root.json'), 'utf8');
    const { signed } = JSON.parse(text) as { signed: { _type: string; version: number } };
    expect(signed).toMatchObject({ _type: 'root', version: 16 });
  });

  it('are refreshed, kept, and found again without a network', async () => {
    repository.publish({ content: movedBy(30), version: 1 });
    const status = { from: 'refreshed', asOf: now, newestKeyAt: newestShipped + 30 * 86_400_000 };
    expect(await make().refresh()).toEqual(status);
    broken = () => new Error('no network');
    expect(await make().status()).toEqual(status);
    expect((await make().current()).newestKeyAt).toBe(status.newestKeyAt);
    expect((await readKeys(places())).status).toEqual(status);
  });

  it('follow a root that the old root signs', async () => {
    repository.rotate();
    repository.rotate();
    repository.publish({ content: movedBy(30), version: 1 });
    expect((await make().refresh()).from).toBe('refreshed');
    repository.rotate();
    repository.publish({ content: movedBy(31), version: 2 });
    now += 1000;
    expect((await make().refresh()).newestKeyAt).toBe(newestShipped + 31 * 86_400_000);
    expect(readdirSync(join(folder, 'keys'))).toHaveLength(1);
  });

  it('the same ones again are as of today', async () => {
    repository.publish({ content: shippedText, version: 1 });
    await make().refresh();
    now += 86_400_000;
    expect(await make().refresh()).toMatchObject({ asOf: now, newestKeyAt: newestShipped });
  });

  /** Everything as it was: same answer, same files, nothing half left behind. */
  const expectRefused = async (reason: string) => {
    const before = await readKeys(places());
    const files = existsSync(places().folder) ? readdirSync(places().folder) : [];
    await expect(make().refresh()).rejects.toMatchObject({
      code: 'keys-refused',
      detail: { reason },
    });
    expect((await readKeys(places())).status).toEqual(before.status);
    expect(readdirSync(places().folder)).toEqual(files);
  };

  it('rollback: an older state of the server is refused', async () => {
    repository.publish({ content: movedBy(30), version: 5 });
    await make().refresh();
    now += 1000;
    repository.publish({ content: movedBy(31), version: 4 });
    await expectRefused('older');
  });

  it('older keys in a newer state are refused, against the shipped and the kept ones', async () => {
    repository.publish({ content: movedBy(-4000), version: 1 });
    await expectRefused('older');
    repository.publish({ content: movedBy(30), version: 2 });
    await make().refresh();
    now += 1000;
    repository.publish({ content: movedBy(20), version: 3 });
    await expectRefused('older');
  });

  it('freeze: a state that has expired is refused, also one seen before', async () => {
    repository.publish({ content: movedBy(30), version: 1, expires: new Date(Date.now() - 1000) });
    await expectRefused('expired');
  });

  it('foreign: what other keys sign is refused', async () => {
    repository.publish({ content: movedBy(30), version: 1, foreign: true });
    await expectRefused('foreign');
    const other = tufRepository('trusted_root.json');
    other.rotate();
    other.publish({ content: movedBy(30), version: 1 });
    repository = other;
    await expectRefused('foreign');
  });

  it('other bytes, or no keys at all, are refused', async () => {
    repository.publish({ content: movedBy(30), version: 1 });
    repository.spoil(movedBy(31));
    await expectRefused('form');
    repository.publish({ content: '{"mediaType":"x"}', version: 2 });
    await expectRefused('form');
    repository.publish({ content: 'no JSON', version: 3 });
    await expectRefused('form');
  });

  it('no network is told as that, at any point', async () => {
    repository.publish({ content: movedBy(30), version: 1 });
    for (const part of ['2.root', 'timestamp', 'snapshot', 'targets.json', 'trusted_root']) {
      for (const how of [new Error('cut'), 503]) {
        broken = (path) => (path.includes(part) ? how : undefined);
        await expect(make().refresh(), part).rejects.toMatchObject({ code: 'network-unreachable' });
      }
    }
    expect((await make().status()).from).toBe('shipped');
  });

  it('a newer Quarry that ships newer ones uses those', async () => {
    repository.publish({ content: movedBy(30), version: 1 });
    await make().refresh();
    writeFileSync(join(folder, 'trust/trusted_root.json'), movedBy(60));
    expect((await make().status()).from).toBe('shipped');
    writeFileSync(join(folder, 'trust/trusted_root.json'), shippedText);
    writeFileSync(join(folder, 'trust/shipped.json'), JSON.stringify({ asOf: '2999-01-01' }));
    expect((await make().status()).from).toBe('shipped');
  });

  it('damaged or half kept ones count as none', async () => {
    repository.publish({ content: movedBy(30), version: 1 });
    await make().refresh();
    const [name] = readdirSync(places().folder);
    const kept = join(places().folder, name!);
    writeFileSync(join(kept, 'trusted_root.json'), shippedText.slice(0, 1000));
    writeFileSync(join(kept, 'root.json'), 'no JSON');
    mkdirSync(join(places().folder, 'new-half'));
    expect((await make().status()).from).toBe('shipped');
    now += 1000;
    expect((await make().refresh()).from).toBe('refreshed');
    expect(readdirSync(places().folder)).toHaveLength(1);
  });
});
