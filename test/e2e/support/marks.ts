import { expect, type Locator } from '@playwright/test';
import { formatOf } from '../../../electron/documents/ingest/formats.ts';
import { corpusFormats } from '../../support/corpus/document.ts';
import type { CorpusFormat } from '../../support/corpus/document.ts';
import type { RoundFact } from '../../support/corpus/round.ts';

/** Formats that this build reads, and those it does not read yet, which a test leaves out and names. */
export function readFormats(): {
  readonly read: readonly CorpusFormat[];
  readonly left: readonly CorpusFormat[];
} {
  const isRead = (format: CorpusFormat): boolean =>
    formatOf(`x.${format === 'code' ? 'py' : format}`) !== null;
  return {
    read: corpusFormats.filter(isRead),
    left: corpusFormats.filter((format) => !isRead(format)),
  };
}

const bare = (text: string): string => text.replace(/[\s|]+/g, '');

/** The words that are marked in a text, a table or a sheet; white space is not compared. */
async function markedWords(viewer: Locator): Promise<string> {
  return bare((await viewer.locator('mark').allTextContents()).join(''));
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where a pdf page is marked: points of an A4 page, from its top left. */
async function markedBoxes(viewer: Locator): Promise<readonly Box[]> {
  return viewer.locator('.marks').evaluate((marks) => {
    const page = marks.parentElement?.getBoundingClientRect();
    if (page === undefined) return [];
    const scale = page.width / 595;
    return [...marks.children].map((child) => {
      const { left, right, top, bottom } = child.getBoundingClientRect();
      return {
        left: (left - page.left) / scale,
        right: (right - page.left) / scale,
        top: (top - page.top) / scale,
        bottom: (bottom - page.top) / scale,
      };
    });
  });
}

/**
 * Expects the mark in sight, and over `span`: on a pdf over the line whose baseline is known, elsewhere
 * by its words. `quote`: what is marked and no more; without one the mark may be a whole passage.
 */
export async function expectMarked(
  viewer: Locator,
  fact: Pick<RoundFact, 'format' | 'file' | 'part'>,
  span: string,
  quote?: string,
): Promise<void> {
  const first = viewer.locator('.marks > *, mark').first();
  await expect(first, `${fact.file}: nothing is marked`).toBeVisible();
  await expect(first, `${fact.file}: the mark is out of sight`).toBeInViewport();
  // A page is drawn after its marks.
  await expect(viewer.getByText(/^Opening page/)).toHaveCount(0);
  if (fact.format !== 'pdf') {
    const marked = await markedWords(viewer);
    expect(marked, fact.file).toContain(bare(span));
    if (quote !== undefined) expect(marked, fact.file).toBe(bare(quote));
    return;
  }
  const { baseline } = fact.part;
  const boxes = await markedBoxes(viewer);
  const covers = boxes.some(
    ({ left, right, top, bottom }) =>
      baseline !== undefined && top < baseline - 4 && bottom > baseline && left < 74 && right > 90,
  );
  expect(covers, `${fact.file}: ${JSON.stringify(boxes)} around ${baseline ?? '?'}`).toBe(true);
}

/** How the place of a fact is said, where its format counts parts; null where it has none to count. */
export function placeWords({ part }: Pick<RoundFact, 'part'>): RegExp | null {
  switch (part.kind) {
    case 'page':
    case 'slide':
    case 'message':
    case 'cell':
      return new RegExp(`(${part.kind}|p\\.) ${part.number}\\b`, 'i');
    case 'sheet':
      return /rows? \d+/;
    case 'chapter':
      return /chapter/i;
    default:
      return null;
  }
}
