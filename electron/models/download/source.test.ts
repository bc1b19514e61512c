import { describe, expect, it } from 'vitest';
import type { HttpReply } from './ports.ts';
import { createSource } from './source.ts';

const unknown = { bytes: null, linkedEtag: null, etag: null };
const { signal } = new AbortController();

/** A hub that points to a signed address; each answer comes when the test says so. */
function scripted() {
  const waiting: { url: string; answer(status: number, headers?: Record<string, string>): void }[] =
    [];
  const resolved: string[] = [];
  const source = createSource({
    url: 'https://hub/file',
    now: () => 0,
    onResolved: ({ host }) => void resolved.push(host),
    http: {
      start: (url) => url,
      open: ({ url }) =>
        new Promise<HttpReply>((resolve) =>
          waiting.push({
            url,
            answer: (status, headers = {}) =>
              resolve({ status, headers, body: (async function* () {})(), discard() {} }),
          }),
        ),
    },
  });
  const next = async () => {
    await new Promise(setImmediate);
    return waiting.shift()!;
  };
  return { source, next };
}
const part = (start: number) => ({ 'content-range': `bytes ${start}-${start + 9}/100` });

describe('where the bytes come from', () => {
  it('two requests whose address ran out at the same moment both find the new one', async () => {
    const { source, next } = scripted();
    const opening = source.open(0, 10, unknown, signal);
    (await next()).answer(302, { location: 'https://far/1', 'x-linked-size': '100' });
    (await next()).answer(206, part(0));
    await opening;
    const both = [10, 20].map((start) => source.open(start, start + 10, unknown, signal));
    const [one, two] = [await next(), await next()];
    expect([one.url, two.url]).toEqual(['https://far/1', 'https://far/1']);
    one.answer(403);
    const again = await next();
    expect(again.url).toBe('https://hub/file');
    // Only now, while the first already looks for a new address.
    two.answer(403);
    const againToo = await next();
    expect(againToo.url).toBe('https://hub/file');
    for (const [request, start] of [
      [again, 10],
      [againToo, 20],
    ] as const) {
      request.answer(302, { location: 'https://far/2' });
      const far = await next();
      expect(far.url).toBe('https://far/2');
      far.answer(206, part(start));
    }
    expect((await Promise.all(both)).map(({ from }) => from)).toEqual([10, 20]);
  });

  it('an empty file has no parts: 416 says so, and only for a file not known to be longer', async () => {
    const { source, next } = scripted();
    const empty = { 'content-range': 'bytes */0' };
    const opening = source.open(0, 10, unknown, signal);
    (await next()).answer(416, empty);
    expect((await opening).identity.bytes).toBe(0);
    const longer = source.open(0, 10, { ...unknown, bytes: 5 }, signal);
    (await next()).answer(416, empty);
    await expect(longer).rejects.toMatchObject({ kind: 'over', event: 'shorter-now' });
  });
});
