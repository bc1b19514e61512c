import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { StoredDocument } from '../storage/repositories/documents.ts';
import { createFileStates } from './file-states.ts';

it('looks again when the clock was set back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-states-'));
  try {
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'one');
    const { size, mtimeMs } = statSync(path);
    const document = {
      id: 'd',
      path,
      sha256: 'ab',
      bytes: size,
      modifiedAt: Math.trunc(mtimeMs),
    } as StoredDocument;
    let now = 3_600_000;
    const states = createFileStates({ now: () => now });
    expect(await states.of(document)).toBe('same');
    writeFileSync(path, 'one and two');
    now += 10;
    expect(await states.of(document)).toBe('same');
    now = 0;
    expect(await states.of(document)).toBe('changed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
