import { describe, expect, it } from 'vitest';
import type { Block, PartKind } from '../../ipc/contract/index.ts';
import { chunk, createIds } from './chunk.ts';
import type { ChunkPage, Passage } from './chunk.ts';
import { defaultSize } from './pieces.ts';
import { sentencesOf } from './sentences.ts';
import { tokensIn } from './tokens.ts';

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
const partKinds: readonly PartKind[] = ['page', 'slide', 'sheet', 'chapter', 'message', 'cell'];

interface RandomDocument {
  readonly pages: ChunkPage[];
  readonly text: string;
  readonly paged: boolean;
}

function randomDocument(seed: number): RandomDocument {
  const random = randomFrom(seed);
  const words = (most: number): string =>
    Array.from(
      { length: 1 + random(most) },
      () => (alphabet[random(alphabet.length)] ?? '') + (random(7) === 0 ? '.' : ''),
    ).join(random(30) === 0 ? '\n' : ' ');
  const lines = (count: number, width: number): string =>
    Array.from(
      { length: count },
      () => ' \t'.slice(random(3)) + words(width).replaceAll('\n', '\t'),
    ).join('\n');
  const paged = random(2) === 0;
  const pages: ChunkPage[] = [];
  let text = '';
  for (let count = 1 + random(5); count > 0; count -= 1) {
    let page = '';
    const headings: { level: number; start: number; end: number }[] = [];
    const blocks: Block[] = [];
    for (let parts = random(14); parts > 0; parts -= 1) {
      const start = page.length;
      const what = random(10);
      if (what < 4) {
        const kind = (['table', 'code', 'list', 'notes'] as const)[what] ?? 'table';
        page += lines(1 + random(random(3) === 0 ? 120 : 8), 1 + random(12));
        const header = page.indexOf('\n', start);
        blocks.push({
          kind,
          start,
          end: page.length,
          ...(kind === 'table' && header > 0 && { header: [start, header] as const }),
          ...(kind === 'table' && { firstRow: 1 + random(50) }),
          ...(kind === 'code' && { firstLine: 1 + random(50) }),
          ...(kind === 'code' && random(2) === 0 && { name: `unit${random(9)}` }),
        });
      } else {
        page +=
          random(9) === 0
            ? '\u{1F600}'.repeat(1 + random(1200))
            : words(random(8) === 0 ? 400 : 60);
        if (random(4) === 0) headings.push({ level: 1 + random(6), start, end: page.length });
      }
      page += ['\n\n', '\n \n', '\n\n\n', '\n'][random(4)];
    }
    const kind = paged ? (partKinds[random(partKinds.length)] ?? 'page') : 'section';
    const title = random(3) === 0 ? null : `Part ${kind === 'sheet' ? count : random(3)}`;
    pages.push({ text: page, start: text.length, headings, blocks, kind, title });
    text += page;
  }
  return { pages, text, paged };
}

const cut = ({ pages, paged }: RandomDocument): Passage[] =>
  chunk(pages, { documentId: 'd', paged });

describe('chunk', () => {
  it('keeps text, offsets, order, size and pages true for any text, block and heading', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const made = randomDocument(seed);
      const { pages, text, paged } = made;
      const passages = cut(made);
      let end = 0;
      passages.forEach((passage, index) => {
        const page = pages.findLast(({ start }) => start <= passage.start);
        expect(passage.text).toBe(text.slice(passage.start, passage.end));
        expect(passage.text).toBe(passage.text.trimEnd());
        expect(passage.text.trimStart()).toBe(passage.text.replace(/^[ \t]+/, ''));
        expect(passage.text).not.toBe('');
        expect(/\p{Surrogate}/u.test(passage.text)).toBe(false);
        expect(passage.ordinal).toBe(index);
        expect(passage.start).toBeGreaterThanOrEqual(end);
        expect(passage.end).toBeLessThanOrEqual((page?.start ?? 0) + (page?.text.length ?? 0));
        expect(passage.page).toBe(paged && page !== undefined ? pages.indexOf(page) + 1 : null);
        const tokens =
          tokensIn(passage.text) + tokensIn(passage.lead) + tokensIn(passage.heading ?? '');
        expect(tokens, `seed ${seed}`).toBeLessThanOrEqual(defaultSize.most);
        end = passage.end;
      });
      // Nothing but white space and headings with text below is left out.
      const covered = new Uint8Array(text.length);
      for (const { start, end: stop } of passages) covered.fill(1, start, stop);
      for (const page of pages) {
        for (const each of page.headings) {
          covered.fill(1, page.start + each.start, page.start + each.end);
        }
      }
      let left = '';
      for (let at = 0; at < text.length; at += 1) if (covered[at] === 0) left += text.charAt(at);
      expect(left.trim(), `seed ${seed}`).toBe('');
      expect(new Set(passages.map(({ id }) => id)).size).toBe(passages.length);
    }
  });

  it('counts rows and lines as the file does, for any block', () => {
    for (let seed = 1; seed <= 120; seed += 1) {
      const made = randomDocument(seed);
      for (const passage of cut(made)) {
        const page = made.pages.findLast(({ start }) => start <= passage.start);
        const rows = passage.place?.rows;
        if (page === undefined || rows === undefined) continue;
        const counter = passage.place?.kind === 'lines' ? 'firstLine' : 'firstRow';
        const block = page.blocks?.find(
          (each) => each[counter] !== undefined && page.start + each.end > passage.start,
        );
        const from = Math.max((block?.start ?? 0) + page.start, passage.start);
        const above =
          made.text.slice((block?.start ?? 0) + page.start, from).split('\n').length - 1;
        expect(rows[0]).toBe((block?.[counter] ?? 0) + above);
        // Only where one block holds it all: the random counters of two have nothing to do with each other.
        if (passage.end <= page.start + (block?.end ?? 0)) {
          expect(rows[1] - rows[0]).toBe(made.text.slice(from, passage.end).split('\n').length - 1);
        }
      }
    }
  });

  it('gives the same ids for the same text, wherever it stands, and others for another document', () => {
    const { pages, text, paged } = randomDocument(7);
    const ids = (documentId: string, from = pages): string[] =>
      chunk(from, { documentId, paged }).map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('a').some((id) => ids('b').includes(id))).toBe(false);
    const before = { text: 'A new first page.', start: 0, headings: [], kind: 'page' as const };
    const moved = pages.map((page) => ({ ...page, start: page.start + before.text.length }));
    expect(text).not.toBe('');
    expect(ids('a', [before, ...moved]).slice(1)).toEqual(ids('a'));
    const idOf = createIds('a');
    const twice = [idOf('Same.'), idOf('Same.'), idOf('Other.')];
    expect(new Set(twice).size).toBe(3);
    expect(twice[0]).toMatch(/^[0-9a-f]{24}$/);
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
    const passages = chunk([{ text, start: 0, headings }], { documentId: 'd', paged: false });
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
    const passages = chunk([{ text, start: 0, headings: [] }], { documentId: 'd', paged: false });
    for (const passage of passages) expect(passage.text.endsWith('caretaker.')).toBe(true);
    for (const passage of passages.slice(0, -1)) {
      const tokens = tokensIn(passage.text);
      expect(tokens).toBeGreaterThanOrEqual(defaultSize.target - tokensIn(sentence));
      expect(tokens).toBeLessThanOrEqual(defaultSize.soft);
    }
  });

  it('cuts a text of wrapped lines between sentences, not between lines', () => {
    const line =
      'The pump in the cellar of the old mill was looked at by the\ncaretaker on Monday and found in good order. ';
    const text = line.repeat(40).trimEnd();
    const passages = chunk([{ text, start: 0, headings: [] }], { documentId: 'd', paged: false });
    expect(passages.length).toBeGreaterThan(3);
    for (const passage of passages) expect(passage.text.endsWith('order.')).toBe(true);
  });
});

const page = (text: string, more: Partial<ChunkPage> = {}): ChunkPage => ({
  text,
  start: 0,
  headings: [],
  ...more,
});
const only = (one: ChunkPage, paged = true): Passage[] => chunk([one], { documentId: 'd', paged });

describe('tables', () => {
  const rows = (count: number): string =>
    [
      'Town\tYear\tInhabitants',
      ...Array.from({ length: count }, (_, row) => `Aldera ${row}\t${1900 + row}\t${row * 37}`),
    ].join('\n');
  const sheet = (text: string): ChunkPage =>
    page(text, {
      kind: 'sheet',
      title: 'Towns',
      blocks: [
        { kind: 'table', start: 0, end: text.length, header: [0, text.indexOf('\n')], firstRow: 3 },
      ],
    });

  it('one that fits stays whole and has no lead', () => {
    const [first, ...more] = only(sheet(rows(8)));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      lead: '',
      heading: 'Towns',
      place: { kind: 'sheet', number: 1, name: 'Towns', rows: [3, 11] },
    });
  });

  it('a long one is cut between rows, and each part has the header before it', () => {
    const passages = only(sheet(rows(300)));
    expect(passages.length).toBeGreaterThan(8);
    let next = 3;
    passages.forEach((passage, index) => {
      const lines = passage.text.split('\n');
      for (const line of lines) expect(line.split('\t')).toHaveLength(3);
      expect(passage.lead).toBe(index === 0 ? '' : 'Town\tYear\tInhabitants');
      expect(passage.place?.rows).toEqual([next, next + lines.length - 1]);
      next += lines.length;
    });
    expect(next).toBe(304);
  });

  it('a header too long for a lead is cut at a cell, and says so', () => {
    const header = Array.from({ length: 80 }, (_, cell) => `Measurement ${cell}`).join('\t');
    const text = `${header}\n${'1\t'.repeat(80)}\n`.concat(`${'22\t'.repeat(80)}\n`.repeat(20));
    const last = only({
      ...sheet(text),
      blocks: [{ kind: 'table', start: 0, end: text.length, header: [0, header.length] }],
    }).at(-1);
    expect(last?.lead).toMatch(/^Measurement 0\t.*Measurement \d+…$/s);
    expect(tokensIn(last?.lead ?? '')).toBeLessThan(110);
  });

  it('keeps the line that introduces a table with it', () => {
    const text = `Long text before. ${'It goes on and on for a while here. '.repeat(12)}\n\nPrices by town:\n\n${rows(20)}`;
    const start = text.indexOf('Town\t');
    const found = only(page(text, { blocks: [{ kind: 'table', start, end: text.length }] }), false);
    expect(found.at(-1)?.text).toMatch(/^(?:.*\n\n)?Prices by town:\n\nTown\t/s);
  });
});

describe('code', () => {
  const unit = (name: string, lines: number): string =>
    [
      `function ${name}(a, b) {`,
      ...Array.from({ length: lines }, (_, at) => `  const value${at} = a + b * ${at};`),
      '}',
    ].join('\n');
  const file = (units: readonly (readonly [string, number])[]): ChunkPage => {
    let text = '';
    let line = 1;
    const blocks: Block[] = [];
    for (const [name, lines] of units) {
      const body = unit(name, lines);
      blocks.push({
        kind: 'code',
        name,
        start: text.length,
        end: text.length + body.length,
        firstLine: line,
      });
      text += `${body}\n\n`;
      line += lines + 3;
    }
    return page(text, { kind: 'section', blocks });
  };

  it('is cut by unit, with the name in its path and the lines as its place', () => {
    const passages = only(
      file([
        ['add', 12],
        ['subtract', 14],
      ]),
      false,
    );
    expect(passages.map(({ heading, place }) => [heading, place])).toEqual([
      ['add', { kind: 'lines', number: null, name: 'add', rows: [1, 14] }],
      ['subtract', { kind: 'lines', number: null, name: 'subtract', rows: [16, 31] }],
    ]);
  });

  it('small units share a passage, a long one keeps its name in every part', () => {
    const small = only(
      file([
        ['one', 1],
        ['two', 1],
      ]),
      false,
    );
    expect(small.map(({ heading }) => heading)).toEqual(['one, two']);
    const long = only(file([['huge', 120]]), false);
    expect(long.length).toBeGreaterThan(3);
    expect(new Set(long.map(({ heading }) => heading))).toEqual(new Set(['huge']));
    for (const { text } of long) expect(text).not.toMatch(/[^;{}]$/);
    expect(long.at(-1)?.place?.rows?.[1]).toBe(122);
  });
});

describe('plain text that knows its lines', () => {
  it('is cut at sentences as any text, and its place is its lines', () => {
    const line =
      'The pump in the cellar was looked at by the caretaker on\nMonday and found in good order.\n';
    const text = line.repeat(40).trimEnd();
    const passages = only(
      page(text, {
        kind: 'section',
        blocks: [{ kind: 'code', start: 0, end: text.length, firstLine: 11 }],
      }),
      false,
    );
    expect(passages.length).toBeGreaterThan(3);
    let next = 11;
    for (const { text: own, place } of passages) {
      expect(own.endsWith('order.')).toBe(true);
      const lines = own.split('\n').length;
      expect(place).toEqual({
        kind: 'lines',
        number: null,
        name: null,
        rows: [next, next + lines - 1],
      });
      next += lines;
    }
  });
});

describe('a change in a long table or text', () => {
  const changed = (before: readonly Passage[], after: readonly Passage[]): number => {
    const ids = new Set(before.map(({ id }) => id));
    return after.filter(({ id }) => !ids.has(id)).length;
  };

  it('of one row changes the passages around it and none below', () => {
    const table = (rows: readonly string[]): Passage[] => {
      const text = rows.join('\n');
      const header = [0, text.indexOf('\n')] as const;
      return only(
        page(text, {
          kind: 'sheet',
          blocks: [{ kind: 'table', start: 0, end: text.length, header }],
        }),
      );
    };
    const rows = Array.from({ length: 2000 }, (_, row) => `Aldera ${row}\t${row * 37}\t${row % 7}`);
    const before = table(rows);
    const after = table([...rows.slice(0, 50), 'A new row\t1\t2', ...rows.slice(50)]);
    expect(before.length).toBeGreaterThan(100);
    expect(changed(before, after)).toBeLessThanOrEqual(4);
  });
});

describe('parts', () => {
  it('a slide’s notes stay with their slide, and its title stands above them', () => {
    const body = 'Boiler plan\n\nThree boilers are replaced. '.concat(
      'Each one is listed here. '.repeat(30),
    );
    const text = `${body}\n\nSay that the budget is fixed.`;
    const notes = { kind: 'notes' as const, start: text.indexOf('Say that'), end: text.length };
    const [first, ...more] = only(
      page(text, {
        kind: 'slide',
        title: 'Boiler plan',
        headings: [{ level: 1, start: 0, end: 11 }],
        blocks: [notes],
      }),
    );
    expect(more).toEqual([]);
    expect(first?.text).toContain('Say that the budget is fixed.');
    expect(first?.heading).toBe('Boiler plan');
    expect(first?.place).toEqual({ kind: 'slide', number: 1, name: 'Boiler plan' });
  });

  it('one slide’s headings do not stand above the next slide’s text', () => {
    const slide = (title: string, text: string, start: number): ChunkPage => ({
      ...page(`${title}\n\n${text}`, { kind: 'slide', title }),
      start,
      headings: [{ level: 1, start: 0, end: title.length }],
    });
    const first = slide('Old boilers', 'Two of them.', 0);
    const second = { ...page('No title here.', { kind: 'slide' }), start: first.text.length };
    const passages = chunk([first, second], { documentId: 'd', paged: true });
    expect(passages.map(({ heading, place }) => [heading, place?.number])).toEqual([
      ['Old boilers', 1],
      [null, 2],
    ]);
  });

  it('a list stays together, and a long one is cut between items', () => {
    const list = (items: number): string =>
      Array.from(
        { length: items },
        (_, at) => `- Item ${at}: the pump of hall ${at} is looked at.`,
      ).join('\n');
    const block = (text: string): ChunkPage =>
      page(text, { blocks: [{ kind: 'list', start: 0, end: text.length }] });
    expect(only(block(list(25)), false)).toHaveLength(1);
    const long = only(block(list(90)), false);
    expect(long.length).toBeGreaterThan(3);
    for (const { text } of long) expect(text).toMatch(/^- Item .* at\.$/s);
  });
});

describe('sentencesOf', () => {
  const cuts = (text: string): string[] =>
    sentencesOf(text).map(([start, end]) => text.slice(start, end));

  it('does not end at titles, initials, figures and times', () => {
    expect(
      cuts('Dr. J. Smith came at 9 a.m. on 3.5 m of snow. He left. "Why?" Nobody knew.'),
    ).toEqual([
      'Dr. J. Smith came at 9 a.m. on 3.5 m of snow.',
      'He left.',
      '"Why?"',
      'Nobody knew.',
    ]);
  });

  it('knows the stops of other scripts', () => {
    expect(cuts('会议在周一。地点是大厅！')).toEqual(['会议在周一。', '地点是大厅！']);
  });

  it('cuts Korean at its verbs, with a space behind or without, and not within dates', () => {
    expect(cuts('회의는 월요일입니다. 장소는 강당입니다.')).toHaveLength(2);
    expect(cuts('예산은 확정되었다.장소는 강당이다.')).toEqual([
      '예산은 확정되었다.',
      '장소는 강당이다.',
    ]);
    expect(cuts('2026. 3. 5. 회의가 열렸다. 모두 왔다.')).toEqual([
      '2026. 3. 5. 회의가 열렸다.',
      '모두 왔다.',
    ]);
  });

  it('cuts Spanish at its stops, not at its shortenings', () => {
    expect(
      cuts(
        'La Sra. Ruiz y el Dr. Gil viven en EE. UU. desde 1999. ¿Por qué? ¡Nadie lo sabe! Véase p. ej. el art. 5. Fin.',
      ),
    ).toEqual([
      'La Sra. Ruiz y el Dr. Gil viven en EE. UU. desde 1999.',
      '¿Por qué?',
      '¡Nadie lo sabe!',
      'Véase p. ej. el art. 5.',
      'Fin.',
    ]);
  });

  it('goes on over a line end where the line was full, and stops where it was not', () => {
    const wrapped = 'The caretaker looked at the pump in the cellar of\nJohn’s mill. It was fine.';
    expect(cuts(wrapped)).toHaveLength(2);
    expect(cuts('Aldera\nBrisk\nCalmont')).toEqual(['Aldera', 'Brisk', 'Calmont']);
    expect(cuts('1. The roof is old.\n2. The cellar is wet.')).toHaveLength(2);
  });

  it('is quick on one huge line', () => {
    expect(sentencesOf('a'.repeat(2_000_000) + '. ' + 'B.'.repeat(300_000))).toHaveLength(2);
  });

  it('reads a line of dots once, not from each of its dots', () => {
    const line = '.'.repeat(200_000);
    expect(sentencesOf(`${line}x`)).toEqual([[0, line.length + 1]]);
    expect(sentencesOf(`One.." Two. ${line} Three.`).length).toBeGreaterThan(2);
  });
});

describe('records', () => {
  const record = (id: number): string =>
    ` {\n  "id": ${id},\n  "name": "Mill lane and bridge road",\n  "text": "The tenant of house ${id} pays the rent for the year at once${', or by the month'.repeat(id % 4)}"\n },`;

  it('stay whole, however many words they hold', () => {
    const text = `[\n${Array.from({ length: 9 }, (_, id) => record(id)).join('\n')}`;
    const block = { kind: 'code', start: 0, end: text.length, firstLine: 1 } as const;
    const page = { text, start: 0, headings: [], blocks: [block] };
    for (const passage of chunk([page], { documentId: 'd', paged: false })) {
      const ids = [...passage.text.matchAll(/"id": (\d+)/g)].map(([, id]) => id);
      const houses = [...passage.text.matchAll(/house (\d+)/g)].map(([, id]) => id);
      expect(ids).toEqual(houses);
    }
  });
});

describe('tokensIn', () => {
  it('counts by script and never cuts a character', () => {
    expect(tokensIn('the pump is old')).toBe(4);
    expect(tokensIn('responsibilities')).toBe(3);
    expect(tokensIn('회의는 월요일입니다')).toBeGreaterThan(6);
    expect(tokensIn('会议在周一')).toBe(5);
    expect(tokensIn('😀😀')).toBe(4);
    expect(tokensIn('')).toBe(0);
    expect(tokensIn('x'.repeat(1000))).toBeGreaterThan(400);
  });
});
