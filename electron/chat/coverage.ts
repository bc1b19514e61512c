import type { ReadClaim } from './claim.ts';
import type { Candidate, Library } from './evidence-library.ts';
import { unitDifferences } from './quantities.ts';

/** What a word counts for that stands not in the span but in its title or the sentences before it. */
const contextWeight = 0.8;

/** What of a statement is not compared: to find the span that says the same of something else. */
export interface SetAside {
  readonly values?: true;
  readonly denial?: true;
  readonly names?: ReadonlySet<string>;
}

/** 0 when something that must be there is not, else the share of the claim's weight that is. */
export function coverage(
  claim: ReadClaim,
  candidate: Candidate,
  library: Library,
  setAside: SetAside = {},
): number {
  if (!setAside.values) {
    if (claim.numbers.some((number) => !candidate.keys.has(number))) return 0;
    if (unitDifferences(claim.quantities, candidate.quantities).length > 0) return 0;
  }
  const isValue = (key: string): boolean =>
    setAside.values === true && (claim.numbers.includes(key) || claim.units.has(key));
  let matched = 0;
  let matchedInSpan = 0;
  let total = 0;
  let denies = false;
  let denied = false;
  for (const { key, negated } of claim.tokens) {
    if (isValue(key) || setAside.names?.has(key)) continue;
    const weight = library.weight(key);
    total += weight;
    if (candidate.keys.has(key) || (claim.units.has(key) && countsAlike(claim, candidate))) {
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
  const isDenied = denies !== denied || deniesKorean(claim.text) !== deniesKorean(candidate.text);
  return matchedInSpan === 0 || (isDenied && !setAside.denial) ? 0 : matched / total;
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

/** Korean denies at the verb, far from what it denies: whole sentences are compared. */
export function deniesKorean(text: string): boolean {
  return /지\s?(?:않|못|말)|(?:^|\s)(?:안|못)\s\p{L}|없(?:습|다|어|는|고|으)|아니(?:다|에|고|며|라)|아닙|금지/u.test(
    text,
  );
}

/** Every number of the statement that has a unit stands in the span with that unit, however it is spelt. */
function countsAlike(claim: ReadClaim, candidate: Candidate): boolean {
  return claim.quantities.every(
    ({ key, unit }) =>
      unit === null || candidate.quantities.some((one) => one.key === key && one.unit === unit),
  );
}
