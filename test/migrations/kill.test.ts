import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';

const writer = fileURLToPath(new URL('./kill-writer.ts', import.meta.url));
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-kill-'));
  file = join(folder, 'quarry.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (events: string[] = []) => {
  const note = (event: string): void => void events.push(event);
  return openDatabase({
    file,
    clock: { now: () => 0 },
    log: { info: note, warn: note, error: note },
    backupFolder: join(folder, 'backups'),
  });
};

/** Lets a process write until `enough` messages were told as saved, then kills it. @returns the last one told. */
async function writeAndKill(
  prefix: string,
  enough: number,
  whileOpen: () => void,
): Promise<number> {
  const child = spawn(process.execPath, ['--expose-gc', writer, file, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let last = 0;
  let rest = '';
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === 'open') whileOpen();
        else last = Number(line);
      }
      if (last >= enough) child.kill('SIGKILL');
    }
  } finally {
    child.kill('SIGKILL');
  }
  await gone;
  return last;
}

describe('a process killed while it writes', () => {
  it('loses nothing that it told as saved, and lets the next one in', async () => {
    for (const [round, enough] of [1, 7, 40, 150].entries()) {
      const prefix = `round${round}`;
      const last = await writeAndKill(prefix, enough, () => {
        expect(() => open()).toThrowError(expect.objectContaining({ code: 'database-locked' }));
      });
      expect(last).toBeGreaterThanOrEqual(enough);
      const events: string[] = [];
      const { db, close } = open(events);
      expect(events).toContain('database.unclean');
      expect(db.get(sql`PRAGMA integrity_check`)).toEqual({ integrity_check: 'ok' });
      const found = db.get<{ n: number; found: number }>(
        sql`SELECT count(*) AS n, (SELECT count(*) FROM messages_fts WHERE messages_fts MATCH 'message') AS found
            FROM messages WHERE conversation_id = ${prefix}`,
      );
      expect(found?.n).toBeGreaterThanOrEqual(last);
      expect(found?.found).toBeGreaterThanOrEqual(last);
      close();
    }
  });
});
