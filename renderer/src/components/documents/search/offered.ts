import type { Collection, DocumentSummary } from '../../../../../electron/ipc/contract/index.ts';
import { partOfDate, t } from '../../../i18n/index.ts';
import { matching } from '../../../state/chat/mentions.ts';
import type { Suggestion } from '../../../ui/suggestion.ts';
import type { ValueAt } from './typing.ts';
import { kindName } from './words.ts';

export interface Offer extends Suggestion {
  /** What the filter takes. */
  readonly value: string;
}

export interface Known {
  readonly collections: readonly Collection[];
  readonly documents: readonly DocumentSummary[];
  readonly now: number;
}

/** Kinds of the documents at hand, the most frequent first. */
export function kindsOf(
  documents: readonly DocumentSummary[],
): readonly { readonly format: DocumentSummary['format']; readonly files: number }[] {
  const files = new Map<DocumentSummary['format'], number>();
  for (const { format, passages } of documents) {
    if (passages > 0) files.set(format, (files.get(format) ?? 0) + 1);
  }
  return [...files]
    .map(([format, number]) => ({ format, files: number }))
    .sort((a, b) => b.files - a.files || a.format.localeCompare(b.format));
}

/** This month, this year and the last: moments that a search for something recent begins at. */
export function datesOf(now: number): readonly string[] {
  const today = new Date(now);
  const year = today.getFullYear();
  const month = String(today.getMonth() + 1).padStart(2, '0');
  return [`${year}-${month}`, String(year), String(year - 1)];
}

const most = 8;

/** Values that fit what is typed of a filter, the best first; none when it is typed to its end. */
export function offered(at: ValueAt, known: Known): readonly Offer[] {
  const values = fitting(at, known);
  return values.length === 1 && values[0]?.value === at.typed ? [] : values;
}

function fitting({ kind, typed }: ValueAt, known: Known): readonly Offer[] {
  if (kind === 'in') {
    return named(
      known.collections.map(({ id, name, documentCount }) => ({
        ...{ id, name, value: name, note: t('searching.files', { count: documentCount }) },
      })),
      typed,
    );
  }
  if (kind === 'file') {
    return named(
      known.documents
        .filter(({ passages }) => passages > 0)
        .map(({ id, name, format }) => ({ id, name, value: name, note: kindName(format) })),
      typed,
    );
  }
  if (kind === 'type') {
    return named(
      kindsOf(known.documents).map(({ format, files }) => ({
        ...{ id: format, name: kindName(format), value: format },
        note: `${format} · ${t('searching.files', { count: files })}`,
      })),
      typed,
    );
  }
  return datesOf(known.now)
    .filter((value) => value.startsWith(typed))
    .map((value) => ({ value, label: partOfDate(value), note: value }));
}

interface Named {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** By the name that is shown, or by the value itself: "PowerPoint" and pptx. */
function named(all: readonly Named[], typed: string): readonly Offer[] {
  const known = new Map(all.map((each) => [each.id, each]));
  const by = (name: (each: Named) => string): string[] =>
    matching(
      all.map((each) => ({ kind: 'document', id: each.id, name: name(each), note: '' })),
      typed,
      most,
    ).map(({ id }) => id);
  const order =
    typed === '' ? all.map(({ id }) => id) : [...by((e) => e.name), ...by((e) => e.value)];
  return [...new Set(order)].slice(0, most).flatMap((id) => {
    const found = known.get(id);
    return found ? [{ value: found.value, label: found.name, note: found.note }] : [];
  });
}
