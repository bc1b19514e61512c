import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createReader, usualThreads } from './reader.ts';
import type { Reader, ReaderLimits } from './reader.ts';

const hostile = new URL('../../../test/support/hostile-parser.ts', import.meta.url);
const never = new AbortController().signal;
const request = (path: string) => ({ path, format: 'txt', documentId: 'x' }) as const;

let reader: Reader;
const withLimits = (limits: Partial<ReaderLimits>): Reader =>
  (reader = createReader({ stallMs: 20_000, totalMs: 60_000, heapMiB: 256, ...limits }, hostile));
afterEach(() => reader.close());

describe('the parser thread', () => {
  it.each([
    ['hang.txt', 'parser-timeout'],
    ['wait.txt', 'parser-timeout'],
    ['exit.txt', 'parser-crashed'],
    ['throw.txt', 'parser-crashed'],
  ])('lmstudio#893: %s costs one document', async (name, code) => {
    withLimits({ stallMs: 1500 });
    await expect(reader.read(request(name), never)).rejects.toMatchObject({ code });
    await expect(reader.read(request('fine.txt'), never)).resolves.toMatchObject({
      passages: [{ text: 'The harmless document speaks of otters.' }],
    });
  });

  it('lmstudio#893: a document that fills memory costs that document', async () => {
    withLimits({ heapMiB: 48 });
    await expect(reader.read(request('fill.txt'), never)).rejects.toMatchObject({
      code: 'parser-memory',
    });
    await expect(reader.read(request('fine.txt'), never)).resolves.toBeDefined();
  });

  it('has the room for young objects that it needs, whatever CORE was started with', async () => {
    withLimits({});
    setFlagsFromString('--max-semi-space-size=4');
    const { passages } = await reader.read(request('young.txt'), never);
    // Twice the half that is set; a collection under way may hold a page more. CORE's own would make 8.
    const room = Number.parseInt(passages[0]?.text ?? '', 10);
    expect(room).toBeGreaterThanOrEqual(32);
    expect(room).toBeLessThan(48);
  });

  it('tells slow from stuck by signs of life', async () => {
    withLimits({ stallMs: 20_000 });
    await reader.read(request('fine.txt'), never);
    await expect(reader.read(request('slow.txt'), never)).resolves.toBeDefined();
    await reader.close();
    withLimits({ totalMs: 200 });
    await expect(reader.read(request('slow.txt'), never)).rejects.toMatchObject({
      code: 'parser-timeout',
    });
  });

  it('stops at once when asked, and reads on afterwards', async () => {
    withLimits({});
    const controller = new AbortController();
    const reading = reader.read(request('hang.txt'), controller.signal);
    const next = reader.read(request('fine.txt'), never);
    setTimeout(() => controller.abort(), 300);
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    await expect(next).resolves.toBeDefined();
  });

  it('does not count the time for which it waits for the database', async () => {
    withLimits({ stallMs: 20_000, totalMs: 60_000 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const texts: string[] = [];
      await reader.read(request('fine.txt'), never, {
        async take(parcel) {
          vi.advanceTimersByTime(50_000);
          await Promise.resolve();
          texts.push(...parcel.passages.map(({ text }) => text));
        },
      });
      expect(texts).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('goes on with the next document while what it gave of one is taken', async () => {
    withLimits({});
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const first = reader.read(request('fine.txt'), never, { take: () => opened });
    const events: string[] = [];
    const next = reader.read(request('fine-next'), never, {
      begin: () => void events.push('begins'),
      take: () => void events.push('taken'),
    });
    await vi.waitFor(() => expect(events).toContain('taken'));
    open();
    await expect(Promise.all([first, next])).resolves.toHaveLength(2);
  });

  it('a parcel that cannot be taken costs its document, not the one that the thread is at', async () => {
    withLimits({});
    let fail = (_: Error): void => {};
    const taking = new Promise<void>((_, reject) => (fail = reject));
    const first = reader.read(request('fine.txt'), never, { take: () => taking });
    const next = reader.read(request('slow-next'), never, {
      begin: () => setTimeout(() => fail(new Error('full')), 50),
    });
    await expect(first).rejects.toThrow('full');
    await expect(next).resolves.toBeDefined();
  });

  it('never lets the words of a document out in an error', async () => {
    withLimits({});
    const error: unknown = await reader.read(request('throw.txt'), never).catch((e: unknown) => e);
    expect((error as Error).message).not.toContain('Geheimnis');
  });
});

describe('several parser threads', () => {
  const noted = (events: string[], name: string, signal = never) =>
    reader.read(request(name), signal, { begin: () => void events.push(`begins ${name}`) });

  it('read two documents at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarry-meet-'));
    try {
      withLimits({ threads: 2 });
      const [one, two] = [join(folder, 'one'), join(folder, 'two')];
      await Promise.all([
        reader.read(request(`meet ${one} ${two}`), never),
        reader.read(request(`meet ${two} ${one}`), never),
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('read a large document alone, and none overtakes it', async () => {
    withLimits({ threads: 2, together: 1000 });
    const events: string[] = [];
    const slow = (name: string, bytes: number) =>
      reader.read({ ...request(`slow-${name}`), bytes }, never, {
        begin: () => void events.push(`begins slow-${name}`),
        take: () => void events.push(`ends slow-${name}`),
      });
    await Promise.all([slow('small', 600), slow('large', 5000), slow('next', 1), slow('last', 1)]);
    expect(events.slice(0, 6)).toEqual([
      'begins slow-small',
      'ends slow-small',
      'begins slow-large',
      'ends slow-large',
      'begins slow-next',
      'begins slow-last',
    ]);
  });

  it.each(['exit.txt', 'throw.txt', 'hang.txt'])(
    'lmstudio#893: %s does not disturb the document beside it',
    async (name) => {
      withLimits({ threads: 2 });
      const folder = mkdtempSync(join(tmpdir(), 'quarry-meet-'));
      const controller = new AbortController();
      try {
        const sign = join(folder, 'sign');
        const beside = reader.read(request(`meet ${join(folder, 'own')} ${sign}`), never);
        const events: string[] = [];
        const bad = noted(events, name, controller.signal);
        expect(events).toEqual([]);
        await vi.waitFor(() => expect(events).toEqual([`begins ${name}`]));
        if (name === 'hang.txt') controller.abort();
        await expect(bad).rejects.toMatchObject({
          code: name === 'hang.txt' ? 'cancelled' : 'parser-crashed',
        });
        // It ends only now, so it was in work all the time.
        const ends = reader.read(request(`meet ${sign} ${sign}`), never);
        await expect(Promise.all([beside, ends])).resolves.toHaveLength(2);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('end with the feature, whatever they are at', async () => {
    withLimits({ threads: 2 });
    const events: string[] = [];
    const all = ['hang-one', 'hang-two', 'waits'].map((name) => noted(events, name));
    const ends = Promise.allSettled(all);
    await vi.waitFor(() => expect(events).toHaveLength(2));
    await reader.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(events).not.toContain('begins waits');
  });

  it.each([
    [1, 'linux', 1],
    [2, 'linux', 2],
    [4, 'linux', 2],
    [8, 'linux', 2],
    [1, 'win32', 1],
    [2, 'win32', 1],
    [4, 'darwin', 2],
    [10, 'darwin', 2],
  ] as const)('on %i cores, %s: %i', (cores, platform, threads) => {
    expect(usualThreads(cores, platform)).toBe(threads);
  });
});
