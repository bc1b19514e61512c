import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { seededBelow } from '../support/seeded.ts';
import { createBench, root } from './models-support.ts';

const kills = Number(process.env['QUARRY_MOVE_KILLS'] ?? 8);
const child = join(root, 'test', 'support', 'move-child.ts');

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'quarry-kill-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Moves, and is killed `after` ms from where it says that it begins. @returns did it end by itself? */
async function moveAndKill(profile: string, to: string, how: string, after: number) {
  const made = spawn(process.execPath, [child, profile, to, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => made.once('close', resolve));
  await new Promise<void>((resolve) => {
    made.stdout.once('data', () => resolve());
    made.once('close', () => resolve());
  });
  await Promise.race([setTimeout(after), ended]);
  made.kill('SIGKILL');
  return (await ended) === 0;
}

it(
  `killed ${kills} times while it moves, either place is whole and known`,
  { timeout: 20_000 + kills * 3_000 },
  async () => {
    // More of them: QUARRY_MOVE_KILLS=60 npm run unit -- test/integration/library-kill.test.ts
    const random = seededBelow(40);
    const profile = join(base, 'profile');
    const places = [join(base, 'a'), join(base, 'b')];
    for (const place of places) mkdirSync(place);
    const first = createBench(createFakeLauncher(), profile);
    const hashes: string[] = [];
    for (const shape of ['h-tiny', 'micro', 'h-micro'] as const) {
      const path = join(base, `${shape}.gguf`);
      // Some weights, so that a kill can fall into the middle of a copy.
      const bytes = Buffer.concat([
        ggufBytes(graniteFixture(graniteShapes[shape])),
        filler(random),
      ]);
      writeFileSync(path, bytes);
      hashes.push(sha256(path));
      const { taskId } = await first.models.handlers['models.import']({
        ...{ paths: [path], mode: 'copy' },
      });
      await first.tasks.finished(taskId);
    }
    await first.close();

    let whole = 0;
    let target = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      const how = kill % 3 === 2 ? 'link' : 'copy';
      if (await moveAndKill(profile, places[target]!, how, random(120))) whole += 1;
      // The app after the kill: every model is whole at a place that is the library's.
      const bench = createBench(createFakeLauncher(), profile, {
        disk: { link: () => Promise.reject(new Error('no')) },
      });
      const models = (await bench.list()).filter(({ origin }) => origin === 'copied');
      expect(models.map((model) => model.sha256).sort()).toEqual([...hashes].sort());
      for (const { id } of models) {
        const model = (await bench.list()).find((one) => one.id === id)!;
        expect({ kill, missing: model.missing, error: model.error }).toEqual({
          ...{ kill, missing: false, error: null },
        });
      }
      // What was begun comes to its end.
      const going = bench.tasks.list().find(({ kind }) => kind === 'move');
      if (going !== undefined) await bench.tasks.finished(going.id);
      const storage = await bench.models.handlers['models.storage']({});
      for (const { path } of (await bench.list()).filter(({ origin }) => origin === 'copied')) {
        expect(dirname(path)).toBe(storage.folder);
        expect(hashes).toContain(sha256(path));
      }
      expect(storage.leftovers).toEqual([]);
      await bench.close();
      const isThere = storage.folder === join(places[target]!, 'Quarry');
      // Moved: nothing is left at the place before. Not moved: at most a folder with our mark.
      const from = isThere ? (places[1 - target] ?? '') : (places[target] ?? '');
      const rest = readdirSync(from, { recursive: true }).filter(
        (name) => !['Quarry', join('Quarry', '.quarry-library')].includes(String(name)),
      );
      expect({ kill, rest }).toEqual({ kill, rest: [] });
      if (isThere) target = 1 - target;
    }
    // Neither all killed too early to matter nor all too late.
    expect(whole).toBeLessThan(kills);
  },
);

/** 3 MB that no disk can guess. */
function filler(random: (below: number) => number): Buffer {
  const bytes = Buffer.alloc(3 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(random(2 ** 32), at);
  return bytes;
}
