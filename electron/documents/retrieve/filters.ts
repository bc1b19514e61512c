import { documentFormats, filterWords } from '../../ipc/contract/index.ts';
import type {
  DocumentFormat,
  TypedFilter,
  TypedPart,
  UnfinishedFilter,
} from '../../ipc/contract/index.ts';
import type { SearchFilters } from '../../storage/repositories/passage-search.ts';
import { fold } from '../../storage/terms/split.ts';

/** What a person typed into the search box, taken apart. */
export interface TypedSearch {
  /** The words and phrases to look for. */
  readonly text: string;
  /** Words and phrases that must not stand in a passage. */
  readonly without: readonly string[];
  readonly filters: SearchFilters;
  /** The filters and excluded words as they were typed, in their order. */
  readonly typed: readonly TypedPart[];
  /** Filters whose value is missing, each kind once: they are neither looked for nor do they narrow anything. */
  readonly unfinished: readonly UnfinishedFilter[];
}

/** Other names of formats. */
const alsoCalled: Readonly<Record<string, string>> = {
  markdown: 'md',
  text: 'txt',
  htm: 'html',
  word: 'docx',
  doc: 'docx',
  excel: 'xlsx',
  xls: 'xlsx',
  powerpoint: 'pptx',
  ppt: 'pptx',
  email: 'eml',
  mail: 'eml',
  notebook: 'ipynb',
  picture: 'image',
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
};

const token = /(-?)(?:(\p{L}+):)?(?:"([^"]*)"|(\S+))/gu;

/**
 * Reads `in:contracts file:"lease 2024" type:pdf after:2024-01 before:2025 "exact words" -draft`. A word before a
 * colon that names no filter, an unknown type and a date that is none are searched as text, as they were typed; a
 * filter without a value is left out.
 * Filters of one kind are alternatives; of several dates the narrower counts.
 */
export function parseSearch(query: string): TypedSearch {
  const text: string[] = [];
  const without: string[] = [];
  const filters: TypedFilter[] = [];
  const typed: TypedPart[] = [];
  const unfinished = new Map<TypedFilter['kind'], UnfinishedFilter>();
  for (const match of query.matchAll(token)) {
    const [whole, minus = '', name, quoted, plain] = match;
    const value = (quoted ?? plain ?? '').trim();
    const kind = name === undefined ? undefined : kindOf(fold(name));
    const filter = kind === undefined || minus !== '' ? null : filterOf(kind, value);
    const place = { start: match.index, end: match.index + whole.length };
    const bare = minus === '' ? valueless(whole) : null;
    if (bare !== null) {
      if (!unfinished.has(bare.kind)) unfinished.set(bare.kind, bare);
    } else if (filter !== null) {
      filters.push(filter);
      typed.push({ ...filter, ...place });
    } else if (minus !== '' && name === undefined && /[\p{L}\p{N}]/u.test(value)) {
      without.push(value);
      typed.push({ kind: 'without', value, ...place });
    } else text.push(whole);
  }
  return {
    ...{ text: text.join(' '), without, filters: filtersOf(filters), typed },
    unfinished: [...unfinished.values()],
  };
}

const kindOf = (word: string): TypedFilter['kind'] | undefined =>
  Object.hasOwn(filterWords, word) ? filterWords[word] : undefined;

/** `type:` or `type:""`: a filter that is still to get its value. */
function valueless(typed: string): UnfinishedFilter | null {
  const word = /^(\p{L}+):(?:"\s*")?$/u.exec(typed)?.[1];
  const kind = word === undefined ? undefined : kindOf(fold(word));
  return word === undefined || kind === undefined ? null : { kind, word };
}

function filterOf(kind: TypedFilter['kind'], value: string): TypedFilter | null {
  if (value === '') return null;
  if (kind === 'type') {
    const name = fold(value).replace(/^\./, '');
    const format = alsoCalled[name] ?? name;
    return isFormat(format) ? { kind, value: format } : null;
  }
  if (kind === 'after' || kind === 'before') return dayOf(value) === null ? null : { kind, value };
  return { kind, value };
}

const isFormat = (name: string): name is DocumentFormat =>
  (documentFormats as readonly string[]).includes(name);

/** Of what was typed the filters alone. */
export const typedFilters = (typed: readonly TypedPart[]): TypedFilter[] =>
  typed.flatMap(({ kind, value }) => (kind === 'without' ? [] : [{ kind, value }]));

/** The filters of a search together. */
export function filtersOf(typed: readonly TypedFilter[]): SearchFilters {
  const of = (kind: TypedFilter['kind']): string[] =>
    typed.filter((each) => each.kind === kind).map(({ value }) => value);
  const days = (kind: TypedFilter['kind']): number[] =>
    of(kind).flatMap((value) => dayOf(value) ?? []);
  const [collections, files, formats] = [of('in'), of('file'), of('type').filter(isFormat)];
  const [after, before] = [days('after'), days('before')];
  return {
    ...(collections.length > 0 && { collections }),
    ...(files.length > 0 && { files }),
    ...(formats.length > 0 && { formats }),
    ...(after.length > 0 && { after: Math.max(...after) }),
    ...(before.length > 0 && { before: Math.min(...before) }),
  };
}

/** The first moment of a year, month or day, here; null for what is no date. */
function dayOf(value: string): number | null {
  const match = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(value);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  const date = new Date(year, month - 1, day);
  return date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day
    ? date.getTime()
    : null;
}
