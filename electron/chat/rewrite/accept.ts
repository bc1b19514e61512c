import type { Said } from '../../documents/retrieve/index.ts';
import {
  leavesSubject,
  pointsAtBefore,
  saysEnough,
  standAlone,
} from '../../documents/retrieve/question.ts';
import { termsOf } from '../../documents/retrieve/terms.ts';
import type { RewriteRefusal } from '../../ipc/contract/index.ts';
import { isRefusal } from '../refusal.ts';
import { tokenize } from '../text.ts';

const longest = 300;
/** Share of a rewriting's content words that may stand nowhere in the conversation; they are dropped. */
const mostForeign = 0.5;
/** A word of a script cut into pairs is known by this share of its pairs: particles differ. */
const knownShare = 0.5;

/**
 * Whether a question depends on what was said, so that a model's wording can bring something: narrower than
 * what the rule takes earlier words for, because each wording costs seconds.
 */
export function dependsOnBefore(question: string, said: Said): boolean {
  const { asked, earlier } = standAlone(question, said);
  if (earlier.length === 0 && said.answers.length === 0) return false;
  if (said.questions.length === 0 || leavesSubject(question)) return false;
  return pointsAtBefore(question) || !saysEnough(asked);
}

/** As the search cuts a text. */
export const stemsIn = (text: string): readonly string[] => standAlone(text).order;

export type Accepted =
  | { readonly text: string }
  | {
      readonly refused: Extract<
        RewriteRefusal,
        'empty' | 'long' | 'refusal' | 'invented' | 'lost' | 'foreign' | 'same'
      >;
    };

/**
 * What of a model's wording may be searched for. Every name, number and code in it must stand in the conversation
 * or the question, and the question's numbers must still be there: else it is the question before; other words that
 * stand nowhere are taken out. What comes back can only hold words of the conversation, whatever the model wrote.
 */
export function accept(written: string, question: string, said: Said): Accepted {
  const line = firstLine(written);
  if (line === '') return { refused: 'empty' };
  if (line.length > longest) return { refused: 'long' };
  if (isRefusal(line)) return { refused: 'refusal' };
  const conversation = [...said.questions, ...said.answers, question];
  const exactNow = exactIn(line);
  const known = new Set(tokenize(conversation.join('\n')).map(({ key }) => key));
  if (exactNow.some((key) => !known.has(key))) return { refused: 'invented' };
  const kept = new Set(tokenize(line).map(({ key }) => key));
  if (digitsIn(question).some((key) => !kept.has(key))) return { refused: 'lost' };
  const spoken = new Set(conversation.flatMap(stemsIn));
  const { text, words, foreign } = knownOnly(line, spoken);
  if (words === 0) return { refused: 'empty' };
  if (foreign / words > mostForeign) return { refused: 'foreign' };
  const { words: left, foreign: added } = knownOnly(text, new Set(stemsIn(question)));
  return left === 0 || added === 0 ? { refused: 'same' } : { text };
}

/** Models like to introduce, quote and set in bold what they write. */
const firstLine = (written: string): string =>
  (written.split('\n').find((line) => /[\p{L}\p{N}]/u.test(line)) ?? '')
    .replaceAll(/\*\*|`/g, '')
    .replace(/^\s*(?:[\p{L} ]{1,30}:\s+)?[\s"“”'«]*/u, '')
    .replace(/[\s"”“»]+$/u, '');

const digitsIn = (text: string): string[] =>
  tokenize(text)
    .filter(({ start, end }) => /\p{N}/u.test(text.slice(start, end)))
    .map(({ key }) => key);

/** Keys of what is written with digits, and of names: a capital that no sentence begins with. "One" is mostly none. */
function exactIn(text: string): string[] {
  return tokenize(text)
    .filter(
      ({ kind, capital, start, end }, at) =>
        /\p{N}/u.test(text.slice(start, end)) || (capital && at > 0 && kind === 'word'),
    )
    .map(({ key }) => key);
}

/** The text without the content words that are not among the stems. */
function knownOnly(
  text: string,
  stems: ReadonlySet<string>,
): { readonly text: string; readonly words: number; readonly foreign: number } {
  const shares = new Map<number, { text: string; share: number }>();
  for (const { word, text: typed, share, stems: of } of termsOf(text.replaceAll(/["“”„]/g, ' '))) {
    const one = shares.get(word) ?? { text: typed, share: 0 };
    const isKnown = of.length === 0 || of.some((stem) => stems.has(stem));
    shares.set(word, { text: one.text, share: one.share + (isKnown ? share : 0) });
  }
  const foreign = [...shares.values()].filter(({ share }) => share < knownShare);
  const left = foreign.reduce(
    (rest, { text: word }) =>
      rest.replaceAll(
        new RegExp(`(?<![\\p{L}\\p{N}])${literal(word)}(?![\\p{L}\\p{N}])`, 'giu'),
        '',
      ),
    text,
  );
  return {
    text: left.replaceAll(/\s+/g, ' ').trim(),
    words: shares.size,
    foreign: foreign.length,
  };
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
