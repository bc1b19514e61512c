import { stemmer as porter } from 'stemmer';
import { stemmer as snowballSpanish } from '@orama/stemmers/spanish';
import { irregularStems } from './irregular.ts';
import { split } from './split.ts';
import type { Piece } from './split.ts';

/** Languages whose words are brought to their stem. Other scripts and languages stay as they are written. */
export type StemLanguage = 'en' | 'es';

/** Function words, folded: they tell the language, and tell passages apart badly. */
const stopWords: Readonly<Record<StemLanguage, ReadonlySet<string>>> = {
  en: new Set(
    (
      'a an and are as at be been being but by can could did do does doing for from had has have having he her hers him ' +
      'his how i if in into is it its me my of on or our ours please shall she should so some such tell than that the ' +
      'their them then there these they this those to us was we were what when where which who whom whose why will with ' +
      'would you your yours about also any s t d ll re ve m'
    ).split(' '),
  ),
  es: new Set(
    (
      'a al algo alguna algunas alguno algunos ante antes aquel aquella aqui asi aun aunque cada como con contra cual cuales ' +
      'cuando cuanta cuantas cuanto cuantos de del desde donde dos e el ella ellas ellos en entre era eran eres es esa esas ese ' +
      'eso esos esta estaba estan estas este esto estos fue fueron ha habia han hasta hay la las le les lo los mas me mi mis muy ' +
      'nada ni no nos nosotros o os otra otro para pero poco por porque pues que quien quienes se sea segun ser si sido sin ' +
      'sobre son soy su sus tambien te tiene tienen todo todos tu tus u un una unas uno unos usted ustedes y ya yo'
    ).split(' '),
  ),
};

/** Words that are Spanish function words and no English words: a bare 'no' or 'a' says nothing. */
const saysSpanish = new Set(
  [...stopWords.es].filter(
    (word) =>
      !stopWords.en.has(word) && !['no', 'era', 'son', 'sea', 'sin', 'e', 'o', 'u'].includes(word),
  ),
);
const saysEnglish = new Set([...stopWords.en].filter((word) => !stopWords.es.has(word)));

/** Entries that are looked at to tell the language. */
export const sampled = 300;

/** The language whose function words stand in a text most often; English where nothing says otherwise. */
export const languageOf = (text: string): StemLanguage => cut(text).language;

/** The last text that was cut: its language, its entries and its heading's language are asked for one by one. */
let last: {
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly language: StemLanguage;
} | null = null;

/** The pieces of a text, and its language. */
export function cut(text: string): NonNullable<typeof last> {
  if (last?.text === text) return last;
  const pieces = split(text);
  last = { text, pieces, language: tell(pieces, hasSpanishSigns(text)) };
  return last;
}

function tell(pieces: readonly Piece[], signs: boolean): StemLanguage {
  let spanish = signs ? 1 : 0;
  let english = 0;
  for (const { text } of pieces.slice(0, sampled)) {
    const says = saysOf(text);
    if (says === 'es') spanish += 1;
    else if (says === 'en') english += 1;
  }
  return spanish > english ? 'es' : 'en';
}

/** The language that a folded word is a function word of, and of no other. */
export const saysOf = (folded: string): StemLanguage | null =>
  saysSpanish.has(folded) ? 'es' : saysEnglish.has(folded) ? 'en' : null;

/** Whether a text has signs that only Spanish has, where a language is told by them. */
export const hasSpanishSigns = (text: string): boolean => /[¿¡ñÑ]/.test(text.slice(0, 8 * sampled));

export const isStopWord = (folded: string, language: StemLanguage): boolean =>
  stopWords[language].has(folded);

const known: Record<StemLanguage, Map<string, string>> = { en: new Map(), es: new Map() };
const mostKnown = 50_000;

/** The stem of a folded word. Words with other letters than a to z, and numbers, are their own stem. */
export function stemOf(folded: string, language: StemLanguage): string {
  const cache = known[language];
  const found = cache.get(folded);
  if (found !== undefined) return found;
  const made = /^[a-z]{3,64}$/.test(folded)
    ? (language === 'en' ? porter(folded) : snowballSpanish(folded)) || folded
    : folded;
  if (cache.size >= mostKnown) cache.clear();
  cache.set(folded, made);
  return made;
}

const stopStems = new Set(
  (['en', 'es'] as const).flatMap((language) =>
    [...stopWords[language]].flatMap((word) => [word, stemOf(word, language)]),
  ),
);

/** Whether a stem is a function word's, of any language. */
export const isStopStem = (stem: string): boolean => stopStems.has(stem);

let irregular: ((stem: string) => readonly string[]) | undefined;

/**
 * Every stem that a word can have in the index, whatever language its passage is in, its irregular plural too: the
 * index holds words by their stems, so `children` is looked for as `child` and `children`.
 */
export function stemsOf(folded: string): readonly string[] {
  irregular ??= irregularStems((word) => stemOf(word, 'en'));
  const english = stemOf(folded, 'en');
  const others = irregular(english);
  const spanish = stemOf(folded, 'es');
  return english === spanish ? [english, ...others] : [english, spanish, ...others];
}

/** A piece as the index knows it. */
export const termOf = ({ text, kind }: Piece, language: StemLanguage): string =>
  kind === 'word' ? stemOf(text, language) : text;

/** The entries of a text in their order, stemmed. */
export function termsIn(text: string): string[] {
  const { pieces, language } = cut(text);
  return pieces.map((piece) => termOf(piece, language));
}

/**
 * What the full-text index holds of a text: its entries, parted by spaces.
 *
 * @param like the text that tells the language, where `text` itself is too short to (a heading)
 */
export function indexText(text: string | null, like: string): string {
  if (text === null || text === '') return '';
  if (text === like) return termsIn(text).join(' ');
  const { language } = cut(like);
  return split(text)
    .map((piece) => termOf(piece, language))
    .join(' ');
}
