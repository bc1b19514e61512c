import type { Block, DocumentFormat } from '../../electron/ipc/contract/index.ts';
import type { Extracted } from '../../electron/documents/ingest/extract/extracted.ts';
import { extract } from '../../electron/documents/ingest/extract/index.ts';

/** Reads a file of a test in this thread; `name` for formats that look at it. */
export const read = (
  format: DocumentFormat,
  content: string | Uint8Array,
  name?: string,
): Promise<Extracted> =>
  extract(
    format,
    typeof content === 'string' ? new TextEncoder().encode(content) : content,
    () => {},
    name === undefined ? {} : { name },
  );

export const textOf = (extracted: Extracted): string =>
  extracted.pages.map(({ text }) => text).join('');

export const headingsOf = (extracted: Extracted): [number, string][] =>
  extracted.pages.flatMap(({ text, headings }) =>
    headings.map(({ level, start, end }): [number, string] => [level, text.slice(start, end)]),
  );

/** Blocks with their words instead of their offsets. */
export const blocksOf = (
  extracted: Extracted,
): (Omit<Block, 'start' | 'end' | 'header'> & { text: string; header?: string })[] =>
  extracted.pages.flatMap(({ text, blocks = [] }) =>
    blocks.map(({ start, end, header, ...facts }) => ({
      ...facts,
      text: text.slice(start, end),
      ...(header === undefined ? {} : { header: text.slice(...header) }),
    })),
  );
