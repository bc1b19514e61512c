import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateKind } from './port.ts';
import { createSeal } from './seal.ts';
import type { Seal } from './seal.ts';
import { idPattern, sidecarName } from './sidecar.ts';

/**
 * A model's folder of states as CORE sees it while no ENGINE has it open: who owns what, how many bytes
 * it takes, and how it goes. Nothing here knows llama.cpp or reads a token.
 *
 * A state's sidecar names its owners. One that nobody owns is removed together with what stands on its
 * rows: to find out which of those rows others need is ENGINE's work, and what is gone is read again.
 */
export interface KeptState {
  readonly id: string;
  readonly kind: StateKind;
  readonly owners: readonly string[];
  /** The state whose rows it shares. */
  readonly parent: string | null;
  /** Of its own files. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  readonly files: readonly string[];
}

export interface StatesFolder {
  readonly states: readonly KeptState[];
  /** Of everything in the folder. */
  readonly bytes: number;
}

interface Sidecar {
  readonly key: string;
  readonly format: number;
  readonly id: string;
  readonly salt: string;
  readonly kind: StateKind;
  readonly owners: readonly string[];
  readonly parent: string | null;
}

const largestSidecar = 64 * 1024 * 1024;

/** @param key Of the encryption, 32 bytes in base64; null = nothing is encrypted. */
export async function readStatesFolder(folder: string, key: string | null): Promise<StatesFolder> {
  const sizes = new Map<string, { readonly bytes: number; readonly at: number }>();
  for (const name of await readdir(folder).catch(() => [])) {
    const found = await lstat(join(folder, name)).catch(() => null);
    if (found?.isFile()) sizes.set(name, { bytes: found.size, at: found.mtimeMs });
  }
  const states: KeptState[] = [];
  const add = (one: Omit<KeptState, 'bytes' | 'usedAt' | 'files'>, names: string[]): void => {
    const files = names.filter((name) => sizes.has(name));
    const bytes = files.reduce((sum, name) => sum + (sizes.get(name)?.bytes ?? 0), 0);
    states.push({ ...one, bytes, usedAt: sizes.get(names[0] ?? '')?.at ?? 0, files });
  };
  for (const [name, { bytes }] of sizes) {
    const before = /^(.+)\.json$/.exec(name)?.[1];
    // As it was before states were shared: one a conversation, named after it.
    if (before !== undefined) {
      add({ id: before, kind: 'answer', owners: [before], parent: null }, [
        name,
        `${before}.state`,
      ]);
      continue;
    }
    const id = /^(.+)\.state$/.exec(name)?.[1] ?? '';
    if (!idPattern.test(id) || bytes > largestSidecar) continue;
    const sidecar = await readSidecar(folder, id, key);
    if (sidecar === null) continue;
    const { salt, kind, owners, parent } = sidecar;
    add({ id, kind, owners, parent }, [name, `${salt}.rows`, `${salt}.tail`]);
  }
  const all = [...sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return { states: states.sort((a, b) => a.usedAt - b.usedAt), bytes: all };
}

/**
 * Takes owners' names off every state, and removes those that nobody owns. What cannot be read (another
 * key, another version, damaged) is removed too: it may be theirs.
 */
export async function disownStates(
  folder: string,
  isGone: (owner: string) => boolean,
  key: string | null,
): Promise<void> {
  const found = await readStatesFolder(folder, key);
  const kept = new Map(found.states.map((state) => [state.id, state]));
  for (const state of found.states) {
    if (state.owners.every(isGone)) removeFrom(kept, state.id);
  }
  await keepOnly(folder, [...kept.values()]);
  for (const { id, owners } of kept.values()) {
    if (owners.some(isGone)) await rewriteOwners(folder, id, isGone, key);
  }
}

/** Removes a state of before states were shared: they bore their conversation's name. */
export async function removeNamed(folder: string, owner: string): Promise<void> {
  for (const kind of ['json', 'state']) {
    await rm(join(folder, `${owner}.${kind}`), { force: true }).catch(() => {});
  }
}

/** Removes the longest unused states until the folder takes no more than `budget`. */
export async function trimStates(
  folder: string,
  budget: number,
  key: string | null,
): Promise<void> {
  const found = await readStatesFolder(folder, key);
  if (found.bytes <= budget) return;
  const kept = new Map(found.states.map((state) => [state.id, state]));
  const size = (): number => [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  while (size() > budget) {
    const needed = new Set([...kept.values()].map(({ parent }) => parent));
    const leaves = [...kept.values()].filter(({ id }) => !needed.has(id));
    const [oldest] = [...leaves.filter(({ kind }) => kind !== 'document'), ...leaves];
    if (oldest === undefined) break;
    kept.delete(oldest.id);
  }
  await keepOnly(folder, [...kept.values()]);
}

function removeFrom(states: Map<string, KeptState>, id: string): void {
  if (!states.delete(id)) return;
  for (const state of [...states.values()]) if (state.parent === id) removeFrom(states, state.id);
}

/** Sidecars go first: they make the other files valid. */
async function keepOnly(folder: string, states: readonly KeptState[]): Promise<void> {
  const kept = new Set(states.flatMap(({ files }) => files));
  const names = (await readdir(folder).catch(() => [])).filter((name) => !kept.has(name));
  const isSidecar = (name: string): boolean => /\.(state|json)$/.test(name);
  for (const name of [...names.filter(isSidecar), ...names.filter((one) => !isSidecar(one))]) {
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
}

async function rewriteOwners(
  folder: string,
  id: string,
  isGone: (owner: string) => boolean,
  key: string | null,
): Promise<void> {
  const path = join(folder, `${id}.state`);
  const sidecar = await readSidecar(folder, id, key);
  if (sidecar === null) return;
  const { mtime } = await lstat(path);
  const owners = sidecar.owners.filter((owner) => !isGone(owner));
  const text = JSON.stringify({ ...sidecar, owners });
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    const name = sidecarName(sidecar.key, id, sidecar.format);
    await file.writeFile(sealOf(key).sealText(name, text));
    // Its last use stays what it was.
    await file.utimes(mtime, mtime);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

/** null where it is not, byte for byte, what was written under this key. */
async function readSidecar(
  folder: string,
  id: string,
  key: string | null,
): Promise<Sidecar | null> {
  try {
    const bytes = await readFile(join(folder, `${id}.state`));
    const seal = sealOf(key);
    // What it was sealed as stands in it: read first, proved then.
    const told = JSON.parse(seal.peekText(bytes)) as Sidecar;
    const text = seal.openText(sidecarName(told.key, id, told.format), bytes);
    return text === null || told.id !== id ? null : told;
  } catch {
    return null;
  }
}

function sealOf(key: string | null): Seal {
  return createSeal(key === null ? null : Buffer.from(key, 'base64'));
}
