import { termsIn } from '../../storage/terms/stems.ts';
import { exactWords, isFrameWord } from './frame.ts';
import { termsOf } from './terms.ts';
import type { Term } from './terms.ts';

/** What was said before a question, oldest first. */
export interface Said {
  readonly questions: readonly string[];
  readonly answers: readonly string[];
}

export const nothingSaid: Said = { questions: [], answers: [] };

/** A question made to stand alone: what it asks, and what it takes from its conversation. */
export interface Sought {
  readonly asked: readonly Term[];
  /** The question's stems in their order, stop words too. */
  readonly order: readonly string[];
  /** Words of earlier questions that this one does not hold, with what they count. */
  readonly earlier: readonly { readonly term: Term; readonly weight: number }[];
  /** Stems of all that was said, with what they count: the conversation's subject. */
  readonly subject: ReadonlyMap<
    string,
    { readonly stems: readonly string[]; readonly weight: number }
  >;
  /** Stems of each earlier answer in their order: what was told already. */
  readonly told: readonly (readonly string[])[];
  /** Whether the question says itself all that it asks. */
  readonly alone: boolean;
  /** The question in words that stand alone, for what reads sentences (vectors). */
  readonly text: string;
}

/**
 * What a word of the question before counts, beside the question itself; of a name there, where the question points
 * back: "it" is the tower, not what was asked about it. Each question before counts half of the one after.
 */
const beforeWeight = 0.3;
const namedWeight = 0.6;
const fade = 0.5;
/** Turns that are looked back at. */
const mostTurns = 8;
const longestSaid = 4000;
/** Content words of a question that is taken to stand alone where none of them was said before. */
const standsAlone = 3;

const pointsBack =
  /(?<![\p{L}\p{N}])(it|its|he|she|his|her|him|they|their|them|this|that|these|those|there|one|ones|same|other|others|another|else|such|both|former|latter|esto|eso|ese|esa|este|esta|esos|esas|estos|estas|aquel|aquella|ellos|ellas|él|ella|su|sus|lo|le|les|otro|otra|mismo|misma|allí|ahí)(?![\p{L}\p{N}])|그것|이것|저것|그거|이거|그는|그의|그녀|그들|거기|여기|이런|그런|해당|같은|다른/iu;
const goesOn =
  /^\s*[¿¡]?(and|or|but|so|then|also|what about|how about|why|y|o|e|pero|entonces|también|qué tal|por qué|그리고|그럼|그러면|그런데|왜|또)(?![\p{L}\p{N}])/iu;
const otherSubject =
  /^\s*[¿¡]?(new (topic|subject|question)|(a )?different (topic|subject|question|matter)|another (topic|subject|matter|question)|something else( entirely)?[:,.]|chang(e|ing) (of |the )?(subject|topic)|unrelated|on (a|another) (different |other )?(topic|subject|note)|otro tema|otra (cosa|pregunta|cuestión)|cambi(o|ando|emos) de tema|pasando a otra cosa|다른 (질문|주제|이야기|얘기)|주제를? (바꿔|바꾸)|화제를? (바꿔|바꾸))/iu;

/** Whether the question says that it leaves what was talked about. */
export const leavesSubject = (question: string): boolean => otherSubject.test(question);

/** Whether a question points at, or goes on with, what was said before it. */
export const pointsAtBefore = (question: string): boolean =>
  pointsBack.test(question) || goesOn.test(question);

/** Whether a question has as many content words as one that stands alone. */
export const saysEnough = (asked: readonly Term[]): boolean =>
  new Set(asked.map(({ word }) => word)).size >= standsAlone;

/**
 * Makes a question stand alone by rule. Its own words count fully; those of the question before 0.3, names 0.6 where
 * it points back, of the one before that half as much, and so on. A question of at least three content words that
 * points at nothing and shares no word with what was said brings a subject of its own: earlier questions do not count
 * for it. One that says it leaves the subject takes nothing along.
 *
 * @param prefixLast the last word also matches as a beginning
 */
export function standAlone(question: string, said: Said = nothingSaid, prefixLast = false): Sought {
  const asked = termsOf(question, prefixLast);
  const order = termsIn(question.slice(0, longestSaid));
  if (said.questions.length === 0 || leavesSubject(question)) {
    return { asked, order, earlier: [], subject: new Map(), told: [], alone: true, text: question };
  }
  const questions = plainly(said.questions);
  const answers = plainly(said.answers);
  const subject = subjectOf(questions, answers);
  const points = pointsAtBefore(question);
  const alone = !points && saysEnough(asked);
  const isNew = alone && !asked.some(({ stems }) => stems.some((stem) => subject.has(stem)));
  const earlier = isNew ? [] : earlierTerms(asked, questions, points);
  const before = isNew ? '' : (questions.at(-1) ?? '').slice(0, 400);
  return {
    asked,
    order,
    earlier,
    subject,
    told: answers.map((answer) => termsIn(answer)),
    alone,
    text: before === '' ? question : `${before}\n${question}`,
  };
}

/** The last turns; what was quoted in them needs not stand together. */
const plainly = (texts: readonly string[]): string[] =>
  texts.slice(-mostTurns).map((text) => text.slice(0, longestSaid).replace(/["“”„]/g, ' '));

function earlierTerms(
  asked: readonly Term[],
  questions: readonly string[],
  points: boolean,
): Sought['earlier'] {
  const known = new Set(asked.flatMap(({ stems }) => stems));
  const earlier: { term: Term; weight: number }[] = [];
  let fades = 1;
  for (const question of questions.toReversed()) {
    const names = points ? exactWords(question) : new Set<string>();
    for (const term of termsOf(question)) {
      const { stems, phrase } = term;
      if (phrase !== null || stems.length === 0 || stems.some((stem) => known.has(stem))) continue;
      if (isFrameWord(term.text)) continue;
      for (const stem of stems) known.add(stem);
      const weight = names.has(term.text) ? namedWeight : beforeWeight;
      earlier.push({ term, weight: weight * fades });
    }
    fades *= fade;
  }
  return earlier.slice(0, 48);
}

function subjectOf(questions: readonly string[], answers: readonly string[]): Sought['subject'] {
  const subject = new Map<string, { stems: readonly string[]; weight: number }>();
  let weight = 1;
  for (let back = 1; back <= Math.max(questions.length, answers.length); back += 1) {
    // The answer to a question has its place from the end, as the question has: both are whole turns.
    for (const text of [questions.at(-back) ?? '', answers.at(-back) ?? '']) {
      for (const { stems, share } of termsOf(text, false, 400)) {
        const [first] = stems;
        if (first === undefined) continue;
        const before = subject.get(first)?.weight ?? 0;
        subject.set(first, { stems, weight: 1 - (1 - before) * (1 - Math.min(1, weight * share)) });
      }
    }
    weight *= fade;
  }
  return subject;
}
