import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDocx, writePdf } from './fixtures.ts';

export interface Planted {
  readonly file: string;
  readonly question: string;
  /** A name that stands in this file only. */
  readonly name: string;
  /** The sentence that holds it. */
  readonly sentence: string;
  readonly page: number | null;
}

/** The test's own folder: a pdf, a Word document and a Markdown file, each with one planted name. */
export async function plantedFolder(): Promise<{ folder: string; planted: readonly Planted[] }> {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  const folder = path.join(mkdtempSync(path.join(base, 'corpus-')), 'Works');
  await writePdf(path.join(folder, 'plant.pdf'), [
    ['The plant at Oldbrook', 'The plant was opened in 1971.', 'The plant has four halls.'],
    ['Safety', 'The doors of the plant are closed at night.', 'Smoking is not allowed.'],
    ['Machines', 'The Harvath boiler is made by Velmor Works.', 'The boiler was built in 1987.'],
  ]);
  await writeDocx(path.join(folder, 'visit.docx'), 'A visit', [
    'The Tarnov mill belongs to Karla Venn. The mill stands near the river.',
    'Visitors are asked to leave their bags at the entrance.',
  ]);
  writeFileSync(
    path.join(folder, 'notes.md'),
    '# Notes\n\n## Meetings\n\nThe Zelkin meeting is organised by Dorin Pasko.\n\n## Other\n\nThe canteen closes early on Fridays.\n',
  );
  return {
    folder,
    planted: [
      {
        file: 'plant.pdf',
        question: 'Who makes the Harvath boiler?',
        name: 'Velmor Works',
        sentence: 'The Harvath boiler is made by Velmor Works.',
        page: 3,
      },
      {
        file: 'visit.docx',
        question: 'Who owns the Tarnov mill?',
        name: 'Karla Venn',
        sentence: 'The Tarnov mill belongs to Karla Venn.',
        page: null,
      },
      {
        file: 'notes.md',
        question: 'Who organises the Zelkin meeting?',
        name: 'Dorin Pasko',
        sentence: 'The Zelkin meeting is organised by Dorin Pasko.',
        page: null,
      },
    ],
  };
}
