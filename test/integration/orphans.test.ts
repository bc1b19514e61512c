import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';
import { childrenOf, isRunning } from '../support/processes.ts';

interface Told {
  readonly core?: number;
  readonly engine?: number;
  readonly saved?: string;
  readonly conversation?: string;
  readonly event?: string;
  readonly fraction?: number;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-orphans-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the stand-in for MAIN until it has told something for which `until` holds. */
async function runUntil(until: (told: Told) => boolean) {
  const parent = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../support/headless-parent.ts', import.meta.url)),
      folder,
      'What can you do?',
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const gone = once(parent, 'exit');
  const told: Told[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    const facts = JSON.parse(line) as Told;
    told.push(facts);
    if (until(facts)) break;
  }
  const named = told.flatMap(({ core, engine }) => [core ?? [], engine ?? []].flat());
  const pids = new Set(named.flatMap((pid) => [pid, ...childrenOf(pid)]));
  return { parent, gone, told, pids: [...pids] };
}

function openStored() {
  return openDatabase({
    file: join(folder, 'quarry.db'),
    backupFolder: join(folder, 'backups'),
    clock: { now: () => Date.now() },
    log: silentLog,
  });
}

describe('processes', () => {
  it.each([
    ['while the model loads', (told: Told) => (told.fraction ?? 0) > 0],
    ['while it answers', (told: Told) => told.event === 'text'],
    ['when the answer is there', (told: Told) => told.event === 'done'],
  ])('kill -9 of the parent %s leaves no process and a whole database', async (_when, until) => {
    const { parent, gone, told, pids } = await runUntil(until);
    expect(pids.length).toBeGreaterThanOrEqual(2);
    expect(pids.every(isRunning)).toBe(true);
    parent.kill('SIGKILL');
    await gone;
    await expect.poll(() => pids.filter(isRunning), { timeout: 15_000 }).toEqual([]);

    const saved = told.find((facts) => facts.saved !== undefined)?.saved ?? '';
    const { db, close } = openStored();
    expect(db.all(sql`PRAGMA integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
    expect(db.get(sql`SELECT text FROM messages WHERE id = ${saved}`)).toEqual({
      text: 'What can you do?',
    });
    close();
  });

  it('ends in order when asked: status 0, engine gone, nothing left to recover', async () => {
    const { parent, gone, pids } = await runUntil((told) => told.event === 'done');
    parent.stdin.end();
    expect(await gone).toEqual([0, null]);
    await expect.poll(() => pids.filter(isRunning), { timeout: 15_000 }).toEqual([]);
  });
});
