import { filterWords } from '../../../../../electron/ipc/contract/index.ts';
import type { TypedFilter, TypedPart } from '../../../../../electron/ipc/contract/index.ts';
import { fold } from '../../../state/chat/mentions.ts';

/** The value of a filter that is being written at the cursor. */
export interface ValueAt {
  readonly kind: TypedFilter['kind'];
  /** Without its quotes, up to the cursor. */
  readonly typed: string;
  /** [start, end) of the whole value in the query, quotes counted. */
  readonly start: number;
  readonly end: number;
}

/** What `in:con|` is about to become; null where the cursor stands in no filter. */
export function valueAt(query: string, caret: number): ValueAt | null {
  const match = /(?:^|\s)(\p{L}+):("[^"]*|[^\s"]*)$/u.exec(query.slice(0, caret));
  const word = fold(match?.[1] ?? '');
  const kind = Object.hasOwn(filterWords, word) ? filterWords[word] : undefined;
  if (match === null || kind === undefined) return null;
  const written = match[2] ?? '';
  const isQuoted = written.startsWith('"');
  const rest = (isQuoted ? /^[^"]*"?/ : /^\S*/).exec(query.slice(caret))?.[0] ?? '';
  const typed = isQuoted ? written.slice(1) : written;
  return { kind, typed, start: caret - written.length, end: caret + rest.length };
}

/** A value as it is typed: a filter ends at a space unless it is quoted. */
const quoted = (value: string): string =>
  /\s/.test(value) ? `"${value.replaceAll('"', '')}"` : value;

/** The query with the value put where it was begun, and where the cursor then stands. */
export function withValue(
  query: string,
  { start, end }: Pick<ValueAt, 'start' | 'end'>,
  value: string,
): { readonly query: string; readonly caret: number } {
  const before = `${query.slice(0, start)}${quoted(value)} `;
  return { query: before + query.slice(end).trimStart(), caret: before.length };
}

/** The query with one more filter behind it, ready for more words. */
export const withFilter = (query: string, { kind, value }: TypedFilter): string =>
  `${query.trim()} ${kind}:${quoted(value)} `.trimStart();

/** The query without some of its parts. Parts that no longer stand in it as they were read stay. */
export function withoutParts(
  query: string,
  parts: readonly TypedPart[],
  readQuery: string,
): string {
  let left = query;
  for (const { start, end } of [...parts].sort((a, b) => b.start - a.start)) {
    if (left.slice(start, end) !== readQuery.slice(start, end)) continue;
    const after = left.slice(end).trimStart();
    left = `${left.slice(0, start).trimEnd()} ${after}`.trim();
  }
  return left;
}
