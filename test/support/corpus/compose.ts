import type { CorpusFormat, Doc, Item, Part, Row, Sentence, Table } from './document.ts';
import type { Subject } from './language.ts';
import { years } from './world.ts';
import type { Fact, RowFacts, World } from './world.ts';

/** Formats whose headings a reader can tell: there a fact may leave its subject to the heading. */
const headed = new Set<CorpusFormat>([
  'md',
  'rst',
  'html',
  'docx',
  'odt',
  'epub',
  'pptx',
  'odp',
  'xlsx',
]);
const mayHoldTable = new Set<CorpusFormat>(['md', 'rst', 'html', 'docx', 'odt', 'rtf', 'pdf']);
const slides = new Set<CorpusFormat>(['pptx', 'odp']);

/** How many parts a document of the format has. */
const partCounts: Readonly<Record<CorpusFormat, readonly [least: number, most: number]>> = {
  txt: [4, 7],
  md: [4, 7],
  rst: [4, 7],
  html: [4, 7],
  docx: [4, 7],
  odt: [4, 7],
  rtf: [4, 7],
  pdf: [3, 8],
  pptx: [5, 9],
  odp: [5, 9],
  epub: [4, 6],
  eml: [1, 1],
  mbox: [4, 7],
  code: [4, 8],
  json: [3, 6],
  jsonl: [3, 6],
  ipynb: [5, 9],
  xlsx: [2, 3],
  ods: [2, 3],
  csv: [1, 1],
  tsv: [1, 1],
};

const inSentence = (fact: Fact): Sentence => ({
  text: fact.attribute.sentence(fact.subject, fact.year, fact.value),
  fact,
});
const inSection = (fact: Fact): Sentence => ({
  text: fact.attribute.below(fact.year, fact.value),
  fact,
});

/** Fillers and a mention now and then, the facts among them with something between. */
function mix(world: World, facts: readonly Sentence[], fillers: number): Sentence[] {
  const sentences: Sentence[] = [];
  let left = fillers;
  const fill = (): void => {
    sentences.push({ text: world.below(5) === 0 ? world.mention() : world.filler() });
    left -= 1;
  };
  for (const fact of facts) {
    const before = world.below(3);
    for (let at = 0; at < before && left > 0; at += 1) fill();
    sentences.push(fact);
  }
  while (left > 0) fill();
  return sentences;
}

function tableOf(
  world: World,
  facts: number,
  strange: number,
  above: readonly string[] = [],
): Table {
  const held: RowFacts[] = [];
  for (let at = 0; at < facts; at += 1) {
    const row = world.row();
    if (row !== null) held.push(row);
  }
  const rows: Row[] = Array.from({ length: strange }, () => ({
    cells: cellsOf(world, world.strangeRow()),
    facts: [],
  }));
  for (const row of held) {
    rows.splice(world.below(rows.length + 1), 0, {
      cells: cellsOf(world, row),
      facts: row.facts,
    });
  }
  const { attributes, columns } = world.language;
  const named = attributes.flatMap(({ column }) => (column === undefined ? [] : [column]));
  return { header: [columns.site, columns.year, ...named], rows, above };
}

const cellsOf = (world: World, { subject, year, facts }: RowFacts): (string | number)[] => [
  world.language.label(subject),
  year,
  ...facts.map(({ cell }) => cell),
];

function sheet(world: World, format: CorpusFormat, index: number): Part {
  const alone = format === 'csv' || format === 'tsv';
  const above = !alone && index % 2 === 1 ? [world.filler(), ''] : [];
  const strange = alone ? 30 + world.below(90) : 10 + world.below(30);
  const title = `${world.pick(world.language.titles)} ${index + 1}`;
  return {
    title,
    items: [{ kind: 'table', table: tableOf(world, alone ? 4 : 3, strange, above) }],
  };
}

function prose(world: World, format: CorpusFormat, index: number): Part {
  if (headed.has(format) && world.below(100) < 35) {
    const subject: Subject = world.subject();
    const facts = world.factsOf(subject, slides.has(format) ? 1 : 2);
    if (facts.length > 0) {
      const sentences = mix(world, facts.map(inSection), 2 + world.below(2));
      const kind = slides.has(format) ? 'list' : 'paragraph';
      return { title: world.language.label(subject), items: [{ kind, sentences }] };
    }
  }
  const title = `${world.pick(world.language.titles)} ${index + 1}`;
  const items: Item[] = [];
  const add = (kind: 'paragraph' | 'list' | 'notes', facts: number, fillers: number): void => {
    const planted = Array.from({ length: facts }, () => inSentence(world.fact()));
    items.push({ kind, sentences: mix(world, planted, fillers) });
  };
  if (slides.has(format)) {
    add('list', 1, 2);
    if (world.below(3) === 0) add('notes', 1, 1);
  } else if (format === 'code') {
    add('paragraph', 1, world.below(3));
  } else if (format === 'epub') {
    for (let at = 0; at < 3; at += 1) add('paragraph', 1, 4 + world.below(4));
  } else {
    add('paragraph', 1, 3 + world.below(3));
    if (world.below(2) === 0 || format === 'eml') add('paragraph', 1, 2 + world.below(4));
    if (world.below(5) === 0 && format !== 'ipynb' && format !== 'mbox' && format !== 'eml') {
      add('list', 1, 2);
    }
  }
  return { title, items };
}

/** A document with facts of the world among sentences that say nothing that is asked. */
export function compose(world: World, format: CorpusFormat, number: number): Doc {
  const [least, most] = partCounts[format];
  const count = least + world.below(most - least + 1);
  const sheets = ['xlsx', 'ods', 'csv', 'tsv'].includes(format);
  const parts = Array.from({ length: count }, (_, index) =>
    sheets ? sheet(world, format, index) : prose(world, format, index),
  );
  if (mayHoldTable.has(format) && world.below(3) === 0) {
    const title = `${world.pick(world.language.titles)} ${count + 1}`;
    parts.push({
      title,
      items: [{ kind: 'table', table: tableOf(world, 2, 2 + world.below(4)) }],
    });
  }
  const title = `${world.pick(world.language.titles)} ${number}`;
  return { number, format, language: world.language, title, parts };
}

/** The same contract once a year: other dates and amounts, the rest word for word. */
export function contracts(
  world: World,
  formats: readonly CorpusFormat[],
  firstNumber: number,
): Doc[] {
  const { contract } = world.language;
  const subject = world.contractSubject();
  return years.map((year, index) => {
    const facts = world.contract(subject, year, contract.facts);
    const parts = [0, 1].map((half): Part => {
      const sentences = contract.clauses
        .slice(half * 3, half * 3 + 3)
        .flatMap((clause, at): Sentence[] => {
          const fact = facts[half * 3 + at];
          return [...(fact === undefined ? [] : [inSentence(fact)]), { text: clause }];
        });
      return {
        title: `§ ${half + 1}`,
        items: sentences.map((sentence) => ({ kind: 'paragraph', sentences: [sentence] })),
      };
    });
    return {
      number: firstNumber + index,
      format: formats[index % formats.length] ?? 'txt',
      language: world.language,
      title: contract.title(subject),
      parts,
    };
  });
}

/** A book of pages: a fact on every seventh. */
export function longPdf(world: World, pages: number, number: number): Doc {
  const parts = Array.from({ length: pages }, (_, index): Part => {
    const facts = index % 7 === 3 ? [inSentence(world.fact())] : [];
    return {
      title: `${world.pick(world.language.titles)} ${index + 1}`,
      items: [
        { kind: 'paragraph', sentences: mix(world, facts, 6) },
        { kind: 'paragraph', sentences: mix(world, [], 9) },
      ],
    };
  });
  return { number, format: 'pdf', language: world.language, title: 'Yearbook', parts };
}
