import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFiles } from '../../electron/models/download/files.ts';
import type { Files } from '../../electron/models/download/ports.ts';
import {
  bytes,
  hash,
  request,
  right,
  serve,
  setup,
  slow,
  some,
  view,
} from '../support/downloads-kit.ts';
import { sha256 } from '../support/hostile-server.ts';
import { seeded } from '../support/seeded.ts';

describe('pause, restart, wake', () => {
  it('pause and resume fetch nothing twice but what was on the wire', async () => {
    const server = await serve(slow);
    const made = setup();
    const id = await made.downloads.start(request(server));
    for (const part of [0.2, 0.5]) {
      await some(made, id, part);
      await made.downloads.pause(id);
      expect(view(made, id)).toMatchObject({ state: 'paused', connections: 0 });
      const asked = server.asked.length;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(server.asked.length).toBe(asked);
      made.downloads.resume(id);
    }
    const end = await made.downloads.settled(id);
    expect(end).toMatchObject({ state: 'done', startOvers: 0 });
    expect(end!.fetched / bytes).toBeLessThan(1.05);
    right(made);
  });

  it('a restart or an update of the app goes on by itself (lmstudio#1696); a paused one stays', async () => {
    const server = await serve(slow);
    const made = setup();
    const [id, other] = [
      await made.downloads.start(request(server)),
      await made.downloads.start(request(server, { fileName: 'other.gguf' })),
    ];
    await some(made, id);
    await made.downloads.pause(other);
    const again = await made.restart();
    expect(view(made, id).done).toBeGreaterThan(bytes * 0.25);
    expect(await again.settled(id)).toMatchObject({ state: 'done' });
    expect(view(made, other).state).toBe('paused');
    await again.cancel(other);
    right(made);
  });

  it('offline is waited out, and wake() asks at once (jan#7066)', async () => {
    let online = false;
    const server = await serve(() => (online ? {} : { after: 0, then: 'cut' }));
    const made = setup({ tuning: { retryFirst: 3_600_000, retryMost: 3_600_000 } });
    const id = await made.downloads.start(request(server));
    await expect.poll(() => view(made, id).state).toBe('waiting');
    online = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    made.downloads.wake();
    expect(await made.downloads.settled(id)).toMatchObject({ state: 'done' });
  });

  it('a connection that breaks just while wake() cuts it is no fault of ours', async () => {
    const server = await serve(({ before }) => (before < 1 ? { after: 0, then: 'stall' } : {}));
    const made = setup({
      tuning: { readTimeout: 60_000 },
      around: (http) => ({
        start: http.start,
        open: (asked) =>
          http.open(asked).catch(() => {
            throw Object.assign(new Error('other side closed'), { name: 'SocketError' });
          }),
      }),
    });
    const id = await made.downloads.start(request(server));
    await expect.poll(() => server.asked.length).toBe(1);
    made.downloads.wake();
    expect(await made.downloads.settled(id)).toMatchObject({ state: 'done', startOvers: 0 });
    right(made);
  });

  it('the machine slept and its connections are dead: goes on at once, no byte twice (jan#7066)', async () => {
    let shift = 0;
    const server = await serve(() => (shift === 0 ? { after: 50_000, then: 'stall' } : {}));
    const made = setup({
      ports: { clock: { now: () => Date.now() + shift } },
      // Patience that would outlast the test: only noticing the sleep helps.
      tuning: { readTimeout: 3_600_000, slowRate: 0, retryFirst: 3_600_000, retryMost: 3_600_000 },
    });
    const id = await made.downloads.start(request(server));
    // What came before the silence is on the disk already.
    await some(made, id, 0.03);
    shift = 8 * 3_600_000;
    const end = await made.downloads.settled(id);
    expect(end).toMatchObject({ state: 'done', startOvers: 0, fetched: bytes });
    right(made);
    expect(made.downloads.log(id).map(({ event }) => event)).toContain('woken');
  });

  it('the clock is set back in the middle: progress is kept all the same, and no speed is absurd', async () => {
    let shift = 0;
    const server = await serve(() => ({ rate: 200_000 }));
    const clock = { now: () => Date.now() + shift };
    // Bytes flushed: what a kill would leave.
    const saved: number[] = [];
    let written = 0;
    const files: Files = {
      ...diskFiles,
      async open(path) {
        const file = await diskFiles.open(path);
        return {
          ...file,
          async write(pieces, position) {
            await file.write(pieces, position);
            written += pieces.reduce((sum, piece) => sum + piece.length, 0);
          },
          async sync() {
            saved.push(written);
            await file.sync();
          },
        };
      },
    };
    const made = setup({ ports: { clock, files }, tuning: { connections: 1 } });
    const id = await made.downloads.start(request(server));
    await some(made, id, 0.1);
    shift = -8 * 3_600_000;
    const seen = made.seen.length;
    await some(made, id, 0.6);
    expect(saved.at(-1)).toBeGreaterThan(bytes * 0.4);
    await made.downloads.pause(id);
    const lines = made.downloads.log(id).map(({ event }) => event);
    expect(lines).not.toContain('woken');
    const later = made.seen.slice(seen);
    expect(later.length).toBeGreaterThan(2);
    expect(Math.max(...later.map(({ bytesPerSecond }) => bytesPerSecond))).toBeLessThan(2e6);
  });

  it('a part that was taken away or cut short meanwhile is fetched again', async () => {
    const made = setup();
    const id = await made.downloads.start(request(await serve(slow)));
    await some(made, id);
    await made.downloads.pause(id);
    writeFileSync(join(made.models, made.files()[0]!), 'short');
    made.downloads.resume(id);
    expect(await made.downloads.settled(id)).toMatchObject({ state: 'done' });
    right(made);
  });
});

describe('the queue', () => {
  it('20 in line: never more than the limit at work, all right in the end', async () => {
    const server = await serve(() => ({ rate: 8_000_000 }));
    const made = setup({ tuning: { active: 3, connections: 2 } });
    const started = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        made.downloads.start(request(server, { fileName: `m${index}.gguf` })),
      ),
    );
    expect(made.downloads.list().filter(({ state }) => state === 'queued').length).toBe(17);
    const ends = await Promise.all(started.map((id) => made.downloads.settled(id)));
    expect(ends.every((end) => end?.state === 'done')).toBe(true);
    expect(server.most()).toBeLessThanOrEqual(6);
    for (const name of made.files()) {
      expect(sha256(readFileSync(join(made.models, name)))).toBe(hash);
    }
    expect(made.files().length).toBe(20);
  });

  it('the same file asked for twice is one download; another one under its name is refused', async () => {
    const server = await serve(slow);
    const made = setup();
    const [one, two] = await Promise.all([
      made.downloads.start(request(server)),
      made.downloads.start(request(server, { fileName: 'MODEL.gguf' })),
    ]);
    expect(two).toBe(one);
    await expect(
      made.downloads.start(request(server, { url: `${server.origin}/x`, sha256: '0'.repeat(64) })),
    ).rejects.toMatchObject({ code: 'model-exists' });
    await made.downloads.settled(one);
    expect(made.downloads.list().length).toBe(1);
    await expect(made.downloads.start(request(server))).rejects.toMatchObject({
      code: 'model-exists',
    });
  });

  it('the same file under two names is two downloads, both right', async () => {
    const server = await serve(slow);
    const made = setup();
    const both = await Promise.all(
      ['a.gguf', 'b.gguf'].map((fileName) => made.downloads.start(request(server, { fileName }))),
    );
    expect(both[0]).not.toBe(both[1]);
    for (const id of both) {
      expect(await made.downloads.settled(id)).toMatchObject({ state: 'done' });
    }
    for (const name of ['a.gguf', 'b.gguf']) {
      expect(sha256(readFileSync(join(made.models, name)))).toBe(hash);
    }
  });

  it.each([
    ['../up.gguf'],
    ['/abs.gguf'],
    ['a/../b'],
    ['.hidden'],
    ['con.gguf'],
    ['a\u0000b'],
    ['a:b'],
    ['dot.'],
    [''],
  ])('the name %j is refused', async (fileName) => {
    const made = setup();
    await expect(
      made.downloads.start({ ...request(await serve()), fileName }),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('cancelled at any moment (seeded): nothing stays, nothing comes back (jan#7889, jan#1998)', async () => {
    const random = seeded(11);
    const server = await serve(() => ({ rate: 2_000_000, flip: random() < 0.3 ? [9] : [] }));
    const made = setup();
    for (let round = 0; round < 12; round += 1) {
      const id = await made.downloads.start(request(server));
      await new Promise((resolve) => setTimeout(resolve, random() * 150));
      await made.downloads.cancel(id);
      expect(made.files().filter((name) => name !== 'model.gguf')).toEqual([]);
      rmSync(join(made.models, 'model.gguf'), { force: true });
      expect(made.downloads.list()).toEqual([]);
    }
    await made.restart();
    expect(made.downloads.list()).toEqual([]);
    expect(made.files()).toEqual([]);
  });

  it('leftovers of nobody are removed at the start, files of others are not', async () => {
    const made = setup();
    mkdirSync(made.models, { recursive: true });
    writeFileSync(join(made.models, '.x.gguf.0190f4a0-0000-7000-8000-000000000000.part'), '');
    writeFileSync(join(made.models, '.mine.part'), '');
    await made.restart();
    expect(made.files()).toEqual(['.mine.part']);
  });
});
