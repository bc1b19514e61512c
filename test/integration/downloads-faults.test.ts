import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DownloadRequest } from '../../electron/models/download/index.ts';
import { setUp } from '../support/downloads-setup.ts';
import type { Setup } from '../support/downloads-setup.ts';
import { content, hostileServer, sha256 } from '../support/hostile-server.ts';
import { seeded } from '../support/seeded.ts';
import type { Asked, Behaviour, HostileServer } from '../support/hostile-server.ts';

const bytes = 1_500_000;
const good = content(1, bytes);
const hash = sha256(good);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(behave?: (asked: Asked) => Behaviour): Promise<HostileServer> {
  const server = await hostileServer({ file: () => good, ...(behave && { behave }) });
  closers.push(() => server.close());
  return server;
}
function setup(options?: Parameters<typeof setUp>[0]): Setup {
  const made = setUp(options);
  closers.push(() => made.dispose());
  return made;
}
const request = (server: HostileServer, more: Partial<DownloadRequest> = {}): DownloadRequest => ({
  url: `${server.origin}/file`,
  fileName: 'model.gguf',
  sha256: hash,
  bytes,
  subject: 'test',
  ...more,
});
async function finish(made: Setup, asked: DownloadRequest) {
  const id = await made.downloads.start(asked);
  const end = await made.downloads.settled(id);
  return { id, end: end!, events: made.downloads.log(id).map(({ event }) => event) };
}
function right(made: Setup): void {
  expect(made.files()).toEqual(['model.gguf']);
  expect(sha256(readFileSync(join(made.models, 'model.gguf')))).toBe(hash);
}

describe('a download over a line that works', () => {
  it('comes in several ranges at once, each byte once, and leaves nothing but the file', async () => {
    const server = await serve(() => ({ rate: 2_000_000 }));
    const made = setup();
    const { end, events } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', done: bytes, fetched: bytes, failure: null });
    right(made);
    expect(server.sent()).toBe(bytes);
    expect(server.most()).toBeGreaterThan(1);
    expect(server.most()).toBeLessThanOrEqual(8);
    expect(events).toEqual(['queued', 'started', 'identified', 'fetched', 'verified', 'installed']);
    expect(server.asked.every(({ encoding }) => encoding === 'identity')).toBe(true);
    expect(made.seen.some(({ bytesPerSecond }) => bytesPerSecond > 0)).toBe(true);
    for (const line of made.downloads.log(end.id)) expect(line.text).not.toBe(line.event);
  });

  it('needs neither length nor hash beforehand, and says that nothing was compared', async () => {
    const made = setup();
    const { end, events } = await finish(
      made,
      request(await serve(), { sha256: null, bytes: null }),
    );
    expect(end).toMatchObject({ state: 'done', bytes });
    expect(events).toContain('unverified');
    right(made);
  });
});

describe('an empty file', () => {
  const nothing = Buffer.alloc(0);
  it.each([
    ['416, as the standard says', {}, null],
    ['200', { whole: true }, null],
    ['its length known beforehand', {}, 0],
  ] as const)('%s: is there, and empty', async (_name, behave, known) => {
    const server = await hostileServer({ file: () => nothing, behave: () => behave });
    closers.push(() => server.close());
    const made = setup();
    const { end } = await finish(made, request(server, { sha256: sha256(nothing), bytes: known }));
    expect(end).toMatchObject({ state: 'done', bytes: 0, startOvers: 0 });
    expect(made.files()).toEqual(['model.gguf']);
    expect(readFileSync(join(made.models, 'model.gguf')).length).toBe(0);
  });

  it('is not taken for the file that was asked for', async () => {
    const server = await hostileServer({ file: () => nothing });
    closers.push(() => server.close());
    const made = setup();
    const { end } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'failed', failure: 'changed' });
    expect(made.files()).not.toContain('model.gguf');
  });
});

describe('servers that misbehave', () => {
  const every: readonly [string, string, (asked: Asked) => Behaviour][] = [
    ['a wrong Content-Range', 'wrong-range', ({ before }) => (before < 2 ? { shiftRange: 7 } : {})],
    [
      'a connection cut (jan#7920)',
      'cut',
      ({ before }) => (before % 2 === 0 ? { after: 100_000, then: 'cut' } : {}),
    ],
    [
      'a stall without a cut (lmstudio#1222, lmstudio#136)',
      'stalled',
      ({ before }) => (before === 1 ? { after: 50_000, then: 'stall' } : {}),
    ],
    ['a crawl (slow-loris)', 'slow', ({ before }) => (before === 1 ? { rate: 5_000 } : {})],
    [
      'an answer that ends early',
      'cut',
      ({ before }) => (before === 1 ? { after: 60_000, then: 'end', extra: 0 } : {}),
    ],
    ['503', 'busy', ({ before }) => (before === 2 ? { status: 503 } : {})],
    ['500', 'server-error', ({ before }) => (before === 1 ? { status: 500 } : {})],
    ['another length', 'wrong-size', ({ before }) => (before === 1 ? { length: 1_600_000 } : {})],
    [
      'packed bytes',
      'encoded',
      ({ before }) => (before === 1 ? { headers: { 'content-encoding': 'gzip' } } : {}),
    ],
    ['one 200 for a part', 'whole', ({ before }) => (before === 2 ? { whole: true } : {})],
  ];
  it.each(every)('%s: goes on, right in the end', async (_name, event, behave) => {
    const made = setup();
    const { end, events } = await finish(made, request(await serve(behave)));
    expect(end).toMatchObject({ state: 'done', startOvers: 0 });
    expect(events).toContain(event);
    right(made);
  });

  it('cuts at random points (seeded) cost next to nothing twice', async () => {
    const random = seeded(7);
    const server = await serve(() =>
      random() < 0.5 ? { after: Math.floor(random() * 250_000), then: 'cut' } : {},
    );
    const made = setup();
    const { end } = await finish(made, request(server));
    right(made);
    expect(end.fetched / bytes).toBeLessThan(1.05);
  });

  it('stalls over and over, and the sum is still right in the end (lmstudio#1222)', async () => {
    const random = seeded(13);
    const server = await serve(({ before }) =>
      before < 12 ? { after: Math.floor(random() * 200_000), then: 'stall' } : {},
    );
    const made = setup();
    const { end, events } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 0, sha256: hash });
    expect(events.filter((event) => event === 'stalled').length).toBeGreaterThan(3);
    expect(end.fetched / bytes).toBeLessThan(1.05);
    right(made);
  });

  it('200 instead of 206: starts over when parts are here, and takes the whole', async () => {
    let whole = false;
    const server = await serve(({ before }) => {
      whole ||= before >= 2;
      return { whole };
    });
    const made = setup();
    const { end, events } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 1 });
    expect(events).toContain('start-over');
    right(made);
  });

  it('200 from the beginning: one connection, no start over', async () => {
    const server = await serve(() => ({ whole: true }));
    const made = setup();
    const { end } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 0, fetched: bytes });
    expect(server.most()).toBe(1);
    right(made);
  });

  it('a whole file of unknown length that is too long is not installed', async () => {
    const server = await serve(() => ({ whole: true, extra: 5 }));
    const made = setup();
    const { end } = await finish(made, request(server, { sha256: null }));
    expect(end).toMatchObject({ state: 'failed', failure: 'wrong-size' });
    expect(made.files()).not.toContain('model.gguf');
  });

  it('the ETag changes in the middle: the old parts are worthless', async () => {
    const server = await serve(({ before }) => (before < 2 ? { seed: 99, etag: '"old"' } : {}));
    const made = setup();
    const { end, events } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 1 });
    expect(events).toContain('changed');
    right(made);
  });

  it('a file that changes at every request is given up', async () => {
    let count = 0;
    const server = await serve(() => ({ etag: `"${count++}"` }));
    const made = setup();
    const { end } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'failed', failure: 'changed' });
  });

  it('Retry-After is waited for, in seconds and as a date, and no request comes sooner', async () => {
    const waits: number[] = [];
    const server = await serve(({ before }) =>
      before === 0
        ? { status: 429, headers: { 'retry-after': '7' } }
        : before === 1
          ? { status: 503, headers: { 'retry-after': new Date(60_000).toUTCString() } }
          : {},
    );
    // Time that passes only by waiting.
    let now = 0;
    const made = setup({
      ports: {
        clock: { now: () => now },
        sleep: async (ms) => {
          if (ms > 100) waits.push(ms);
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (ms > 100) now += ms;
        },
      },
    });
    const { end } = await finish(made, request(server));
    expect(end.state).toBe('done');
    expect(waits).toEqual([7000, 53_000]);
  });

  it('nonsense without end is given up after a few tries', async () => {
    const server = await serve(() => ({ shiftRange: 1 }));
    const made = setup();
    const { end } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'failed', failure: 'server' });
    expect(server.asked.length).toBe(6);
    expect(made.files()).not.toContain('model.gguf');
  });

  it.each([
    [403, 'refused'],
    [401, 'refused'],
    [404, 'not-found'],
  ])('%i at the address itself ends it at once', async (status, failure) => {
    const server = await serve(() => ({ status }));
    const { end } = await finish(setup(), request(server));
    expect(end).toMatchObject({ state: 'failed', failure });
    expect(server.asked.length).toBe(1);
  });

  it('the server has another length than the catalog from the start', async () => {
    const { end } = await finish(setup(), request(await serve(), { bytes: bytes + 1 }));
    expect(end).toMatchObject({ state: 'failed', failure: 'wrong-size' });
  });

  it('the hub names another sha256: refused before a byte is fetched', async () => {
    const server = await serve(() => ({ headers: { 'x-linked-etag': `"${'0'.repeat(64)}"` } }));
    const { end } = await finish(setup(), request(server));
    expect(end).toMatchObject({ state: 'failed', failure: 'changed', done: 0 });
  });
});

describe('wrong bytes (lms#45, ollama#941, ollama#8105, ollama#9846, ollama#11831)', () => {
  it('are put aside, the bad part is found and replaced, and no more is fetched again than that takes', async () => {
    // One connection, four pieces: the wrong byte is in the second.
    const server = await serve(({ before }) => (before < 4 ? { flip: [700_000] } : { rate: 2e6 }));
    const made = setup({ tuning: { connections: 1, piece: 400_000 } });
    const { end, id, events } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 0 });
    expect(events.filter((event) => event === 'quarantined').length).toBe(1);
    const bad = made.downloads.log(id).find(({ event }) => event === 'bad-range')?.facts;
    expect(bad?.['start']).toBeLessThanOrEqual(700_000);
    expect(bad?.['end']).toBeGreaterThan(700_000);
    expect(end.fetched).toBeGreaterThanOrEqual(bytes + 800_000);
    expect(end.fetched).toBeLessThan(2 * bytes);
    right(made);
  });

  it('in several places: each byte is fetched again at most once', async () => {
    const places = [10, 500_000, 900_000, 1_499_999];
    const server = await serve(({ before }) => (before < 6 ? { flip: places } : {}));
    const made = setup({ tuning: { connections: 1 } });
    const { end } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'done', startOvers: 0 });
    expect(end.fetched).toBeLessThanOrEqual(2 * bytes);
    right(made);
  });

  it('that stay wrong are never installed, stand aside, and go with cancel', async () => {
    const server = await serve(() => ({ flip: [5] }));
    const made = setup();
    const { end, id } = await finish(made, request(server));
    expect(end).toMatchObject({ state: 'failed', failure: 'wrong-bytes', fetched: 2 * bytes });
    expect(made.files()).toEqual([expect.stringMatching(/^\.model\.gguf\..*\.quarantine$/)]);
    expect(end.quarantine).toContain('quarantine');
    await made.downloads.cancel(id);
    expect(made.files()).toEqual([]);
  });
});
