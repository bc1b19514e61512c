import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { IngestReport } from '../support/ingest-child.ts';

const MiB = 1024 * 1024;
/**
 * Most that reading may take, generously: the parser's heap may grow to its limit (768 MiB,
 * electron/documents/ingest/reader.ts) before it is ended, and a file's bytes stand beside it.
 */
const mostBytes = 1536 * MiB;

it('lmstudio#893: 400 files and the hostile ones are read in bounded memory, none hangs, the rest is found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-corpus-memory-'));
  const script = join(import.meta.dirname, '../support/ingest-child.ts');
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code, errors).toBe(0);
    const report = JSON.parse(out) as IngestReport;
    const { peakBytes, idleBytes, corpus, hostile, isFound } = report;
    process.stdout.write(
      `corpus: peak ${Math.round(peakBytes / MiB)} MiB (${Math.round(idleBytes / MiB)} before reading), ${
        hostile === null
          ? 'no hostile files in this tree'
          : `${hostile.files} hostile files among them`
      }\n`,
    );
    expect(corpus.ready + corpus.failed).toBeGreaterThan(100);
    expect(corpus.failed).toBeLessThanOrEqual(12);
    expect(hostile?.wrong ?? []).toEqual([]);
    expect(isFound).toBe(true);
    expect(peakBytes).toBeLessThan(mostBytes);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
