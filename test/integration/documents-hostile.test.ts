import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import type { DocumentFormat } from '../../electron/ipc/contract/index.ts';
import { hostileDocuments } from '../support/hostile-documents.ts';

// The real parser thread under limits of the same kind as the program's own, only closer.
const never = new AbortController().signal;
let folder: string;
let reader: Reader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-hostile-'));
  await writeFile(join(folder, 'good.txt'), 'The harmless document speaks of otters.');
  reader = createReader({ stallMs: 15_000, totalMs: 60_000, heapMiB: 512 });
});
afterAll(async () => {
  await reader.close();
  await rm(folder, { recursive: true, force: true });
});

async function outcomeOf(name: string, format: DocumentFormat, path: string): Promise<string> {
  try {
    const { pages, passages } = await reader.read({ path, format, documentId: name, name }, never);
    const text = pages.map((page) => page.text).join('');
    // eslint-disable-next-line no-control-regex
    const clean = !/[\u0000-\u0008\u000B-\u001F\u007F]|\p{Surrogate}/u.test(text);
    return passages.length > 0 && clean && text.normalize('NFC') === text ? 'read' : 'bad text';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

describe('hostile files', () => {
  it('lmstudio#893: are of more than fifty kinds, all named apart', () => {
    const names = hostileDocuments.map(({ name, format }) => `${format} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(50);
  });

  it.each(hostileDocuments)(
    'lmstudio#893: $format, $name: ends with words or a code, and a good file is read after it',
    async ({ name, format, make, ends }) => {
      const path = join(folder, 'hostile');
      await writeFile(path, make());
      const outcome = await outcomeOf(name, format, path);
      if (ends === null) expect(outcome).toMatch(/^(?:read|document-|parser-)/);
      else expect(outcome).toBe(ends);
      expect(await outcomeOf('good.txt', 'txt', join(folder, 'good.txt'))).toBe('read');
    },
    180_000,
  );
});
