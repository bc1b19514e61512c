import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sql } from '../../electron/storage/sql.ts';
import { createFakeEmbedder } from '../support/word-embedder.ts';
import { setUpVectors } from '../support/vectors-setup.ts';

const passages = 240;

/** Lets a process make vectors and kills it once it has made `upTo`. */
async function killedAt(file: string, fingerprint: string, upTo: number): Promise<void> {
  const child = spawn(
    process.execPath,
    [join('test', 'support', 'vectors-child.ts'), file, fingerprint],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdout.on('data', (chunk: Buffer) => {
    const made = chunk.toString().trim().split('\n').map(Number);
    if (made.some((count) => count >= upTo)) child.kill('SIGKILL');
  });
  await ended;
}

it(
  'vectors are whole after kill -9 at any point, and none is made twice',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarry-vectors-'));
    const file = join(folder, 'quarry.sqlite');
    try {
      const first = setUpVectors({ file });
      for (let at = 0; at < 8; at += 1) {
        const texts = Array.from(
          { length: passages / 8 },
          (_, n) => `Note ${at} of subject${at}x${n} here.`,
        );
        first.put(`doc-${at}`, texts);
      }
      await first.close();
      await killedAt(file, 'fake-1', 60);
      // In the middle of a change of the model.
      for (const upTo of [0, 40]) await killedAt(file, 'fake-2', upTo);

      const fake = createFakeEmbedder({ fingerprint: 'fake-2' });
      const last = setUpVectors({ file, fake });
      const left = passages - last.vectors.state().done;
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(passages);
      await last.made();
      const asked = fake.requests.flatMap(({ texts }) => texts);
      expect(asked).toHaveLength(left);
      expect(new Set(last.having()).size).toBe(passages);
      const counted = last.db.get(sql`SELECT m.fingerprint, m.passages,
      (SELECT COUNT(*) FROM passage_vectors v WHERE v.model = m.id) AS rows,
      (SELECT COUNT(*) FROM vectors_due) AS due FROM vector_models m`);
      expect(counted).toEqual({ fingerprint: 'fake-2', passages, rows: passages, due: 0 });
      const found = await last.find('subject3x7');
      expect(found.passages[0]?.text).toBe('Note 3 of subject3x7 here.');
      await last.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
