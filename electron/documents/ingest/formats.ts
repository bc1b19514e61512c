import { extname } from 'node:path';
import type { DocumentFormat } from '../../ipc/contract/index.ts';

interface FormatFacts {
  readonly extensions: readonly string[];
  readonly mime: string;
  /** Bytes; a larger file is refused before it is read. */
  readonly limit: number;
}

const MiB = 1024 * 1024;

const facts: Readonly<Record<DocumentFormat, FormatFacts>> = {
  txt: { extensions: ['.txt', '.text', '.log'], mime: 'text/plain', limit: 32 * MiB },
  md: { extensions: ['.md', '.markdown'], mime: 'text/markdown', limit: 16 * MiB },
  html: { extensions: ['.html', '.htm', '.xhtml'], mime: 'text/html', limit: 32 * MiB },
  pdf: { extensions: ['.pdf'], mime: 'application/pdf', limit: 512 * MiB },
  docx: {
    extensions: ['.docx'],
    mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    limit: 128 * MiB,
  },
};

const byExtension = new Map<string, DocumentFormat>(
  (Object.keys(facts) as DocumentFormat[]).flatMap((format) =>
    facts[format].extensions.map((extension) => [extension, format] as const),
  ),
);

/** The format that a file's name promises, or null for one that Quarry does not read. */
export function formatOf(path: string): DocumentFormat | null {
  return byExtension.get(extname(path).toLowerCase()) ?? null;
}

export const mimeOf = (format: DocumentFormat): string => facts[format].mime;

/** Most bytes a file of this format may have. */
export const sizeLimitOf = (format: DocumentFormat): number => facts[format].limit;
