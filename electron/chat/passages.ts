import type { RetrievedPassage, Said } from '../documents/retrieve/index.ts';
import { pointsAtBefore } from '../documents/retrieve/question.ts';
import type { Message, PassageHit, SameContent, Source } from '../ipc/contract/index.ts';
import { sentencesOf } from './sentences.ts';
import { fold, tokenize } from './text.ts';

/** How much of the documents goes into a prompt of a given length. */
export interface PassageShape {
  readonly passages: number;
  /** Longest passage in UTF-16 units; longer ones are cut to the sentences around the match. */
  readonly characters: number;
  /** A passage whose score, or share of the question's words, is under this part of the best one's is left out. */
  readonly atLeast: number;
}

/**
 * A small model reads few and short passages best (the miniature answers 60 of 100 with one passage
 * and 43 with three, see its README), and its prompt holds no more.
 *
 * @param limit tokens of the whole prompt
 */
export function shapeFor(limit: number): PassageShape {
  if (limit <= 1024) return { passages: 3, characters: 420, atLeast: 0.75 };
  if (limit <= 4096) return { passages: 4, characters: 1600, atLeast: 0.2 };
  return { passages: 6, characters: 4000, atLeast: 0.2 };
}

/** The hits that go into the prompt, numbered from 1, best first. */
export function sourcesFrom(hits: readonly RetrievedPassage[], shape: PassageShape): Source[] {
  const best = hits[0]?.score ?? 0;
  const covered = Math.max(0, ...hits.map(({ coverage }) => coverage));
  return hits
    .filter(({ score }) => best <= 0 || score >= best * shape.atLeast)
    .filter(({ coverage, near }) => near === true || coverage >= covered * shape.atLeast)
    .slice(0, shape.passages)
    .map((hit, index) => ({ ...cut(hit, shape.characters), number: index + 1 }));
}

/**
 * The sources to use when the last answer of the branch had some: the same list again if it already
 * holds all that was found now. The prompt then begins with the same words and the engine goes on
 * from its kept state instead of reading everything again.
 */
export function keepSources(
  before: readonly Source[],
  found: readonly Source[],
): readonly Source[] {
  const holds = (source: Source): boolean =>
    before.some(
      (old) =>
        old.documentId === source.documentId &&
        old.passageId === source.passageId &&
        old.start <= source.start &&
        old.end >= source.end,
    );
  return before.length > 0 && found.every(holds) ? before : found;
}

/** The exact stretch of whole sentences around the sentence with most matches. */
function cut(hit: PassageHit, longest: number): Omit<Source, 'number'> {
  const { passageId, documentId, documentName, page, heading, place, lead, score } = hit;
  const { isRecognised, sameIn } = hit;
  const { start, end } =
    hit.text.length <= longest ? { start: 0, end: hit.text.length } : around(hit, longest);
  return {
    passageId,
    documentId,
    documentName,
    page,
    heading,
    ...(place !== undefined && { place }),
    ...(lead !== undefined && lead !== '' && { lead }),
    ...(isRecognised && { isRecognised }),
    ...(sameIn !== undefined && { sameIn: sameIn.map((one) => cutIn(one, start, end)) }),
    text: hit.text.slice(start, end),
    start: hit.start + start,
    end: hit.start + end,
    score,
  };
}

/** The same words of a passage that was cut, where they stand in another file. */
const cutIn = (other: SameContent, start: number, end: number): SameContent =>
  other.at === undefined
    ? other
    : { ...other, at: { ...other.at, start: other.at.start + start, end: other.at.start + end } };

function around(hit: PassageHit, longest: number): { start: number; end: number } {
  const sentences = sentencesOf(hit.text);
  const matches = sentences.map(
    ({ start, end }) =>
      new Set(
        hit.marks
          .filter(([from, to]) => from >= start && to <= end)
          .map(([from, to]) => fold(hit.text.slice(from, to))),
      ).size,
  );
  let first = matches.indexOf(Math.max(...matches, 0));
  if (first < 0) first = 0;
  let last = first;
  const length = (from: number, to: number): number =>
    (sentences[to]?.end ?? 0) - (sentences[from]?.start ?? 0);
  for (;;) {
    // What follows usually explains more than what stands before.
    if (last + 1 < sentences.length && length(first, last + 1) <= longest) last += 1;
    else if (first > 0 && length(first - 1, last) <= longest) first -= 1;
    else break;
  }
  const start = sentences[first]?.start ?? 0;
  return { start, end: Math.min(sentences[last]?.end ?? hit.text.length, start + longest) };
}

/** Spanish articles, which are pronouns too: a search may take them for such, a refusal may not. */
const articles = /(?<!\p{L})(?:la|lo|le|les)(?!\p{L})/giu;

/** A question that cannot be understood without the one before it. */
export function isFollowUp(question: string): boolean {
  const words = tokenize(question).filter(({ kind }) => kind !== 'stop');
  if (words.length > 8) return false;
  return words.length <= 1 || pointsAtBefore(question.replaceAll(articles, ' '));
}

const smallTalk =
  /^(hi|hello|hey|hiya|thanks?( you)?( very much| a lot)?|many thanks|ok(ay)?|great|good (morning|afternoon|evening|night)|(good)?bye|cheers|hola|gracias|muchas gracias|buenos días|buenas (tardes|noches)|adiós|vale|안녕(하세요)?|감사합니다|고마워요?)( there)?$/iu;

/** A greeting or thanks: nothing that documents could answer. */
export function isSmallTalk(question: string): boolean {
  return smallTalk.test(question.replaceAll(/[\s.,!…👋🙏]+/gu, ' ').trim());
}

/**
 * What was said before the last question, which search makes the question stand alone with.
 *
 * @param path root to the question
 */
export function saidBefore(path: readonly Message[]): Said {
  const last = path.findLastIndex(({ role }) => role === 'user');
  const before = path.slice(0, Math.max(0, last));
  const of = (wanted: Message['role']): string[] =>
    before.filter(({ role }) => role === wanted).map(({ text }) => text);
  return { questions: of('user'), answers: of('assistant') };
}

/**
 * The question in words, for what does not search: the question itself, and for a follow-up the question before it too, so that
 * "When was it built?" looks for what "it" is.
 *
 * @param path root to the question
 */
export function searchQuery(path: readonly Message[]): string {
  const questions = path.filter(({ role }) => role === 'user').map(({ text }) => text);
  const question = questions.at(-1) ?? '';
  const before = questions.at(-2);
  if (before === undefined || !isFollowUp(question)) return question;
  return `${question}\n${before.slice(0, 400)}`;
}
