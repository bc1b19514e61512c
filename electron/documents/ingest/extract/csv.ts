import Papa from 'papaparse';
import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { createPages } from './sections.ts';
import { createSheet } from './sheet.ts';

const beatEvery = 5000;

/**
 * A table file as one sheet. Rows are records as they are counted by spreadsheet programs, empty ones
 * included. The separator of a csv is found by its use: comma, semicolon, tab, bar.
 */
export function extractCsv(bytes: Uint8Array, beat: Beat, delimiter: '' | '\t'): Extracted {
  const text = cleanText(decodeText(bytes));
  const pages = createPages();
  pages.part({ kind: 'sheet' });
  const sheet = createSheet(pages);
  let row = 0;
  Papa.parse<string[]>(text, {
    delimiter: delimiter === '' ? separatorOf(text) : delimiter,
    newline: '\n',
    step: ({ data }) => {
      row += 1;
      sheet.row(row, data);
      if (row % beatEvery === 0) beat();
    },
  });
  sheet.end();
  return pages.end({ paged: false });
}

const separators = [',', ';', '\t', '|'] as const;
const linesTried = 50;

/**
 * The sign that parts most lines into the same number of cells, more than one. The library's own guess takes
 * a comma as soon as an empty line or a line of words stands among the rows.
 */
function separatorOf(text: string): string {
  const lines = text
    .slice(0, 100_000)
    .replace(/"[^"]*"/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, linesTried);
  let best: string = ',';
  let most = 0;
  for (const separator of separators) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const cells = line.split(separator).length;
      if (cells > 1) counts.set(cells, (counts.get(cells) ?? 0) + 1);
    }
    for (const [cells, times] of counts) {
      const score = times + Math.min(cells, 20) / 100;
      if (score > most) {
        most = score;
        best = separator;
      }
    }
  }
  return best;
}
