import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashVocabulary, probeGguf } from './gguf-probe.ts';

const miniature = fileURLToPath(
  new URL('../../resources/miniature/miniature.gguf', import.meta.url),
);
let folder: string;
let bytes: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-probe-'));
  bytes = await readFile(miniature);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(content: Buffer | string): Promise<string> {
  const path = join(folder, `${Math.random()}.gguf`);
  await writeFile(path, content);
  return path;
}

describe('probeGguf', () => {
  it("reads the miniature's header", async () => {
    const probe = await probeGguf(miniature);
    expect(probe.architecture).toBe('granitehybrid');
    expect(probe.neededBytes).toBe(bytes.length);
    expect(probe.template).toContain('start_of_role');
    // 3 attention layers of 2 heads x 64, K and V; 4 Mamba layers: 4 x [(4-1)(512+2*32) + 32*512] bytes.
    expect(probe.shape).toEqual({
      kvElementsPerToken: 3 * 2 * 64 * 2,
      recurrentBytes: 4 * 4 * (3 * (512 + 2 * 32) + 32 * 512),
    });
  });

  it('hashes the tokenizer and nothing else', async () => {
    const hashOf = async (content: Buffer): Promise<string> => {
      const path = await file(content);
      return hashVocabulary(path, await probeGguf(path));
    };
    const same = await hashOf(bytes);
    const changed = async (text: string): Promise<string> => {
      const at = bytes.indexOf(text);
      expect(at, text).toBeGreaterThan(0);
      const other = Buffer.from(bytes);
      other[at] = (other[at] as number) ^ 1;
      return hashOf(other);
    };
    expect(same).toMatch(/^[0-9a-f]{64}$/);
    expect(await changed('<|start_of_role|>')).not.toBe(same);
    expect(await changed('You are a helpful assistant')).toBe(same);
  });

  it('says what a text file is', async () => {
    await expect(probeGguf(await file('just words'))).rejects.toMatchObject({ kind: 'not-gguf' });
    await expect(probeGguf(await file(''))).rejects.toMatchObject({ kind: 'not-gguf' });
  });

  it('says that a header is cut, wherever the cut is', async () => {
    for (const length of [5, 20, 30, 1000, 40_000]) {
      const cut = await file(bytes.subarray(0, length));
      await expect(probeGguf(cut)).rejects.toMatchObject({ kind: 'truncated' });
    }
  });

  it('knows how long the file ought to be', async () => {
    const cut = await probeGguf(await file(bytes.subarray(0, bytes.length - 1)));
    expect(cut.fileBytes).toBeLessThan(cut.neededBytes);
  });

  it('does not believe absurd counts', async () => {
    const absurd = Buffer.from(bytes.subarray(0, 4096));
    absurd.writeBigUInt64LE(2n ** 60n, 8);
    await expect(probeGguf(await file(absurd))).rejects.toMatchObject({ kind: 'malformed' });
  });
});
