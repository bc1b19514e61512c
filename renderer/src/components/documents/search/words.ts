import type {
  DocumentFormat,
  FilterEffect,
  SearchReading,
  TypedFilter,
  TypedPart,
  UnfinishedFilter,
} from '../../../../../electron/ipc/contract/index.ts';
import { anyOf, partOfDate, t } from '../../../i18n/index.ts';

const inQuotes = (value: string): string => t('searching.quoted', { value });

export const kindName = (format: string): string => t(`library.format.${format as DocumentFormat}`);

/** One filter in a few words: "Kind: PDF". */
export function partWords({ kind, value }: Pick<TypedPart, 'kind' | 'value'>): string {
  if (kind === 'type') return t('searching.part.type', { value: kindName(value) });
  if (kind === 'after' || kind === 'before') {
    return t(`searching.part.${kind}`, { value: partOfDate(value) });
  }
  return t(`searching.part.${kind}`, { value });
}

const sampleOf: Readonly<Record<TypedFilter['kind'], string>> = {
  in: 'contracts',
  file: 'lease',
  type: 'pdf',
  after: '2024-01',
  before: '2025',
};

/** What a filter lacks, with the word that was typed for it: "type: needs a value, for example type:pdf." */
export const unfinishedWords = ({ kind, word }: UnfinishedFilter): string =>
  t('searching.unfinished', { word, example: `${word}:${sampleOf[kind]}` });

const moment = (value: string): number => {
  const [year = 0, month = 1, date = 1] = value.split(/[-/.]/).map(Number);
  return (year * 12 + month) * 31 + date;
};

/** Of several dates the narrower counts. */
function narrower(kind: 'after' | 'before', values: readonly string[]): string {
  const sorted = [...values].sort((a, b) => moment(a) - moment(b));
  return partOfDate((kind === 'after' ? sorted.at(-1) : sorted[0]) ?? '');
}

/** All filters of one kind within a sentence: "in PDF or Word files". */
function kindWords(kind: TypedPart['kind'], values: readonly string[]): string {
  if (kind === 'after' || kind === 'before') {
    return t(`searching.said.${kind}`, { value: narrower(kind, values) });
  }
  const each = kind === 'type' ? values.map(kindName) : values.map(inQuotes);
  return t(`searching.said.${kind}`, { values: anyOf(each) });
}

const kinds = ['in', 'file', 'type', 'after', 'before', 'without'] as const;

/** What a search looked for: "“rent” in PDF files, changed since 2024, without “draft”". */
export function lookedFor(
  { text, filters, without }: Pick<SearchReading, 'text' | 'filters' | 'without'>,
  collection: string | null,
): string {
  const all: Pick<TypedPart, 'kind' | 'value'>[] = [
    ...filters,
    ...without.map((value) => ({ kind: 'without' as const, value })),
  ];
  const said = kinds.flatMap((kind) => {
    const values = all.filter((part) => part.kind === kind).map(({ value }) => value);
    return values.length === 0 ? [] : [kindWords(kind, values)];
  });
  const scope = collection === null ? [] : [t('searching.said.scope', { name: collection })];
  return [...(text === '' ? [] : [inQuotes(text)]), ...scope, ...said].join(', ');
}

/** Why a search found nothing, as far as one kind of filter is the reason; null where it is not. */
export function reasonOf(
  { kind, documents }: FilterEffect,
  { filters }: Pick<SearchReading, 'filters'>,
): string | null {
  if (documents > 0 || kind === 'without') return null;
  const values = filters.filter((each) => each.kind === kind).map(({ value }) => value);
  if (kind === 'after' || kind === 'before') {
    return t(`searching.none.${kind}`, { value: narrower(kind, values) });
  }
  const each = kind === 'type' ? values.map(kindName) : values.map(inQuotes);
  return t(`searching.none.${kind}`, { values: anyOf(each) });
}
