import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { seededBelow } from '../seeded.ts';
import { brokenFiles } from './broken.ts';
import { compose, contracts, longPdf } from './compose.ts';
import { corpusFormats } from './document.ts';
import type { CorpusFormat, Doc } from './document.ts';
import { factsOf } from './facts.ts';
import type { Planted } from './facts.ts';
import type { Language } from './language.ts';
import { wordings } from './second.ts';
import { createWorld } from './world.ts';
import type { Fact } from './world.ts';
import { write } from './write.ts';

export interface CorpusFile {
  /** Below the corpus folder, parted by '/'. */
  readonly path: string;
  readonly format: CorpusFormat;
  readonly language: 'en' | 'es' | 'ko' | null;
  readonly bytes: number;
  /** What is wrong with a broken file. */
  readonly broken?: { readonly why: string; readonly mustFail: boolean };
}

export interface Question extends Planted {
  readonly id: string;
  readonly question: string;
  /** Facts in the corpus of the same name that differ in the place, the year or what is said. */
  readonly nearMisses: number;
}

export interface Manifest {
  readonly seed: number;
  readonly files: readonly CorpusFile[];
  readonly questions: readonly Question[];
}

interface PlacedFact extends Planted {
  readonly fact: Fact;
  readonly source: 'page' | 'contract' | 'book';
}

const folders = ['north', 'south/2023', 'south/2024', 'east', 'west/kept', 'west'];
const questionCount = 200;
const leastNearMisses = 3;

/**
 * Writes the corpus into a folder: 400 files in three languages, the same for the same seed, with 200
 * questions about them. Names of files say nothing of what stands in them.
 *
 * @param wording the second one tells of other things in other words
 */
export async function writeCorpus(folder: string, seed = 6, wording: 1 | 2 = 1): Promise<Manifest> {
  const below = seededBelow(seed);
  const languages = wordings[wording];
  const worlds = languages.map((language, index) => createWorld(language, seed * 10 + index));
  const files: CorpusFile[] = [];
  const placed: PlacedFact[] = [];
  const wholes = new Map<CorpusFormat, Uint8Array>();
  let number = 0;

  const put = (path: string, bytes: Uint8Array): void => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  };
  const pathOf = (extension: string): string => {
    number += 1;
    const place = folders[below(folders.length)] ?? 'north';
    const word = ['doc', 'file', 'scan', 'note'][below(4)] ?? 'doc';
    return `${place}/${word}-${String(number).padStart(3, '0')}.${extension}`;
  };
  const add = async (doc: Doc, source: PlacedFact['source']): Promise<void> => {
    const written = await write(doc);
    const path = pathOf(written.extension ?? doc.format);
    put(path, written.bytes);
    if (!wholes.has(doc.format)) wholes.set(doc.format, written.bytes);
    const { code } = doc.language;
    files.push({ path, format: doc.format, language: code, bytes: written.bytes.length });
    placed.push(
      ...factsOf(doc, written).map((each) => ({
        ...each,
        file: path,
        format: doc.format,
        language: code,
        source,
      })),
    );
  };

  const contractFormats: CorpusFormat[] = ['docx', 'pdf', 'odt', 'rtf', 'txt', 'html', 'md'];
  for (const [at, world] of worlds.entries()) {
    for (let family = 0; family < 2; family += 1) {
      const shift = at * 2 + family;
      const formats = [...contractFormats.slice(shift), ...contractFormats.slice(0, shift)];
      for (const doc of contracts(world, formats, 1 + shift * 5)) await add(doc, 'contract');
    }
  }
  const [first] = worlds;
  if (first === undefined) throw new Error('no language');
  await add(longPdf(first, 300, 31), 'book');
  for (let round = 0; round < 17; round += 1) {
    for (const [at, format] of corpusFormats.entries()) {
      const world = worlds[(round + at) % worlds.length] ?? first;
      await add(compose(world, format, 32 + round * corpusFormats.length + at), 'page');
    }
  }
  const whole = (format: CorpusFormat): Uint8Array => {
    const found = wholes.get(format);
    if (found === undefined) throw new Error(`no ${format}`);
    return found;
  };
  for (const { extension, bytes, why, mustFail } of brokenFiles(whole)) {
    const path = pathOf(extension);
    put(path, bytes);
    files.push({
      path,
      format: extension as CorpusFormat,
      language: null,
      bytes: bytes.length,
      broken: { why, mustFail },
    });
  }
  return { seed, files, questions: questionsAbout(placed, languages, below) };
}

/** Chooses facts evenly: some of the contracts and the book, then each format in turn, each language in turn. */
function questionsAbout(
  placed: readonly PlacedFact[],
  languages: readonly Language[],
  below: (limit: number) => number,
): Question[] {
  const slots = ({ subject, attribute, year }: Fact): string[] => [
    subject.kind,
    attribute.key,
    String(year),
  ];
  const byName = new Map<string, Fact[]>();
  for (const { fact } of placed) {
    const key = `${fact.language.code}/${fact.subject.name}`;
    byName.set(key, [...(byName.get(key) ?? []), fact]);
  }
  const nearMisses = (fact: Fact): number => {
    const own = slots(fact);
    return (byName.get(`${fact.language.code}/${fact.subject.name}`) ?? []).filter(
      (other) => slots(other).filter((slot, at) => slot !== own[at]).length === 1,
    ).length;
  };
  const chosen: Question[] = [];
  const perFile = new Map<string, number>();
  const choose = (pool: readonly PlacedFact[], mostPerFile: number): boolean => {
    const open = pool.filter(
      (each) =>
        (perFile.get(each.file) ?? 0) < mostPerFile &&
        nearMisses(each.fact) >= leastNearMisses &&
        !chosen.some(({ id }) => id === each.fact.id),
    );
    const found = open[below(Math.max(1, open.length))];
    if (found === undefined) return false;
    perFile.set(found.file, (perFile.get(found.file) ?? 0) + 1);
    const { fact, source: _source, ...planted } = found;
    const ask = fact.attribute.questions[below(fact.attribute.questions.length)];
    if (ask === undefined) throw new Error(`no question for ${fact.attribute.key}`);
    chosen.push({
      ...planted,
      id: fact.id,
      question: ask(fact.subject, fact.year),
      nearMisses: nearMisses(fact),
    });
    return true;
  };
  for (let at = 0; at < 12; at += 1) {
    const { code } = languages[at % languages.length] ?? {};
    choose(
      placed.filter(({ source, language }) => source === 'contract' && language === code),
      1,
    );
  }
  for (let at = 0; at < 6; at += 1) {
    choose(
      placed.filter(({ source }) => source === 'book'),
      6,
    );
  }
  for (let turn = 0; chosen.length < questionCount; turn += 1) {
    if (turn > 10_000) throw new Error('too few facts to ask about');
    const format = corpusFormats[turn % corpusFormats.length];
    const { code } = languages[(turn + Math.floor(turn / corpusFormats.length)) % 3] ?? {};
    choose(
      placed.filter(
        (each) => each.source === 'page' && each.format === format && each.language === code,
      ),
      2,
    );
  }
  return chosen;
}
