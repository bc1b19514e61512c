import type { Claim, Source, Support } from '../ipc/contract/index.ts';
import { isRefusal } from './refusal.ts';
import { readClaim } from './claim.ts';
import { contradictionOf } from './contradiction.ts';
import { coverage } from './coverage.ts';
import type { ReadClaim } from './claim.ts';
import { content, prepare } from './evidence-library.ts';
import type { Candidate, Library } from './evidence-library.ts';
import { citationOf, placeOf } from './paraphrase.ts';
import type { Paraphrases } from './paraphrase.ts';
import { statementsOf } from './sentences.ts';
import type { Span } from './sentences.ts';
import { tokenize } from './text.ts';

/**
 * Share of a sentence's weight that its span must hold. Chosen on the labelled pairs of
 * `citations.fixture.ts`: the test prints precision and recall.
 */
const threshold = 0.68;
/** The same for each statement that a sentence joins, when one span is to support all of them. */
const partThreshold = 0.5;

export interface Checked {
  readonly claims: readonly Claim[];
  readonly support: Support;
}

/**
 * Finds for each sentence of an answer the span of the sources that supports it.
 *
 * A span supports a sentence when it holds every number, code and name of it (a name may stand in
 * the title or in the sentences before, where the span only points back at it), denies what
 * it denies, and shares enough of its remaining content, each word weighed by how rare it is among the
 * sources. Works on words, so it knows no synonyms, and who did it to whom only as far as names and
 * numbers tell: it can miss support, and two names swapped escape it.
 */
export function checkAnswer(text: string, sources: readonly Source[], question = ''): Checked {
  const library = prepare(sources);
  const asked = new Set(content(tokenize(question)).map(({ key }) => key));
  const claims: Claim[] = [];
  let refused = false;
  const known = new Map<string, readonly Claim[]>(); // A small model may repeat itself a thousand times.
  for (const span of statementsOf(text)) {
    const sentence = text.slice(span.start, span.end);
    if (isRefusal(sentence)) {
      refused = true;
      continue;
    }
    const found = known.get(sentence) ?? claimsOf(sentence, library, asked);
    known.set(sentence, found);
    for (const { start, end, ...rest } of found) {
      claims.push({ ...rest, start: span.start + start, end: span.start + end });
    }
  }
  return { claims, support: judge(claims, refused) };
}

/** What one sentence states, with places within it. */
function claimsOf(
  sentence: string,
  library: Library,
  asked: ReadonlySet<string>,
): readonly Claim[] {
  const claim = readClaim(sentence, library);
  if (claim === null) return [];
  const parts = partsOf(sentence, library);
  const whole = findBest(claim, library, asked, { parts: parts.map((part) => part.claim) });
  const apart = whole === null ? supportedParts(parts, library, asked) : null;
  if (apart !== null) return apart;
  const place = { start: 0, end: sentence.length };
  if (whole === null) return contradictedClaims(sentence, { claim, parts }, library, asked);
  return [{ ...place, state: 'supported', citation: citationOf(whole) }];
}

/** A sentence that nothing supports: what of it the sources contradict, or all of it unsupported. */
function contradictedClaims(
  sentence: string,
  { claim, parts }: { readonly claim: ReadClaim; readonly parts: readonly Part[] },
  library: Library,
  asked: ReadonlySet<string>,
): readonly Claim[] {
  const judged = (span: Span, one: ReadClaim, isPart: boolean): Claim => {
    const best = isPart ? findBest(one, library, asked, {}) : null;
    if (best !== null) return { ...span, state: 'supported', citation: citationOf(best) };
    const found = contradictionOf(one, sentence.slice(span.start, span.end), library);
    if (found === null) return { ...span, state: 'unsupported', citation: null };
    const { candidate, differences } = found;
    return { ...span, state: 'contradicted', citation: citationOf(candidate), differences };
  };
  const all = judged({ start: 0, end: sentence.length }, claim, false);
  if (all.state === 'contradicted' || parts.length < 2) return [all];
  const apart = parts.map((part) => judged(part.span, part.claim, true));
  return apart.some(({ state }) => state === 'contradicted') ? apart : [all];
}

function judge(claims: readonly Claim[], refused: boolean): Support {
  const supported = claims.filter(({ state }) => state === 'supported').length;
  if (refused && supported === 0) return 'not-in-documents';
  if (supported === 0) return 'unsupported';
  return supported === claims.length && !refused ? 'supported' : 'partly';
}

const joint = /;\s+|,?\s+(?:and|while|but|whereas|y|pero|mientras)\s+|,\s+(?=which\s)/g;

interface Part {
  readonly span: Span;
  readonly claim: ReadClaim;
}

/** The statements that a sentence joins; none for a sentence of one piece. */
function partsOf(sentence: string, library: Library): Part[] {
  const pieces: Span[] = [];
  let start = 0;
  for (const match of sentence.matchAll(joint)) {
    pieces.push({ start, end: match.index });
    start = match.index + match[0].length;
  }
  if (pieces.length === 0) return [];
  pieces.push({ start, end: sentence.length });
  return pieces.flatMap((span) => {
    const claim = readClaim(sentence.slice(span.start, span.end), library);
    return claim === null ? [] : [{ span, claim }];
  });
}

/**
 * "The valve is red and closes at noon": two statements that stand in two places. Each part becomes a
 * claim with its own citation, if every part is supported; else null. Parts after the first also need
 * the subject of the first, so that a fact of something else does not pass.
 */
function supportedParts(
  parts: readonly Part[],
  library: Library,
  asked: ReadonlySet<string>,
): Claim[] | null {
  const [first] = parts;
  if (first === undefined || parts.length < 2) return null;
  const claims: Claim[] = [];
  for (const part of parts) {
    const ownSubject = part === first || part.claim.names.size > 0;
    const also = ownSubject ? [] : subjectWords(first.claim);
    const best = findBest(part.claim, library, asked, { also });
    if (best === null) return null;
    claims.push({
      ...part.span,
      state: 'supported',
      citation: citationOf(best),
    });
  }
  return claims;
}

/** Its names, or without any its first word. */
function subjectWords(claim: ReadClaim): readonly string[] {
  return claim.names.size > 0 ? [...claim.names] : claim.tokens.slice(0, 1).map(({ key }) => key);
}

/**
 * The span that holds most of a claim, if it holds enough.
 *
 * @param needs.also words that must stand in the span or in what it points back at
 * @param needs.parts statements within the claim, none of which may be missing from the span
 */
function findBest(
  claim: ReadClaim,
  library: Library,
  asked: ReadonlySet<string>,
  needs: { readonly also?: readonly string[]; readonly parts?: readonly ReadClaim[] },
): Candidate | null {
  const { also = [], parts = [] } = needs;
  let best: Candidate | null = null;
  let bestScore = 0;
  const [number] = claim.numbers;
  const able = number === undefined ? library.candidates : library.holding(number);
  for (const candidate of able) {
    const share = coverage(claim, candidate, library);
    if (share < threshold) continue;
    if (also.some((key) => !holds(candidate, key))) continue;
    if (parts.some((part) => predicateShare(part, candidate) < partThreshold)) continue;
    const overlap = [...asked].filter((key) => candidate.keys.has(key)).length;
    // Ties: the source that the answer names, then the words of the question.
    const score =
      share +
      (claim.marks.has(candidate.source.number) ? 0.05 : 0) +
      (asked.size === 0 ? 0 : (0.04 * overlap) / asked.size);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/** Share of the words behind the subject (of all words, if there are none) that a span holds. */
function predicateShare(claim: ReadClaim, candidate: Candidate): number {
  const behind = claim.tokens.filter(({ key }) => !claim.subject.has(key));
  const words = behind.length > 0 ? behind : claim.tokens;
  return words.filter(({ key }) => candidate.keys.has(key)).length / words.length;
}

function holds(candidate: Candidate, key: string): boolean {
  return candidate.keys.has(key) || candidate.title.has(key) || candidate.before.has(key);
}

/** The same answer with what a model of similarity has found for its unsupported sentences. */
export function withParaphrases(text: string, checked: Checked, paraphrases: Paraphrases): Checked {
  if (paraphrases.size === 0) return checked;
  const claims = checked.claims.map((claim): Claim => {
    const citation = claim.state === 'unsupported' ? paraphrases.get(placeOf(claim)) : undefined;
    return citation === undefined
      ? claim
      : { ...claim, state: 'supported', citation, isParaphrase: true };
  });
  const refused = statementsOf(text).some(({ start, end }) => isRefusal(text.slice(start, end)));
  return { claims, support: judge(claims, refused) };
}
