import type { RetrievedPassage, Retriever } from '../documents/retrieve/index.ts';
import type {
  Claim,
  DocumentScope,
  Message,
  SearchedFacts,
  Source,
} from '../ipc/contract/index.ts';
import { weighedWords } from './answerable.ts';
import { searchQuery, shapeFor, sourcesFrom } from './passages.ts';
import { tokenize } from './text.ts';

/** Passages that are offered to look at. */
const mostNearest = 3;
const mostUnknown = 8;
/** Words that ask, in the languages whose list of common words lacks them. */
const asks =
  /^(?:qui[eé]n(?:es)?|qu[eé]|cu[aá]ndo|cu[aá]nt[oa]s?|d[oó]nde|c[oó]mo|cu[aá]l(?:es)?|누구|누가|언제|어디|무엇|어떻게|얼마)$/iu;
/** Words for the documents themselves: that they stand in none says nothing. */
const ofDocuments = /^(?:documents?|files?|texts?|documentos?|archivos?|textos?|문서|파일)/iu;
/** A part of a question is found where one passage holds this share of its weight. */
const leastOfPart = 0.45;

/** Joints between questions within one: "and when …", "; how …", "? …". */
const joint =
  /[?;]\s+|,?\s+(?:and|or|y|e|o)\s+(?=(?:what|when|where|who|whose|whom|which|why|how|is|are|was|were|does|do|did|can|qué|cuándo|dónde|quién|cuál|cómo|cuánto|cuánta|por qué)(?:\s|$))|,\s+(?=(?:what|when|where|who|which|why|how)\s)|(?:이고|하고|그리고|,)\s+(?=[\p{L}\s]{0,20}(?:언제|어디|누구|무엇|얼마|왜|어떻게))/giu;

/** The questions that a question joins, as they were written. */
export function partsOfQuestion(question: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const match of question.matchAll(joint)) {
    parts.push(question.slice(at, match.index));
    at = match.index + match[0].length;
  }
  parts.push(question.slice(at));
  return parts
    .map((part) => part.replace(/^[\s,;¿¡]+|[\s,;?¿.!]+$/gu, ''))
    .filter((part) => part !== '');
}

/**
 * Which parts of a question nothing found speaks of: questions within it, and names, numbers and codes
 * that stand in no passage. Works on words; what is said in other words counts as missing only where the
 * answer does not speak of it either.
 */
export function missingParts(
  path: readonly Message[],
  seen: readonly Source[],
  claims: readonly Claim[],
  answer: string,
): string[] {
  const question = path.at(-1)?.text ?? '';
  const parts = partsOfQuestion(question);
  const supported = new Set(
    claims
      .filter(({ state }) => state === 'supported')
      .flatMap(({ start, end }) => tokenize(answer.slice(start, end)))
      .map(({ key }) => key),
  );
  const missing = parts.length < 2 ? [] : parts.filter((part) => !isFound(part, seen, supported));
  if (missing.length === parts.length && parts.length > 1)
    return [question.replace(/[?¿]/g, '').trim()];
  const words = weighedWords(question, seen);
  const tokens = tokenize(question);
  const unknown = words.filter(({ key, found }) => {
    if (found > 0 || supported.has(key)) return false;
    const token = tokens.find((one) => one.key === key);
    const isFirst = token !== undefined && tokens[0] === token;
    return (
      token?.kind === 'number' || token?.kind === 'code' || (token?.capital === true && !isFirst)
    );
  });
  const named = unknown
    .map(({ word }) => word)
    .filter((word) => !missing.some((part) => part.includes(word)));
  return [...missing, ...named];
}

function isFound(part: string, seen: readonly Source[], supported: ReadonlySet<string>): boolean {
  const words = weighedWords(part, seen);
  const total = words.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return true;
  const share = (has: (key: string) => boolean): number =>
    words.reduce((sum, { key, weight }) => sum + (has(key) ? weight : 0), 0) / total;
  if (share((key) => supported.has(key)) >= leastOfPart) return true;
  return seen.some(({ documentName, heading, lead = '', text }) => {
    const keys = new Set(
      tokenize(`${documentName} ${heading ?? ''} ${lead} ${text}`).map(({ key }) => key),
    );
    return share((key) => keys.has(key)) >= leastOfPart;
  });
}

/** Scripts without spaces are compared by pairs of characters; half a word told a person nothing. */
const isWhole = (word: string, query: string): boolean =>
  !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(word) ||
  (query.match(/[\p{L}\p{N}]+/gu) ?? ([] as string[])).includes(word);

/**
 * What was looked for and where, with what comes nearest, for an answer that is not in the documents.
 *
 * @param found what the turn's own search gave, which also goes by meaning; searched again by words where it is empty
 */
export function searchedFacts(
  retriever: Pick<Retriever, 'search' | 'searchable'>,
  scope: DocumentScope,
  path: readonly Message[],
  found: readonly RetrievedPassage[] = [],
): SearchedFacts {
  const query = searchQuery(path);
  const hits = found.length > 0 ? found : retriever.search(query, { scope, limit: 12 });
  const shape = { ...shapeFor(2048), passages: mostNearest, atLeast: 0 };
  const unknown = weighedWords(query, hits)
    .filter(
      ({ found, word }) =>
        found === 0 &&
        !ofDocuments.test(word) &&
        isWhole(word, query) &&
        !asks.test(word) &&
        retriever.search(word, { scope, limit: 1 }).length === 0,
    )
    .map(({ word }) => word);
  return {
    query: path.at(-1)?.text ?? query,
    documents: retriever.searchable(scope),
    nearest: sourcesFrom(hits, shape),
    unknown: unknown.slice(0, mostUnknown),
  };
}
