import { frameCount } from './parts.ts';
import type { StateKind } from './port.ts';
import type { Seal } from './seal.ts';
import type { Section, SequenceLayout } from './seq-file.ts';
import { rowBytes } from './seq-file.ts';
import type { Entry, Proofs } from './tree.ts';

/** Raised when files, or what token ids are made of, change their meaning. */
export const format = 3;

/** A state without what it stands on, as its sidecar tells it. */
export interface Described extends Pick<
  Entry,
  'id' | 'salt' | 'kind' | 'shared' | 'length' | 'layout' | 'proofs' | 'born'
> {
  readonly parent: string | null;
  readonly owners: readonly string[];
}

const kinds: readonly StateKind[] = ['turn', 'prompt', 'answer', 'base', 'document'];

/** The kind of a state that was kept as both. */
export function worthier(one: StateKind, other: StateKind): StateKind {
  return kinds.indexOf(one) > kinds.indexOf(other) ? one : other;
}

/** Bytes of a state's file: no token and no text stands in it. Its length does not depend on the proofs. */
export function writeSidecar(seal: Seal, key: string, described: Described): Buffer {
  const { id, layout, proofs } = described;
  const text = JSON.stringify({
    format,
    key,
    id,
    salt: described.salt,
    kind: described.kind,
    owners: described.owners,
    parent: described.parent,
    shared: described.shared,
    length: described.length,
    born: described.born,
    streams: layout.streams,
    stream: layout.stream,
    sequence: layout.sequence,
    sections: layout.sections.map(({ type, row }) => [type, row]),
    tail: layout.tail,
    proofs: [proofs.tokens, proofs.rows, proofs.tail].map((each) => each.toString('base64')),
  });
  return seal.sealText(sidecarName(key, id), text);
}

/** null where anything is not as it was written by this store under this id and key. */
export function readSidecar(seal: Seal, key: string, id: string, bytes: Buffer): Described | null {
  const text = seal.openText(sidecarName(key, id), bytes);
  if (text === null) return null;
  try {
    const described = check(JSON.parse(text) as Record<string, unknown>, seal);
    return described.id === id && described.key === key ? described : null;
  } catch {
    return null;
  }
}

/** What a state's sidecar is sealed as; `version`: of the format that it was written in. */
export function sidecarName(key: string, id: string, version = format): string {
  return `state ${version} ${key} ${id}`;
}

function check(found: Record<string, unknown>, seal: Seal): Described & { readonly key: string } {
  if (found['format'] !== format) throw new Error('another format');
  const length = count(found['length'], 2 ** 24);
  const shared = count(found['shared'], length);
  const parent = found['parent'] === null ? null : word(found['parent'], idPattern);
  if (length === 0 || (parent === null) !== (shared === 0)) throw new Error('no length');
  const layout: SequenceLayout = {
    streams: count(found['streams'], 4096),
    stream: count(found['stream'], 4095),
    sequence: count(found['sequence'], 4095),
    sections: list(found['sections']).map(toSection),
    tail: count(found['tail'], Number.MAX_SAFE_INTEGER),
  };
  const own = length - shared;
  const [tokens, rows, tail] = list(found['proofs']).map((each) =>
    Buffer.from(word(each, /^[A-Za-z0-9+/=]*$/), 'base64'),
  );
  const proofs: Proofs = {
    tokens: proofsFor(tokens, own * 4, seal),
    rows: proofsFor(rows, own * rowBytes(layout), seal),
    // None where the recurrent part has been given up.
    tail: tail?.length === 0 ? tail : proofsFor(tail, layout.tail, seal),
  };
  return {
    key: word(found['key'], /^/),
    id: word(found['id'], idPattern),
    salt: word(found['salt'], idPattern),
    kind: kindOf(found['kind']),
    owners: list(found['owners']).map((owner) => word(owner, /^/)),
    born: count(found['born'], Number.MAX_SAFE_INTEGER),
    ...{ parent, shared, length, layout, proofs },
  };
}

export const idPattern = /^[0-9a-f]{32}$/;

function kindOf(value: unknown): StateKind {
  const kind = kinds.find((each) => each === value);
  if (kind === undefined) throw new Error('another kind');
  return kind;
}

function toSection(value: unknown): Section {
  const [type, row] = list(value);
  return { type: count(type, 255), row: count(row, 2 ** 24) };
}

function proofsFor(proofs: Buffer | undefined, bytes: number, { proofBytes }: Seal): Buffer {
  if (proofs?.length !== frameCount(bytes) * proofBytes) throw new Error('proofs are missing');
  return proofs;
}

function count(value: unknown, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > most) {
    throw new Error('no number of a state');
  }
  return value as number;
}

function word(value: unknown, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new Error('no word of a state');
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('no list of a state');
  return value as readonly unknown[];
}
