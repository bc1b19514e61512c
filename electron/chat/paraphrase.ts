import type { TextSimilarity } from '../documents/retrieve/fused.ts';
import type { Citation, Claim, Source } from '../ipc/contract/index.ts';
import { readClaim } from './claim.ts';
import type { ReadClaim } from './claim.ts';
import { deniesKorean } from './coverage.ts';
import { prepare } from './evidence-library.ts';
import type { Candidate } from './evidence-library.ts';
import { unitDifferences } from './quantities.ts';

/** Citations of claims by their place in the answer. */
export type Paraphrases = ReadonlyMap<string, Citation>;

/** Sentences that are compared with one claim; words choose them first. */
const mostCompared = 40;

export function placeOf({ start, end }: Pick<Claim, 'start' | 'end'>): string {
  return `${start} ${end}`;
}

/**
 * Spans that say what unsupported claims say, in other words. Numbers, units, names and denials must be the
 * same: a model of similarity takes "12 %" and "15 %", "is" and "is not", for nearly one.
 */
export async function findParaphrases(
  text: string,
  claims: readonly Claim[],
  sources: readonly Source[],
  similarity: TextSimilarity,
  signal: AbortSignal,
): Promise<Paraphrases> {
  const library = prepare(sources);
  const found = new Map<string, Citation>();
  for (const claim of claims) {
    if (claim.state !== 'unsupported') continue;
    const sentence = text.slice(claim.start, claim.end);
    const read = readClaim(sentence, library);
    if (read === null) continue;
    const able = library.candidates
      .filter((candidate) => mayMean(read, candidate))
      .toSorted((a, b) => shared(read, b) - shared(read, a))
      .slice(0, mostCompared);
    if (able.length === 0) continue;
    const scores = await similarity.compare(
      sentence,
      able.map(({ text: one }) => one),
      signal,
    );
    const best = Math.max(...scores);
    const candidate = able[scores.indexOf(best)];
    if (candidate !== undefined && best >= similarity.sameFrom) {
      found.set(placeOf(claim), citationOf(candidate));
    }
  }
  return found;
}

function mayMean(claim: ReadClaim, candidate: Candidate): boolean {
  const { keys, title, before } = candidate;
  if (claim.numbers.some((number) => !keys.has(number))) return false;
  if (unitDifferences(claim.quantities, candidate.quantities).length > 0) return false;
  if ([...claim.names].some((name) => !keys.has(name) && !title.has(name) && !before.has(name))) {
    return false;
  }
  const says = claim.tokens.some(({ negated }) => negated);
  return (
    says === candidate.negated.size > 0 && deniesKorean(claim.text) === deniesKorean(candidate.text)
  );
}

function shared(claim: ReadClaim, candidate: Candidate): number {
  return claim.tokens.filter(({ key }) => candidate.keys.has(key)).length;
}

/** Where a span stands in its document. */
export function citationOf({ source, span }: Pick<Candidate, 'source' | 'span'>): Citation {
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
