import { basename, extname } from 'node:path';
import { documentExtensions } from '../../ipc/contract/index.ts';
import type { DocumentFormat } from '../../ipc/contract/index.ts';

interface FormatFacts {
  readonly mime: string;
  /** Bytes; a larger file is refused before it is read. */
  readonly limit: number;
}

const MiB = 1024 * 1024;
const ooxml = 'application/vnd.openxmlformats-officedocument.';
const oasis = 'application/vnd.oasis.opendocument.';

const facts: Readonly<Record<DocumentFormat, FormatFacts>> = {
  txt: { mime: 'text/plain', limit: 32 * MiB },
  md: { mime: 'text/markdown', limit: 16 * MiB },
  rst: { mime: 'text/x-rst', limit: 16 * MiB },
  html: { mime: 'text/html', limit: 32 * MiB },
  pdf: { mime: 'application/pdf', limit: 512 * MiB },
  docx: { mime: `${ooxml}wordprocessingml.document`, limit: 128 * MiB },
  pptx: { mime: `${ooxml}presentationml.presentation`, limit: 512 * MiB },
  xlsx: { mime: `${ooxml}spreadsheetml.sheet`, limit: 128 * MiB },
  csv: { mime: 'text/csv', limit: 64 * MiB },
  tsv: { mime: 'text/tab-separated-values', limit: 64 * MiB },
  odt: { mime: `${oasis}text`, limit: 128 * MiB },
  ods: { mime: `${oasis}spreadsheet`, limit: 128 * MiB },
  odp: { mime: `${oasis}presentation`, limit: 512 * MiB },
  epub: { mime: 'application/epub+zip', limit: 256 * MiB },
  rtf: { mime: 'application/rtf', limit: 128 * MiB },
  eml: { mime: 'message/rfc822', limit: 64 * MiB },
  mbox: { mime: 'application/mbox', limit: 512 * MiB },
  code: { mime: 'text/plain', limit: 8 * MiB },
  json: { mime: 'application/json', limit: 32 * MiB },
  jsonl: { mime: 'application/x-ndjson', limit: 64 * MiB },
  ipynb: { mime: 'application/x-ipynb+json', limit: 64 * MiB },
  image: { mime: 'application/octet-stream', limit: 64 * MiB },
};

/** Files that are known by their whole name. */
const codeNames = new Set(['dockerfile', 'makefile', 'cmakelists.txt', 'gemfile', 'rakefile']);

const byExtension = new Map<string, DocumentFormat>(
  (Object.keys(facts) as DocumentFormat[]).flatMap((format) =>
    documentExtensions[format].map((extension) => [`.${extension}`, format] as const),
  ),
);

/** The format that a file's name promises, or null for one that Quarry does not read. */
export function formatOf(path: string): DocumentFormat | null {
  if (codeNames.has(basename(path).toLowerCase())) return 'code';
  return byExtension.get(extname(path).toLowerCase()) ?? null;
}

export const mimeOf = (format: DocumentFormat): string => facts[format].mime;

/** Files that are mostly pictures, which nobody looks at; and those that are packed. */
const weights: Partial<Record<DocumentFormat, number>> = {
  pdf: 0.25,
  ...{ docx: 6, pptx: 1, xlsx: 6, odt: 6, ods: 6, odp: 1, epub: 3 },
};

/** What a file weighs while it is parsed, in bytes of plain text: a rule of thumb to share memory by. */
export const parsingBytes = (format: DocumentFormat, bytes: number): number =>
  bytes * (weights[format] ?? 1);

/** Most bytes a file of this format may have. */
export const sizeLimitOf = (format: DocumentFormat): number => facts[format].limit;
