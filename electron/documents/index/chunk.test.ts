import { describe, expect, it } from 'vitest';
import { chunk, defaultSize, passageId } from './chunk.ts';
import type { ChunkPage } from './chunk.ts';
import { sentencesOf } from './sentences.ts';

/** Repeatable pseudo-random numbers (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const alphabet = [
  'lake',
  'Dr.',
  '3.5',
  'e.g.',
  '…',
  '회의는',
  '😀',
  'naïve',
  '¿Qué?',
  '。',
  'Ende!',
  'x'.repeat(70),
];

function randomDocument(seed: number): { pages: ChunkPage[]; text: string } {
  const random = randomFrom(seed);
  const pages: ChunkPage[] = [];
  let text = '';
  for (let count = 1 + random(5); count > 0; count -= 1) {
    let page = '';
    const headings: { level: number; start: number; end: number }[] = [];
    for (let blocks = random(14); blocks > 0; blocks -= 1) {
      const words = Array.from(
        { length: 1 + random(random(8) === 0 ? 400 : 60) },
        () => (alphabet[random(alphabet.length)] ?? '') + (random(7) === 0 ? '.' : ''),
      );
      const block =
        random(9) === 0
          ? '\u{1F600}'.repeat(1 + random(1200))
          : words.join(random(30) === 0 ? '\n' : ' ');
      if (random(4) === 0) {
        headings.push({
          level: 1 + random(6),
          start: page.length,
          end: page.length + block.length,
        });
      }
      page += block + ['\n\n', '\n \n', '\n\n\n'][random(3)];
    }
    pages.push({ text: page, start: text.length, headings });
    text += page;
  }
  return { pages, text };
}

describe('chunk', () => {
  it('keeps text, offsets, order, size and pages true for any text', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const { pages, text } = randomDocument(seed);
      const passages = chunk(pages, { sha256: `s${seed}`, paged: true });
      let end = 0;
      passages.forEach((passage, index) => {
        const page = pages[(passage.page ?? 0) - 1];
        expect(passage.text).toBe(text.slice(passage.start, passage.end));
        expect(passage.text).toBe(passage.text.trim());
        expect(passage.text).not.toBe('');
        expect(passage.text.length).toBeLessThanOrEqual(defaultSize.most);
        expect(/\p{Surrogate}/u.test(passage.text)).toBe(false);
        expect(passage.ordinal).toBe(index);
        expect(passage.start).toBeGreaterThanOrEqual(end);
        expect(passage.start).toBeGreaterThanOrEqual(page?.start ?? Infinity);
        expect(passage.end).toBeLessThanOrEqual((page?.start ?? 0) + (page?.text.length ?? 0));
        end = passage.end;
      });
      // Nothing but white space and headings with text below is left out.
      let rest = '';
      let at = 0;
      for (const { start, end: stop } of passages) {
        rest += text.slice(at, start);
        at = stop;
      }
      rest += text.slice(at);
      const allHeadings = pages.flatMap(({ text: page, headings }) =>
        headings.map(({ start, end: stop }) => page.slice(start, stop)),
      );
      const leftOut = rest.replace(/\s/g, '');
      expect(leftOut.length).toBeLessThanOrEqual(allHeadings.join('').replace(/\s/g, '').length);
      expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    }
  });

  it('gives the same ids for the same content, and others for other content', () => {
    const { pages } = randomDocument(7);
    const ids = (sha256: string): string[] =>
      chunk(pages, { sha256, paged: false }).map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a').some((id) => ids('b').includes(id))).toBe(false);
    expect(passageId('a', 0, 1)).toMatch(/^[0-9a-f]{24}$/);
  });

  it('begins anew at headings and puts their path beside the text', () => {
    const text =
      'Estate\n\nHouse\n\nIntro here.\n\nRoof\n\nTiles are red.\n\nGarden\n\nTrees.\n\nEmpty\n\n';
    const heading = (word: string, level: number) => ({
      level,
      start: text.indexOf(word),
      end: text.indexOf(word) + word.length,
    });
    const headings = [
      heading('Estate', 1),
      heading('House', 2),
      heading('Roof', 3),
      heading('Garden', 3),
      heading('Empty', 4),
    ];
    const passages = chunk([{ text, start: 0, headings }], { sha256: 's', paged: false });
    expect(passages.map(({ heading: path, text: own, page }) => [path, own, page])).toEqual([
      ['Estate › House', 'Intro here.', null],
      ['Estate › House › Roof', 'Tiles are red.', null],
      ['Estate › House › Garden', 'Trees.', null],
      ['Estate › House › Garden', 'Empty', null],
    ]);
  });

  it('cuts a long paragraph at sentences and fills passages to their aim', () => {
    const sentence =
      'The pump in the cellar was looked at and found in good order by the caretaker. ';
    const text = sentence.repeat(60);
    const passages = chunk([{ text, start: 0, headings: [] }], { sha256: 's', paged: false });
    for (const passage of passages) expect(passage.text.endsWith('caretaker.')).toBe(true);
    for (const passage of passages.slice(0, -1)) {
      expect(passage.text.length).toBeGreaterThanOrEqual(defaultSize.target);
    }
  });
});

describe('sentencesOf', () => {
  const cut = (text: string): string[] =>
    sentencesOf(text).map(([start, end]) => text.slice(start, end));

  it('does not end at titles, initials, figures and times', () => {
    expect(
      cut('Dr. J. Smith came at 9 a.m. on 3.5 m of snow. He left. "Why?" Nobody knew.'),
    ).toEqual([
      'Dr. J. Smith came at 9 a.m. on 3.5 m of snow.',
      'He left.',
      '"Why?"',
      'Nobody knew.',
    ]);
  });

  it('knows the stops of other scripts', () => {
    expect(cut('会议在周一。地点是大厅！')).toEqual(['会议在周一。', '地点是大厅！']);
    expect(cut('회의는 월요일입니다. 장소는 강당입니다.')).toHaveLength(2);
  });

  it('is quick on one huge line', () => {
    expect(sentencesOf('a'.repeat(2_000_000) + '. ' + 'B.'.repeat(300_000))).toHaveLength(2);
  });
});

it('reads a line of dots once, not from each of its dots', () => {
  const line = '.'.repeat(200_000);
  expect(sentencesOf(`${line}x`)).toEqual([[0, line.length + 1]]);
  expect(sentencesOf(`One.." Two. ${line} Three.`).length).toBeGreaterThan(2);
});
