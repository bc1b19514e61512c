import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import type { DocumentFormat } from '../../electron/ipc/contract/index.ts';
import type { HostileDocument } from './hostile-documents.ts';

export interface HostileReading {
  /** Reads it, and a good file after it. Gives how it ended and, where that is wrong, why. */
  tryOne(document: HostileDocument): Promise<{ readonly ended: string; readonly wrong?: string }>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** Reads hostile files in the real parser thread under the program's own limits. */
export async function openHostileReading(): Promise<HostileReading> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-hostile-'));
  const good = join(folder, 'good.txt');
  await writeFile(good, 'The harmless document speaks of otters.');
  const reader = createReader();

  async function outcomeOf(name: string, format: DocumentFormat, path: string): Promise<string> {
    try {
      const { pages, passages } = await reader.read(
        { path, format, documentId: name, name },
        never,
      );
      const text = pages.map((page) => page.text).join('');
      // eslint-disable-next-line no-control-regex
      const clean = !/[\u0000-\u0008\u000B-\u001F\u007F]|\p{Surrogate}/u.test(text);
      return passages.length > 0 && clean && text.normalize('NFC') === text ? 'read' : 'bad text';
    } catch (error) {
      return String((error as { code?: unknown }).code ?? error);
    }
  }

  return {
    async tryOne({ name, format, make, ends }) {
      const path = join(folder, 'hostile');
      await writeFile(path, make());
      const ended = await outcomeOf(name, format, path);
      const right = ends === null ? /^(?:read|document-|parser-)/.test(ended) : ended === ends;
      if (!right) return { ended, wrong: `ended with ${ended}, not ${ends ?? 'words or a code'}` };
      const after = await outcomeOf('good.txt', 'txt', good);
      return after === 'read' ? { ended } : { ended, wrong: `a good file after it: ${after}` };
    },
    async close() {
      await reader.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
