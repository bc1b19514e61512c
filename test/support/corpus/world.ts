import { seededBelow } from '../seeded.ts';
import { english } from './english.ts';
import { korean } from './korean.ts';
import type { Attribute, Language, Subject } from './language.ts';
import { spanish } from './spanish.ts';

/** One thing that is true of one place in one year. It is planted in at most one sentence or cell of the corpus. */
export interface Fact {
  readonly id: string;
  readonly language: Language;
  readonly subject: Subject;
  readonly attribute: Attribute;
  readonly year: number;
  readonly value: string;
  /** As a sheet holds it: a number where it is one. */
  readonly cell: string | number;
}

/** What one row of a table says of a place and a year. */
export interface RowFacts {
  readonly subject: Subject;
  readonly year: number;
  readonly facts: readonly Fact[];
}

export interface World {
  readonly language: Language;
  readonly below: (limit: number) => number;
  pick<T>(list: readonly T[]): T;
  /** A fact that stands nowhere yet. */
  fact(): Fact;
  /** Facts of one place that stand nowhere yet; none where there are fewer. */
  factsOf(subject: Subject, most: number): readonly Fact[];
  subject(): Subject;
  /** A row of five facts that stand nowhere yet, or null when all stand somewhere. */
  row(): RowFacts | null;
  /** A row of a place that nothing else is said about. */
  strangeRow(): RowFacts;
  filler(): string;
  mention(): string;
  /** All facts of one place and its contract's clauses in one year, taken out of the rest. */
  contract(subject: Subject, year: number, keys: readonly string[]): readonly Fact[];
  /** A place whose facts of these years are all untouched, kept for contracts. */
  contractSubject(): Subject;
}

export const languages: readonly Language[] = [english, spanish, korean];
export const years = [2020, 2021, 2022, 2023, 2024] as const;
const namesPerLanguage = 24;
const kindsPerName = 3;
/** Of a hundred pairs of place and year, so many stand in tables. */
const shareInTables = 40;

export function createWorld(language: Language, seed: number): World {
  const below = seededBelow(seed);
  const pick = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)];
    if (found === undefined) throw new Error('an empty list');
    return found;
  };
  const shuffle = <T>(list: readonly T[]): T[] => {
    const copy = [...list];
    for (let at = copy.length - 1; at > 0; at -= 1) {
      const other = below(at + 1);
      [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
    }
    return copy;
  };

  const used = new Set<string>();
  const newName = (): string => {
    for (;;) {
      const name = language.syllables.map(pick).join('');
      if (!used.has(name)) {
        used.add(name);
        return name;
      }
    }
  };
  const people = new Set<string>();
  const value = (attribute: Attribute, year: number): Pick<Fact, 'value' | 'cell'> => {
    switch (attribute.value) {
      case 'person': {
        for (;;) {
          const person = language.person(
            pick(language.firstNames),
            language.syllables.map(pick).join(''),
          );
          if (people.has(person) && people.size < 150) continue;
          people.add(person);
          return { value: person, cell: person };
        }
      }
      case 'company': {
        const company = `${language.syllables.map(pick).join('')} ${pick(language.companies)}`;
        return { value: company, cell: company };
      }
      case 'date': {
        const date = language.date(1 + below(28), 1 + below(12), year);
        return { value: date, cell: date };
      }
      case 'code': {
        const letters = 'ABCDEFGHKLMNPRSTVXYZ';
        const code = `${pick([...letters])}${pick([...letters])}-${10_000 + below(90_000)}`;
        return { value: code, cell: code };
      }
      case 'days': {
        const days = 21 + below(300);
        return { value: String(days), cell: days };
      }
      default: {
        const number = attribute.value === 'money' ? 310 + below(9_600) : 1_000 + below(88_000);
        return { value: language.number(number), cell: number };
      }
    }
  };
  const makeFact = (subject: Subject, attribute: Attribute, year: number): Fact => ({
    id: [language.code, subject.name, subject.kind, attribute.key, year].join('/'),
    language,
    subject,
    attribute,
    year,
    ...value(attribute, year),
  });
  const columns = language.attributes.filter(({ column }) => column !== undefined);

  const subjects: Subject[] = [];
  const contractSubjects: Subject[] = [];
  for (let index = 0; index < namesPerLanguage; index += 1) {
    const name = newName();
    shuffle(language.kinds)
      .slice(0, kindsPerName)
      .forEach((kind, at) => {
        (at === 0 && index < 4 ? contractSubjects : subjects).push({ name, kind });
      });
  }
  const free = new Map<string, Fact>();
  const rows: RowFacts[] = [];
  for (const subject of subjects) {
    for (const year of years) {
      const inTable = below(100) < shareInTables;
      const facts = language.attributes.map((each) => makeFact(subject, each, year));
      if (inTable) {
        rows.push({
          subject,
          year,
          facts: facts.filter(({ attribute }) => columns.includes(attribute)),
        });
      }
      for (const fact of facts) {
        if (!inTable || fact.attribute.column === undefined) free.set(fact.id, fact);
      }
    }
  }
  const order = shuffle([...free.keys()]);
  const rowOrder = shuffle(rows);
  const take = (fact: Fact): Fact => {
    free.delete(fact.id);
    return fact;
  };

  return {
    language,
    below,
    pick,
    fact() {
      for (;;) {
        const id = order.pop();
        if (id === undefined) throw new Error(`no more facts in ${language.code}`);
        const fact = free.get(id);
        if (fact !== undefined) return take(fact);
      }
    },
    factsOf(subject, most) {
      return shuffle([...free.values()].filter((fact) => fact.subject === subject))
        .slice(0, most)
        .map(take);
    },
    subject: () => pick(subjects),
    row: () => rowOrder.pop() ?? null,
    strangeRow() {
      const subject = { name: newName(), kind: pick(language.kinds) };
      const year = pick(years);
      return { subject, year, facts: columns.map((each) => makeFact(subject, each, year)) };
    },
    filler: () =>
      pick(language.fillers)
        .replace(/\{(\w+)\}/g, (_, group: string) => pick(language.words[group] ?? []))
        .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()),
    mention: () => pick(language.mentions)(pick(subjects)),
    contract: (subject, year, keys) =>
      language.attributes
        .filter(({ key }) => keys.includes(key))
        .map((attribute) => makeFact(subject, attribute, year)),
    contractSubject() {
      const found = contractSubjects.shift();
      if (found === undefined) throw new Error(`no more contracts in ${language.code}`);
      return found;
    },
  };
}
