import { seeded } from '../../support/seeded.ts';
import { openDatabase } from '../../../electron/storage/open.ts';
import type { OpenDatabase } from '../../../electron/storage/open.ts';
import { documentsRepository } from '../../../electron/storage/repositories/documents.ts';
import { mergeIndex } from '../../../electron/storage/repositories/passage-rows.ts';
import type { PoolPassage } from './data.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** A database of the program's own, with every passage as a document of its own below its title. */
export function openPool(file: string): OpenDatabase {
  const opened = openDatabase({
    file,
    clock: { now: () => 1 },
    log: quiet,
    backupFolder: '/nowhere',
  });
  documentsRepository(opened.db).addCollection({ id: 'pool', name: 'pool', folder: null, at: 1 });
  return opened;
}

export function fillPool({ db }: OpenDatabase, passages: Iterable<PoolPassage>): void {
  const documents = documentsRepository(db);
  db.transaction(() => {
    for (const { id, title, text } of passages) {
      const of = { collectionId: 'pool', name: 'passage', path: `/${id}`, format: 'txt' } as const;
      documents.addWaiting({ ...of, id, bytes: 1, modifiedAt: 1, at: 1 });
      const size = { start: 0, headings: [], width: null, height: null, spans: [], blocks: [] };
      const heading = title.trim() === '' ? null : title.trim();
      const place = { ordinal: 0, page: null, place: null, lead: '', start: 0, end: text.length };
      documents.replaceContent(
        id,
        { sha256: id, bytes: 1, modifiedAt: 1 },
        [{ ...size, text, kind: 'section', title: null }],
        [{ id, heading, text, ...place }],
      );
    }
  });
}

/** The passages, and others made from them until there are `size`. */
export function growPool(
  opened: OpenDatabase,
  passages: readonly PoolPassage[],
  size: number,
  changed = 1,
): void {
  const step = 5000;
  fillPool(opened, passages.slice(0, size));
  for (let from = passages.length; from < size; from += step) {
    fillPool(opened, grown(passages, from, Math.min(size, from + step), changed));
  }
  // As the program does in the background when all is read.
  while (mergeIndex(opened.db, 1000));
}

/**
 * Passages made from others: their sentences in another order, some words of twelve replaced by words from anywhere,
 * numbers counted up. Words stay as common as they were, no two texts are the same.
 */
function* grown(
  passages: readonly PoolPassage[],
  from: number,
  size: number,
  changed: number,
): Generator<PoolPassage> {
  const random = seeded(from + 1);
  const vocabulary = passages.flatMap(({ text }) => text.match(/\p{L}{3,}/gu) ?? []);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  for (let made = from; made < size; made += 1) {
    const like = passages[made % passages.length] as PoolPassage;
    const sentences = like.text.split(/(?<=[.!?])\s+/);
    sentences.sort(() => random() - 0.5);
    const text = sentences
      .join(' ')
      .replace(/\p{L}{3,}/gu, (word) => (random() < changed / 12 ? pick(vocabulary) : word))
      .replace(/\d+/g, (digits) => String(Number(digits.slice(0, 9)) + (made % 97)));
    yield { id: `grown-${made}`, title: `${like.title} ${made}`, text: `${text} ${made}` };
  }
}

/** The id of the passage that one of a grown pool was made from; its own, where it was not made. */
export const originalOf =
  (passages: readonly PoolPassage[]) =>
  (id: string): string => {
    const made = /^grown-(\d+)$/.exec(id)?.[1];
    return made === undefined ? id : (passages[Number(made) % passages.length]?.id ?? id);
  };
