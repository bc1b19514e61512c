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
/** Neighbouring sentences that may support one sentence together. */
const widest = 3;
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
 * the title or in the sentences before, where the span only points back at it), denies the same
 * words, and shares enough of its remaining content, each word weighed by how rare it is among the
 * sources. Works on words, so it knows no synonyms, and who did it to whom only as far as names and
 * numbers tell: it can miss support, and two names swapped escape it.
 */
export function checkAnswer(text: string, sources: readonly Source[], question = ''): Checked {
  const library = prepare(sources);
  const asked = new Set(content(tokenize(question)).map(({ key }) => key));
  const claims: Claim[] = [];
  let refused = false;
  for (const span of statementsOf(text)) {
    const sentence = text.slice(span.start, span.end);
    if (isRefusal(sentence)) {
      refused = true;
      continue;
    }
    const claim = readClaim(sentence, library);
    if (claim === null) continue;
    const best = findSupport(claim, library, asked);
    claims.push({
      ...span,
      state: best === null ? 'unsupported' : 'supported',
      citation: best === null ? null : citationOf(best),
    });
  }
  return { claims, support: judge(claims, refused) };
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
  readonly width: number;
  readonly keys: ReadonlySet<string>;
  readonly negated: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** Title, heading and the sentences before. */
  readonly context: ReadonlySet<string>;
  /** Points back at something named before it. */
  readonly pointsBack: boolean;
}

interface Library {
  readonly candidates: readonly Candidate[];
  readonly names: ReadonlySet<string>;
  weight(key: string): number;
}

function prepare(sources: readonly Source[]): Library {
  const candidates: Candidate[] = [];
  const names = new Set<string>();
  const frequency = new Map<string, number>();
  let count = 0;
  for (const source of sources) {
    const title = tokenize(`${source.documentName} ${source.heading ?? ''}`);
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
    sentences.forEach((first, index) => {
      for (let width = 1; width <= widest && index + width <= sentences.length; width += 1) {
        const parts = sentences.slice(index, index + width);
        const tokens = parts.flatMap((part) => part.tokens);
        const before = sentences.slice(Math.max(0, index - widest), index);
        candidates.push({
          source,
          span: { start: first.span.start, end: parts.at(-1)?.span.end ?? first.span.end },
          width,
          keys: new Set(tokens.map(({ key }) => key)),
          negated: new Set(tokens.filter(({ negated }) => negated).map(({ key }) => key)),
          names: namesWithin(tokens, names),
          context: new Set(
            [...title, ...before.flatMap((part) => part.tokens)].map(({ key }) => key),
          ),
          pointsBack: pointing.test(fold(first.text)),
        });
      }
    });
  }
  return {
    candidates,
    names,
    weight: (key) => Math.log(1 + (count + 1) / ((frequency.get(key) ?? 0) + 0.5)),
  };
}

const pointing =
  /(^|[\s,;(])(it|its|he|she|his|her|they|their|them|this|these|that|there|su|sus|este|esta|estos|ello)\b/;

interface ReadClaim {
  readonly tokens: readonly Token[];
  /** Numbers: must stand in the span itself. */
  readonly numbers: readonly string[];
  /** Names and codes. */
  readonly names: ReadonlySet<string>;
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
  return {
    tokens: words,
    numbers: words.filter(({ kind }) => kind === 'number').map(({ key }) => key),
    names: namesWithin(tokens, library.names),
    marks,
  };
}

/** The best of the narrowest spans that are enough. */
function findSupport(
  claim: ReadClaim,
  library: Library,
  asked: ReadonlySet<string>,
): Candidate | null {
  for (let width = 1; width <= widest; width += 1) {
    const best = findBest(
      claim,
      library,
      asked,
      library.candidates.filter((candidate) => candidate.width === width),
    );
    if (best !== null) return best;
  }
  return null;
}

function findBest(
  claim: ReadClaim,
  library: Library,
  asked: ReadonlySet<string>,
  candidates: readonly Candidate[],
): Candidate | null {
  let best: Candidate | null = null;
  let bestScore = 0;
  for (const candidate of candidates) {
    const share = coverage(claim, candidate, library);
    if (share < threshold) continue;
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
  // A span that names something else of its own speaks of that, not of what stood before it.
  const ownNames = [...candidate.names].some((name) => !claim.names.has(name));
  const reachesBack = candidate.pointsBack || !ownNames;
  let matched = 0;
  let matchedInSpan = 0;
  let total = 0;
  for (const token of claim.tokens) {
    const weight = library.weight(token.key);
    total += weight;
    if (candidate.keys.has(token.key)) {
      if (token.negated !== candidate.negated.has(token.key)) return 0;
      matched += weight;
      matchedInSpan += 1;
    } else if (reachesBack && candidate.context.has(token.key)) {
      matched += weight * contextWeight;
    } else if (claim.names.has(token.key)) {
      return 0;
    }
  }
  return matchedInSpan === 0 ? 0 : matched / total;
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
    quote: source.text.slice(span.start, span.end),
    start: source.start + span.start,
    end: source.start + span.end,
  };
}
