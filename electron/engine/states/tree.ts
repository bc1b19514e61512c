import type { SequenceLayout } from './seq-file.ts';
import { rowBytes } from './seq-file.ts';
import type { StateKind } from './port.ts';

/** Checksums or tags of a state's parts, frame by frame. */
export interface Proofs {
  readonly tokens: Buffer;
  readonly rows: Buffer;
  readonly tail: Buffer;
}

/** A kept state, or what is left of one: rows that others need. */
export interface Entry {
  readonly id: string;
  /** Names its data files and makes their key. Another one whenever they are written anew. */
  salt: string;
  kind: StateKind;
  readonly owners: Set<string>;
  /** Whose rows stand before `shared`. */
  readonly parent: Entry | null;
  readonly shared: number;
  /** Tokens in all; its own are those from `shared` on. */
  length: number;
  tokens: Uint32Array;
  readonly layout: SequenceLayout;
  proofs: Proofs;
  sidecarBytes: number;
  hasTail: boolean;
  /** Milliseconds since 1970 when it was kept. */
  readonly born: number;
  /** Counts up with every use of any state. */
  used: number;
  /** No state any more: only its rows, while somebody needs them. */
  gone: boolean;
  /** Its rows are not to be trusted. */
  broken: boolean;
  /** Readers of its files: none of them may go. */
  pins: number;
  /** Rows that a state being kept needs. */
  readonly holds: Set<{ readonly shared: number }>;
}

export const ownLength = (entry: Entry): number => entry.length - entry.shared;

export const tokenBytes = (entry: Entry): number => ownLength(entry) * 4;

export const ownRowBytes = (entry: Entry): number => ownLength(entry) * rowBytes(entry.layout);

/** Of the file with tokens and rows. */
export const dataBytes = (entry: Entry): number => tokenBytes(entry) + ownRowBytes(entry);

export const tailBytes = (entry: Entry): number => (entry.hasTail ? entry.layout.tail : 0);

/** Where a section's own rows begin among the rows. */
export function sectionStart(entry: Entry, section: number): number {
  const before = entry.layout.sections.slice(0, section);
  return before.reduce((sum, { row }) => sum + row, 0) * ownLength(entry);
}

export interface Piece {
  readonly entry: Entry;
  /** Tokens, counted from the start of the sequence. */
  readonly from: number;
  readonly to: number;
}

/** Whose rows make up the first `length` ones of a state, in order. */
export function piecesOf(entry: Entry, length: number): Piece[] {
  const pieces: Piece[] = [];
  let to = length;
  for (let at: Entry | null = entry; at !== null; at = at.parent) {
    if (to > at.shared) {
      pieces.unshift({ entry: at, from: at.shared, to });
      to = at.shared;
    }
  }
  return pieces;
}

export function tokensOf(entry: Entry, length: number): Uint32Array {
  const tokens = new Uint32Array(length);
  for (const { entry: owner, from, to } of piecesOf(entry, length)) {
    tokens.set(owner.tokens.subarray(0, to - from), from);
  }
  return tokens;
}

/** How many tokens a state and a list have in common from the start. `known` is filled for one list. */
export function inCommon(
  entry: Entry,
  tokens: ArrayLike<number>,
  known = new Map<Entry, number>(),
): number {
  const found = known.get(entry);
  if (found !== undefined) return found;
  const before = entry.parent === null ? 0 : inCommon(entry.parent, tokens, known);
  let at = Math.min(before, entry.shared);
  if (at === entry.shared) {
    const end = Math.min(entry.length, tokens.length);
    while (at < end && entry.tokens[at - entry.shared] === tokens[at]) at += 1;
  }
  known.set(entry, at);
  return at;
}

/** States that stand on rows of this one. */
export function childrenOf(entries: Iterable<Entry>, entry: Entry): Entry[] {
  return [...entries].filter((other) => other.parent === entry);
}

/** Rows of this state, counted from the start, that others need. */
export function neededRows(entries: Iterable<Entry>, entry: Entry): number {
  const needs = [...childrenOf(entries, entry), ...entry.holds].map(({ shared }) => shared);
  return Math.max(0, ...needs);
}

/** The entry and everything that stands on its rows. */
export function withDescendants(entries: readonly Entry[], entry: Entry): Entry[] {
  const children = childrenOf(entries, entry);
  return [entry, ...children.flatMap((child) => withDescendants(entries, child))];
}

/**
 * The state to give up next, or null. First what stands between: all but the beginnings and the newest
 * prompt and answer of each conversation, the one used longest ago first. Then the rest by use too, but
 * documents and places where answers branch off last four times as long.
 * @param now The count of uses.
 */
export function leastValuable(entries: readonly Entry[], now: number): Entry | null {
  const newest = newestOf(entries);
  let worst: { entry: Entry; isInner: boolean; age: number } | null = null;
  for (const entry of entries) {
    if (entry.gone || entry.pins > 0) continue;
    const children = childrenOf(entries, entry);
    const isNeeded = children.length > 0 || entry.holds.size > 0;
    // Its rows would stay: nothing would be won.
    if (isNeeded && tailBytes(entry) === 0) continue;
    const branches = children.filter(({ shared }) => shared === entry.length).length;
    const value = worth(entry, branches, newest);
    const isInner = value === 0;
    const age = (now - entry.used + 1) / (value || 1);
    const isWorse =
      worst === null ||
      (isInner && !worst.isInner) ||
      (isInner === worst.isInner && age > worst.age);
    if (isWorse) worst = { entry, isInner, age };
  }
  return worst?.entry ?? null;
}

function worth(entry: Entry, branches: number, newest: ReadonlySet<Entry>): number {
  if (entry.kind === 'document' || branches >= 2) return 4;
  if (entry.kind === 'base') return 1;
  if (entry.kind === 'turn') return 0;
  return newest.has(entry) ? 1 : 0;
}

/** The states that are, for one of their owners, the last of their kind. */
function newestOf(entries: readonly Entry[]): Set<Entry> {
  const last = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.gone) continue;
    for (const owner of entry.owners) {
      const name = `${entry.kind} ${owner}`;
      const other = last.get(name);
      const isLater =
        other === undefined ||
        entry.born > other.born ||
        (entry.born === other.born && entry.length > other.length);
      if (isLater) last.set(name, entry);
    }
  }
  return new Set(last.values());
}
