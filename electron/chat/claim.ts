import { content, namesWithin } from './evidence-library.ts';
import type { Library } from './evidence-library.ts';
import { quantitiesOf, unitWords } from './quantities.ts';
import type { Quantity } from './quantities.ts';
import type { Token } from './text.ts';
import { tokenize } from './text.ts';

/** A statement as it is compared. */
export interface ReadClaim {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly quantities: readonly Quantity[];
  /** Words that are units of its numbers. */
  readonly units: ReadonlySet<string>;
  /** Numbers: must stand in the span itself. */
  readonly numbers: readonly string[];
  /** Names and codes. */
  readonly names: ReadonlySet<string>;
  /** Names and the words beside them. */
  readonly named: ReadonlySet<string>;
  /** What it speaks of. */
  readonly subject: ReadonlySet<string>;
  /** Numbers of the sources that the answer itself points at: "[2]". */
  readonly marks: ReadonlySet<number>;
}

/** null for what states nothing: a question, a lead-in, a bare "Yes." */
export function readClaim(sentence: string, library: Library): ReadClaim | null {
  if (/[?:]\s*$/.test(sentence)) return null;
  const marks = new Set<number>();
  const plain = sentence.replaceAll(/\[(\d{1,2}(?:\s*,\s*\d{1,2})*)\]/g, (mark, list: string) => {
    for (const number of list.split(',')) marks.add(Number(number));
    return ' '.repeat(mark.length);
  });
  const tokens = tokenize(plain);
  const words = content(tokens);
  if (words.length === 0) return null;
  const names = namesWithin(tokens, library.names);
  // "Kerra 300": the number belongs to the name.
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const joined = before?.capital === true && token.start === before.end + 1;
    if (token.kind === 'number' && joined && names.has(before.key)) names.add(token.key);
  }
  const quantities = quantitiesOf(plain, tokens);
  const units = unitWords(plain, tokens, quantities);
  // "40 W": a unit, no name.
  for (const unit of units) names.delete(unit);
  return {
    text: plain,
    tokens: words,
    quantities,
    units,
    numbers: words
      .filter(({ kind, key }) => kind === 'number' && !names.has(key))
      .map(({ key }) => key),
    names,
    named: new Set(
      tokens
        .filter((_, index) => [-1, 0, 1].some((by) => names.has(tokens[index + by]?.key ?? '')))
        .map(({ key }) => key),
    ),
    subject: subjectOf(tokens, names),
    marks,
  };
}

const auxiliary =
  /^(is|are|was|were|be|been|has|have|had|will|would|can|could|may|might|must|shall|should|do|does|did|not|never|es|son|fue)$/;

/** What a sentence speaks of: its words up to the first auxiliary, or to the end of its first name. */
function subjectOf(tokens: readonly Token[], names: ReadonlySet<string>): Set<string> {
  const subject = new Set<string>();
  let named = false;
  let started = false;
  for (const { key, kind } of tokens) {
    if (kind !== 'stop') {
      subject.add(key);
      started = true;
      named ||= names.has(key);
    } else if (started && (named || names.size === 0 || auxiliary.test(key))) {
      break;
    }
  }
  return subject;
}
