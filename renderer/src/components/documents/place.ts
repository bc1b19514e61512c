import type { DocumentPart, PartKind, Place } from '../../../../electron/ipc/contract/index.ts';
import { count, t } from '../../i18n/index.ts';

/** Whatever is shown with a place: a citation, a source, a hit. */
export interface Placed {
  readonly place?: Place | null;
  readonly page: number | null;
  readonly heading: string | null;
}

/**
 * Where something stands in a document, as a person would say it: "page 3", "slide 4", "sheet Costs,
 * rows 5–9", "lines 20–41". What was kept before places were has a page or a heading; '' for nothing.
 */
export function placeWords({ place, page, heading }: Placed): string {
  const words = place ? wordsOf(place) : '';
  if (words !== '') return words;
  return page === null ? (heading ?? '') : t('place.page', { number: count(page) });
}

function wordsOf({ kind, number, name, rows }: Place): string {
  if (kind === 'lines') return rows ? between('line', rows) : '';
  const numbered = number === null ? null : { number: count(number) };
  if (kind === 'sheet' || kind === 'chapter') {
    const where = name
      ? t(`place.${kind}`, { name })
      : numbered
        ? t(`place.${kind}Number`, numbered)
        : '';
    return rows && where !== '' ? between('row', rows, where) : where;
  }
  if (kind === 'section') return rows ? between('line', rows) : (name ?? '');
  return numbered ? t(`place.${kind}`, numbered) : (name ?? '');
}

function between(
  what: 'row' | 'line',
  [first, last]: readonly [number, number],
  where = '',
): string {
  const values = { where, first: count(first), last: count(last) };
  return t(first === last ? `place.${what}` : `place.${what}s`, values);
}

/** "Slide 4", "Message 2": a part by its kind and number, beginning a line. */
export function partWords(kind: PartKind, number: number): string {
  return t(`viewing.part.${kind}`, { number: count(number) });
}

/** The name of a part in a list: its title, else its kind and number. */
export function partName({ kind, title, page }: Pick<DocumentPart, 'kind' | 'title' | 'page'>) {
  const words = partWords(kind, page);
  if (!title) return words;
  return kind === 'slide' || kind === 'message' || kind === 'cell' ? `${words}: ${title}` : title;
}
