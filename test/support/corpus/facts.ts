import type { PartKind } from '../../../electron/ipc/contract/index.ts';
import { shown } from './document.ts';
import type { CorpusFormat, Doc, Written } from './document.ts';
import type { Fact } from './world.ts';

export interface Planted {
  readonly file: string;
  readonly format: CorpusFormat;
  readonly language: 'en' | 'es' | 'ko';
  /** The sentence, or the row's cells parted by tabs as a sheet shows them. */
  readonly span: string;
  /** What is asked for. It stands in the span. */
  readonly value: string;
  /** True where the span is a row of a table. */
  readonly inTable: boolean;
  readonly part: {
    readonly kind: PartKind;
    /** 1-based. */
    readonly number: number;
    readonly title: string;
    /** Row of a sheet, 1-based. */
    readonly row?: number;
    /** First and last line that the span stands on, for files that are text. */
    readonly lines?: readonly [first: number, last: number];
    /** Baseline of its first line on a pdf page: points from the top. */
    readonly baseline?: number;
  };
}

const partKinds: Partial<Record<CorpusFormat, PartKind>> = {
  pdf: 'page',
  pptx: 'slide',
  odp: 'slide',
  xlsx: 'sheet',
  ods: 'sheet',
  csv: 'sheet',
  tsv: 'sheet',
  epub: 'chapter',
  eml: 'message',
  mbox: 'message',
  ipynb: 'cell',
};
/** Files whose lines a person can count. Json is left out: its line breaks mean nothing. */
const countedLines = new Set<CorpusFormat>(['txt', 'md', 'rst', 'code', 'jsonl']);

type Found = Pick<Planted, 'span' | 'value' | 'inTable' | 'part'> & { readonly fact: Fact };

/** Where each fact of a document stands in the file that was written of it. */
export function factsOf(doc: Doc, written: Written): Found[] {
  const text = countedLines.has(doc.format) ? decoded(written.bytes) : null;
  const kind = partKinds[doc.format] ?? 'section';
  return doc.parts.flatMap(({ title, items }, index) => {
    const found = (fact: Fact, span: string, value: string, inTable: boolean): Found => {
      const row = written.rows?.get(fact);
      const lines = text === null || inTable ? null : linesOf(text, span);
      const baseline = written.baselines?.get(fact);
      return {
        fact,
        span,
        value,
        inTable,
        part: {
          kind,
          number: index + 1,
          title,
          ...(row === undefined ? {} : { row }),
          ...(lines === null ? {} : { lines }),
          ...(baseline === undefined ? {} : { baseline }),
        },
      };
    };
    return items.flatMap((item) => {
      if (item.kind !== 'table') {
        return item.sentences.flatMap(({ text: sentence, fact }) =>
          fact === undefined ? [] : [found(fact, sentence, fact.value, false)],
        );
      }
      const inSheet = kind === 'sheet';
      const show = (cell: string | number): string =>
        inSheet ? String(cell) : shown(cell, doc.language);
      return item.table.rows.flatMap(({ cells, facts }) =>
        facts.map((fact) => found(fact, cells.map(show).join('\t'), show(fact.cell), true)),
      );
    });
  });
}

/** In the encoding that `writeTxt` chose. */
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Lines that a sentence stands on; null where the file escapes its letters. */
function linesOf(text: string, sentence: string): readonly [number, number] | null {
  const pattern = sentence
    .split(' ')
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
  const match = new RegExp(pattern).exec(text);
  if (match === null) return null;
  const line = (offset: number): number => text.slice(0, offset).split('\n').length;
  return [line(match.index), line(match.index + match[0].length)];
}
