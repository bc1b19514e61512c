import type { Difference } from '../ipc/contract/index.ts';
import type { ReadClaim } from './claim.ts';
import { coverage, deniesKorean } from './coverage.ts';
import { namesWithin } from './evidence-library.ts';
import type { Candidate, Library } from './evidence-library.ts';
import { unitDifferences } from './quantities.ts';
import type { Quantity } from './quantities.ts';

/**
 * Share of a statement's words, values set aside, that a span must hold to be the same statement. Higher
 * than what support needs: calling an answer wrong needs more than not calling it right.
 */
const sameStatement = 0.74;
const sameDenial = 0.8;
/** Korean verbs change with a denial, and are compared by pairs of letters. */
const sameKoreanDenial = 0.62;
/** Words that must agree besides: "12 percent" and "15 percent" alone are no statement. */
const fewestWords = 2;

export interface Contradiction {
  readonly candidate: Candidate;
  readonly differences: readonly Difference[];
}

/** The span that says the same with other values, if there is one; only for what nothing supports. */
export function contradictionOf(
  claim: ReadClaim,
  sentence: string,
  library: Library,
): Contradiction | null {
  let best: Contradiction | null = null;
  let bestShare = 0;
  for (const candidate of library.candidates) {
    const found = compare(claim, sentence, candidate, library);
    if (found === null || found.share <= bestShare) continue;
    best = { candidate, differences: found.differences };
    bestShare = found.share;
  }
  return best;
}

interface Compared {
  readonly share: number;
  readonly differences: readonly Difference[];
}

function compare(
  claim: ReadClaim,
  sentence: string,
  candidate: Candidate,
  library: Library,
): Compared | null {
  const values = valueDifferences(claim, candidate);
  if (values === null) return null;
  if (values.length > 0) {
    const share = coverage(claim, candidate, library, { values: true });
    return share >= sameStatement && agreeing(claim, candidate) >= fewestWords
      ? { share, differences: values }
      : null;
  }
  const denial = coverage(claim, candidate, library, { denial: true });
  const isKorean = deniesKorean(claim.text) !== deniesKorean(candidate.text);
  if (denial >= (isKorean ? sameKoreanDenial : sameDenial) && denies(claim, candidate)) {
    const differences = [{ kind: 'denial' as const, said: sentence.trim(), found: candidate.text }];
    return { share: denial, differences };
  }
  return nameDifference(claim, candidate, library);
}

function denies(claim: ReadClaim, candidate: Candidate): boolean {
  const said = claim.tokens.some(({ key, negated }) => negated && candidate.keys.has(key));
  const found = claim.tokens.some(({ key }) => candidate.negated.has(key));
  return said !== found || deniesKorean(claim.text) !== deniesKorean(candidate.text);
}

/** Words that are no values and stand in both. */
function agreeing(claim: ReadClaim, candidate: Candidate): number {
  const words = claim.tokens.filter(
    ({ key, kind }) => kind !== 'number' && !claim.units.has(key) && candidate.keys.has(key),
  );
  return new Set(words.map(({ key }) => key)).size;
}

/** null where a value has no counterpart: then it is not known to be the same statement. */
function valueDifferences(claim: ReadClaim, candidate: Candidate): Difference[] | null {
  const said = claim.quantities.filter(({ key }) => claim.numbers.includes(key));
  const differences: Difference[] = unitDifferences(said, candidate.quantities).map((pair) => ({
    kind: 'unit',
    said: pair.said.raw,
    found: pair.found.raw,
  }));
  const free = candidate.quantities.filter(({ key }) => !said.some((one) => one.key === key));
  for (const one of said) {
    if (candidate.keys.has(one.key)) continue;
    const at = free.findIndex((other) => isCounterpart(one, other));
    const [other] = at < 0 ? [] : free.splice(at, 1);
    if (other === undefined) return null;
    const kind = one.kind === 'number' && !isOfDate(one) ? 'number' : 'date';
    differences.push({ kind, said: one.raw, found: other.raw });
  }
  return differences;
}

function isOfDate({ before, after }: Quantity): boolean {
  return before?.startsWith('month:') === true || after?.startsWith('month:') === true;
}

function isCounterpart(one: Quantity, other: Quantity): boolean {
  if (one.kind !== other.kind) return false;
  if (one.kind !== 'number') return true;
  if (one.unit !== null || other.unit !== null) return one.unit === other.unit;
  return (
    (one.after !== null && one.after === other.after) ||
    (one.before !== null && one.before === other.before) ||
    (isOfDate(one) && isOfDate(other))
  );
}

/** One name in the place of another: the word before or behind it is the same. */
function nameDifference(claim: ReadClaim, candidate: Candidate, library: Library): Compared | null {
  const missing = [...claim.names].filter(
    (name) =>
      !candidate.keys.has(name) && !candidate.title.has(name) && !candidate.before.has(name),
  );
  if (missing.length === 0 || missing.length > 2) return null;
  // The subject itself is another one: then it is no word of this one.
  if (missing.some((name) => claim.subject.has(name))) return null;
  const share = coverage(claim, candidate, library, { names: new Set(missing) });
  if (share < sameDenial || agreeing(claim, candidate) < fewestWords) return null;
  const own = candidate.tokens.filter(({ kind }) => kind !== 'stop');
  const theirs = namesWithin(own, library.names);
  const words = claim.tokens;
  const differences = missing.flatMap((name): Difference[] => {
    const at = words.findIndex(({ key }) => key === name);
    const beside = [words[at - 1]?.key, words[at + 1]?.key];
    const other = own.find(({ key }, index) => {
      if (!theirs.has(key) || claim.names.has(key)) return false;
      const [before, after] = [own[index - 1]?.key, own[index + 1]?.key];
      return (
        (before !== undefined && before === beside[0]) ||
        (after !== undefined && after === beside[1])
      );
    });
    const token = words[at];
    if (other === undefined || token === undefined) return [];
    return [
      {
        kind: 'name',
        said: claim.text.slice(token.start, token.end),
        found: candidate.text.slice(other.start, other.end),
      },
    ];
  });
  return differences.length === missing.length ? { share, differences } : null;
}
