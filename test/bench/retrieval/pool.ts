import { seeded } from '../../support/seeded.ts';
import { openDatabase } from '../../../electron/storage/open.ts';
import type { OpenDatabase } from '../../../electron/storage/open.ts';
import { documentsRepository } from '../../../electron/storage/repositories/documents.ts';
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

/**
 * Passages made from others until there are `size`: their sentences in another order, one word of twelve replaced
 * by a word from anywhere, numbers counted up. Words stay as common as they were, no two texts are the same.
 */
export function* grown(
  passages: readonly PoolPassage[],
  from: number,
  size: number,
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
      .replace(/\p{L}{3,}/gu, (word) => (random() < 1 / 12 ? pick(vocabulary) : word))
      .replace(/\d+/g, (digits) => String(Number(digits.slice(0, 9)) + (made % 97)));
    yield { id: `grown-${made}`, title: `${like.title} ${made}`, text: `${text} ${made}` };
  }
}
