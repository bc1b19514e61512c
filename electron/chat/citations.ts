import type { Claim, Source, Support } from '../ipc/contract/index.ts';
import { isRefusal } from './refusal.ts';
import { sentencesOf, statementsOf } from './sentences.ts';
import type { Span } from './sentences.ts';
import type { Token } from './text.ts';
import { fold, tokenize } from './text.ts';

/**
 * Share of a sentence's weight that its span must hold. Chosen on the labelled pairs of
 * `citations.fixtures.ts`: the test prints precision and recall.
 */
const threshold = 0.68;
/** The same for each statement that a sentence joins, when one span is to support all of them. */
const partThreshold = 0.5;
/** Sentences before a span in which what it points back at may stand. */
const reach = 3;
/** What a word counts for that stands not in the span but in its title or the sentences before it. */
const contextWeight = 0.8;

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
  if (whole === null) return [{ ...place, state: 'unsupported', citation: null }];
  return [{ ...place, state: 'supported', citation: citationOf(whole) }];
}

function judge(claims: readonly Claim[], refused: boolean): Support {
  const supported = claims.filter(({ state }) => state === 'supported').length;
  if (refused && supported === 0) return 'not-in-documents';
  if (supported === 0) return 'unsupported';
  return supported === claims.length && !refused ? 'supported' : 'partly';
}

interface Candidate {
  readonly source: Source;
  readonly span: Span;
  readonly keys: ReadonlySet<string>;
  readonly negated: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
  /** The sentences before. */
  readonly before: ReadonlySet<string>;
  /** Speaks of something named before it: a pronoun stands before any name of its own. */
  readonly pointsBack: boolean;
}

interface Library {
  readonly candidates: readonly Candidate[];
  /** Those that hold a word, in order. */
  holding(key: string): readonly Candidate[];
  readonly names: ReadonlySet<string>;
  /** The word stands somewhere in the passages. */
  knows(key: string): boolean;
  weight(key: string): number;
}

function prepare(sources: readonly Source[]): Library {
  const candidates: Candidate[] = [];
  const names = new Set<string>();
  const frequency = new Map<string, number>();
  let count = 0;
  for (const source of sources) {
    const title = new Set(
      tokenize(`${source.documentName} ${source.heading ?? ''}`).map(({ key }) => key),
    );
    const sentences = sentencesOf(source.text).map((span) => ({
      span,
      text: source.text.slice(span.start, span.end),
      tokens: tokenize(source.text.slice(span.start, span.end)),
    }));
    for (const { tokens } of sentences) {
      count += 1;
      for (const key of new Set(tokens.map((token) => token.key))) {
        frequency.set(key, (frequency.get(key) ?? 0) + 1);
      }
      for (const name of namesWithin(tokens, new Set())) names.add(name);
    }
    sentences.forEach(({ span, text, tokens }, index) => {
      const before = sentences.slice(Math.max(0, index - reach), index);
      candidates.push({
        source,
        span,
        keys: new Set(tokens.map(({ key }) => key)),
        negated: new Set(tokens.filter(({ negated }) => negated).map(({ key }) => key)),
        names: namesWithin(tokens, names),
        title,
        before: new Set(before.flatMap((part) => part.tokens).map(({ key }) => key)),
        pointsBack: pointsBack(text, tokens, names),
      });
    });
  }
  const byKey = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const key of candidate.keys) {
      const list = byKey.get(key) ?? [];
      list.push(candidate);
      byKey.set(key, list);
    }
  }
  return {
    candidates,
    holding: (key) => byKey.get(key) ?? [],
    names,
    knows: (key) => frequency.has(key),
    weight: (key) => Math.log(1 + (count + 1) / ((frequency.get(key) ?? 0) + 0.5)),
  };
}

const pronoun =
  /(?:^|[\s,;(])(it|its|he|she|his|her|they|their|them|this|these|there|su|sus|este|esta|estos|ello)\b/;

function pointsBack(text: string, tokens: readonly Token[], known: ReadonlySet<string>): boolean {
  const at = pronoun.exec(fold(text))?.index;
  if (at === undefined) return false;
  const own = namesWithin(tokens, known);
  const first = tokens.find(({ key }) => own.has(key));
  return first === undefined || at <= first.start;
}

interface ReadClaim {
  readonly tokens: readonly Token[];
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
function readClaim(sentence: string, library: Library): ReadClaim | null {
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
  return {
    tokens: words,
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

/** 0 when something that must be there is not, else the share of the claim's weight that is. */
function coverage(claim: ReadClaim, candidate: Candidate, library: Library): number {
  if (claim.numbers.some((number) => !candidate.keys.has(number))) return 0;
  let matched = 0;
  let matchedInSpan = 0;
  let total = 0;
  let denies = false;
  let denied = false;
  for (const { key, negated } of claim.tokens) {
    const weight = library.weight(key);
    total += weight;
    if (candidate.keys.has(key)) {
      denies ||= negated;
      denied ||= candidate.negated.has(key);
      matched += weight;
      matchedInSpan += 1;
    } else if (claim.subject.has(key) && understood(candidate, claim, key)) {
      matched += weight * contextWeight;
    } else if (claim.names.has(key) || (claim.subject.has(key) && library.knows(key))) {
      // A word of the subject that the sources use, but not here: they say this of something else.
      return 0;
    }
  }
  return matchedInSpan === 0 || denies !== denied ? 0 : matched / total;
}

/** Share of the words behind the subject (of all words, if there are none) that a span holds. */
function predicateShare(claim: ReadClaim, candidate: Candidate): number {
  const behind = claim.tokens.filter(({ key }) => !claim.subject.has(key));
  const words = behind.length > 0 ? behind : claim.tokens;
  return words.filter(({ key }) => candidate.keys.has(key)).length / words.length;
}

/** Whether a span leaves out a word of the subject because it stands above or before it. */
function understood(candidate: Candidate, claim: ReadClaim, key: string): boolean {
  if (candidate.pointsBack) return candidate.title.has(key) || candidate.before.has(key);
  // "The tank holds 448 ml" under "The Kerra dryer": only the name can be left out like this, and not
  // by a span that names something else of its own.
  const ownNames = [...candidate.names].some((name) => !claim.names.has(name));
  if (ownNames) return false;
  return candidate.title.has(key) || (claim.named.has(key) && candidate.before.has(key));
}

function holds(candidate: Candidate, key: string): boolean {
  return candidate.keys.has(key) || candidate.title.has(key) || candidate.before.has(key);
}

/**
 * Names and codes of a sentence. Its first word counts only where it is known as a name or stands
 * before another capital: every sentence begins with one.
 */
function namesWithin(tokens: readonly Token[], known: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.kind === 'code') names.add(token.key);
    if (token.kind !== 'word' || !token.capital) return;
    if (index > 0 || known.has(token.key) || tokens[1]?.capital === true) names.add(token.key);
  });
  return names;
}

function content(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind }) => kind !== 'stop');
}

function citationOf({ source, span }: Candidate): NonNullable<Claim['citation']> {
  return {
    sourceNumber: source.number,
    documentId: source.documentId,
    documentName: source.documentName,
    page: source.page,
    heading: source.heading,
    ...(source.place !== undefined && { place: source.place }),
    quote: source.text.slice(span.start, span.end),
    start: source.start + span.start,
    end: source.start + span.end,
  };
}
