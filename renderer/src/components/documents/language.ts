import type { DocumentSummary } from '../../../../electron/ipc/contract/index.ts';
import { languageOf } from '../markdown/highlight.ts';

/** Endings of file names that are not the name of a language themselves. */
const endings: Readonly<Record<string, string>> = {
  h: 'c',
  hpp: 'cpp',
  cc: 'cpp',
  cjs: 'javascript',
  mts: 'typescript',
  jsonl: 'json',
  ipynb: 'python',
  htm: 'html',
  cfg: 'ini',
  conf: 'ini',
  kts: 'kotlin',
};

/**
 * The language of a document's code: by its file's name; '' for text that is only cited by line, and
 * for code within prose, whose language nobody tells.
 */
export function languageIn(
  { name, format }: Pick<DocumentSummary, 'name' | 'format'>,
  whole = true,
) {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const plain: readonly string[] = ['txt', 'md', 'rst', 'docx', 'html'];
  if (plain.includes(format)) return format === 'txt' && whole ? '' : 'code';
  return languageOf(endings[ending] ?? ending) ?? 'code';
}
