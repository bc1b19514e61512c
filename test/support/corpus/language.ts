/** What a value of an attribute looks like. */
export type ValueKind = 'money' | 'person' | 'company' | 'date' | 'number' | 'code' | 'days';

export interface Subject {
  readonly name: string;
  readonly kind: string;
}

/** Something that is said about a place and a year; worded by each language. */
export interface Attribute {
  readonly key: string;
  readonly value: ValueKind;
  /** The whole fact in one sentence. */
  readonly sentence: (subject: Subject, year: number, value: string) => string;
  /** The same below a heading that names the subject. */
  readonly below: (year: number, value: string) => string;
  readonly questions: readonly ((subject: Subject, year: number) => string)[];
  /** Head of a column, for those that stand in tables. */
  readonly column?: string;
}

export interface Language {
  readonly code: 'en' | 'es' | 'ko';
  readonly kinds: readonly string[];
  readonly syllables: readonly (readonly string[])[];
  /** As a heading or in a table. */
  readonly label: (subject: Subject) => string;
  readonly attributes: readonly Attribute[];
  readonly columns: { readonly site: string; readonly year: string };
  /** Frames of sentences that say nothing that is asked; each `{group}` is filled from `words`. */
  readonly fillers: readonly string[];
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Sentences that name a subject and nothing that is asked. */
  readonly mentions: readonly ((subject: Subject) => string)[];
  readonly titles: readonly string[];
  readonly firstNames: readonly string[];
  readonly companies: readonly string[];
  readonly number: (value: number) => string;
  readonly date: (day: number, month: number, year: number) => string;
  readonly contract: {
    readonly title: (subject: Subject) => string;
    /** Keys of the attributes that it states. */
    readonly facts: readonly string[];
    readonly clauses: readonly string[];
  };
  readonly person: (first: string, last: string) => string;
}

const grouped = (value: number, mark: string): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, mark);
export const withCommas = (value: number): string => grouped(value, ',');
export const withStops = (value: number): string => grouped(value, '.');
