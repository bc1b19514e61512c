import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartKind } from '../../../electron/ipc/contract/index.ts';
import { compose } from './compose.ts';
import { corpusFormats } from './document.ts';
import type { CorpusFormat, Doc, Item, Part } from './document.ts';
import { factsOf } from './facts.ts';
import { createWorld, languages } from './world.ts';
import type { Fact, World } from './world.ts';
import { write } from './write.ts';

/** One fact of the round. Prose is worded as the miniature was trained (test/miniature/train/facts.py). */
export interface RoundFact {
  readonly file: string;
  readonly format: CorpusFormat;
  readonly question: string;
  /** What an answer must hold. */
  readonly answer: string;
  /** The sentence; in a sheet the row, its cells parted by tabs. */
  readonly span: string;
  readonly inTable: boolean;
  readonly part: {
    readonly kind: PartKind;
    readonly number: number;
    readonly row?: number;
    readonly baseline?: number;
  };
  /** A second fact of the same thing beside it, and a question that names the thing only by a pronoun. */
  readonly next?: { readonly question: string; readonly answer: string; readonly span: string };
}

interface Wording {
  readonly title: string;
  readonly sentence: string;
  readonly question: string;
  readonly answer: string;
  readonly next?: RoundFact['next'];
}

type Word = (world: World, name: string) => Wording;

/** Words, so that the miniature, which spells others badly, can say them. */
const names =
  'Kestrel Heron Lantern Falcon Maple Barrow Cobalt Juniper Saffron Linden Marlow Hazel Copper Willow Sable Birch Raven Clover Quartz Meadow Osprey'.split(
    ' ',
  );
const firstNames = 'Emil Jonas Kate Lukas Noah Olga Peter Victor'.split(' ');
const people = ['Venn', 'Pasko', 'Harrow', 'Lindt', 'Marsh', 'Holt'];
const months = ['March', 'April', 'June', 'July', 'October'];

/** In turn, so that every fact has others of its kind in other files. */
const wordings: readonly Word[] = [
  (world, name) => {
    const date = `${1 + world.below(28)} ${world.pick(months)} ${2027 + world.below(9)}`;
    const person = `${world.pick(firstNames)} ${world.pick(people)}`;
    return {
      title: `The lease with ${name}`,
      sentence: `The lease with ${name} ends on ${date}.`,
      question: `When does the lease with ${name} end?`,
      answer: date,
      next: {
        span: `The lease with ${name} was signed by ${person}.`,
        question: 'Who signed it?',
        answer: person,
      },
    };
  },
  (world, name) => {
    const metres = String(40 + world.below(200));
    return {
      title: `The ${name} Tower`,
      sentence: `The ${name} Tower is ${metres} metres tall.`,
      question: `How tall is the ${name} Tower?`,
      answer: metres,
    };
  },
  (world, name) => {
    const person = `${world.pick(firstNames)} ${world.pick(people)}`;
    return {
      title: `The ${name} festival`,
      sentence: `The ${name} festival is organised by ${person}.`,
      question: `Who organises the ${name} festival?`,
      answer: person,
    };
  },
  (world, name) => {
    const euros = `${20 + world.below(60)},000 euros`;
    return {
      title: `Project ${name}`,
      sentence: `The budget of Project ${name} is ${euros}.`,
      question: `What is the budget of Project ${name}?`,
      answer: euros,
    };
  },
];

const sheets = new Set<CorpusFormat>(['xlsx', 'ods', 'csv', 'tsv']);

/** A part of its own in the middle: the miniature loses its way among sentences that say nothing. */
function plant(doc: Doc, title: string, sentences: readonly string[], marker: Fact): Doc {
  const kind = doc.format === 'pptx' || doc.format === 'odp' ? 'list' : 'paragraph';
  const item: Item = {
    kind,
    sentences: sentences.map((text, order) => (order === 0 ? { text, fact: marker } : { text })),
  };
  const at = doc.parts.length >> 1;
  const part: Part = { title, items: [item] };
  // A mail has one message.
  if (doc.format === 'eml') return { ...doc, parts: [part] };
  return { ...doc, parts: [...doc.parts.slice(0, at), part, ...doc.parts.slice(at)] };
}

/** Writes one English file of each format, each with one planted fact among others' near misses. */
export async function writeRound(
  folder: string,
  formats: readonly CorpusFormat[] = corpusFormats,
): Promise<readonly RoundFact[]> {
  const [english] = languages;
  if (english === undefined) throw new Error('no language');
  const world = createWorld(english, 77);
  const facts: RoundFact[] = [];
  mkdirSync(folder, { recursive: true });
  for (const format of formats) {
    // The same fact for a format whichever others are written.
    const index = corpusFormats.indexOf(format);
    const composed = compose(world, format, 500 + index);
    const name = names[index] ?? `Site${index}`;
    const wording = wordings[index % wordings.length]?.(world, name);
    if (wording === undefined) throw new Error('no wording');
    const marker = world.fact();
    const doc = sheets.has(format)
      ? composed
      : plant(
          composed,
          wording.title,
          [wording.sentence, ...(wording.next === undefined ? [] : [wording.next.span])],
          marker,
        );
    const written = await write(doc);
    const file = `paper-${index + 1}.${written.extension ?? format}`;
    writeFileSync(join(folder, file), written.bytes);
    const found = factsOf(doc, written);
    const planted = sheets.has(format)
      ? found.find(({ inTable, fact }) => inTable && fact.attribute.value === 'code')
      : found.find(({ fact }) => fact === marker);
    if (planted === undefined) throw new Error(`nothing planted in ${file}`);
    const { fact, span, inTable, part } = planted;
    facts.push({
      file,
      format,
      span,
      inTable,
      part,
      ...(inTable
        ? {
            question: fact.attribute.questions[0]?.(fact.subject, fact.year) ?? '',
            answer: planted.value,
          }
        : { question: wording.question, answer: wording.answer }),
      ...(inTable || wording.next === undefined ? {} : { next: wording.next }),
    });
  }
  return facts;
}
