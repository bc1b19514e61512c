import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import type { ParserRequest } from '../../electron/documents/ingest/parser.ts';
import type { DocumentSummary } from '../../electron/ipc/contract/index.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

// A pause is answered at once and acts in the middle of a file (lmstudio#573: cannot be stopped while it loads).

const hostile = new URL('../support/hostile-parser.ts', import.meta.url);
let setup: DocumentsSetup | undefined;
let reader: Reader | undefined;
afterEach(async () => {
  await setup?.close();
  await reader?.close();
  if (setup) removeFolder(setup.files);
});

/** A folder of 400 files, read by a parser that never comes to an end with one that holds `what`. */
async function reading(what: string) {
  const parser = createReader(
    { stallMs: 60_000, totalMs: 60_000, heapMiB: 128, threads: 1 },
    hostile,
  );
  const begun: string[] = [];
  reader = {
    read(request: ParserRequest, signal, steps = {}) {
      const begin = (): void => {
        begun.push(request.documentId);
        steps.begin?.();
      };
      return parser.read(request, signal, { ...steps, begin });
    },
    close: () => parser.close(),
  };
  const one = setUpDocuments({ reader, watch: { follow: false } });
  setup = one;
  const folder = join(one.files, 'many');
  mkdirSync(folder);
  for (let at = 0; at < 400; at += 1) writeFileSync(join(folder, `${at}.txt`), `${what} ${at}`);
  const { handlers } = one.documents;
  const { collectionId } = await handlers['documents.add']({ paths: [folder] });
  while (begun.length === 0) await pause(5);
  const state = async () => (await handlers['documents.watchState']({ collectionId }))[0];
  const count = async (wanted: DocumentSummary['state']) =>
    (await handlers['documents.list']({ collectionId })).filter((one) => one.state === wanted)
      .length;
  return { handlers, collectionId, begun, state, count };
}

describe('a pause while 400 files are read', () => {
  it.each(['wait', 'hang'])('acts in the middle of a file whose parser does "%s"', async (what) => {
    const { handlers, collectionId, begun, state, count } = await reading(what);
    expect(await count('reading')).toBe(1);
    let isAnswered = false;
    const answer = Promise.resolve(handlers['documents.pause']({ collectionId })).then(() => {
      isAnswered = true;
    });
    // Nothing has to be waited for: not the parser, not the disk.
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(true);
    await answer;
    expect(await state()).toMatchObject({ phase: 'paused', paused: 'this', unread: 400 });
    while ((await count('reading')) > 0) await pause(5);
    while (setup?.tasks.list().some((task) => task.state === 'running')) await pause(5);
    expect(await count('waiting')).toBe(400);
    expect(begun).toHaveLength(1);
  });

  it('stops all folders the same way, and goes on with what is left', async () => {
    const { handlers, begun, state, count } = await reading('slow');
    await handlers['documents.pause']({});
    expect(await state()).toMatchObject({ phase: 'paused', paused: 'all' });
    while (setup?.tasks.list().some((task) => task.state === 'running')) await pause(5);
    expect(await count('waiting')).toBe(400);
    const before = begun.length;
    await handlers['documents.resume']({});
    while (begun.length === before) await pause(5);
    expect(await state()).toMatchObject({ phase: 'reading', paused: 'no' });
  });
});
