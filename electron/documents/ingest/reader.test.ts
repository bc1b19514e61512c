import { afterEach, describe, expect, it } from 'vitest';
import { createReader } from './reader.ts';
import type { Reader } from './reader.ts';

const hostile = new URL('../../../test/support/hostile-parser.ts', import.meta.url);
const never = new AbortController().signal;
const request = (path: string) => ({ path, format: 'txt', documentId: 'x' }) as const;

let reader: Reader;
const withLimits = (limits: { stallMs?: number; totalMs?: number; heapMiB?: number }): Reader =>
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

  it('never lets the words of a document out in an error', async () => {
    withLimits({});
    const error: unknown = await reader.read(request('throw.txt'), never).catch((e: unknown) => e);
    expect((error as Error).message).not.toContain('Geheimnis');
  });
});
