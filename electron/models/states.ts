import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../core/ports.ts';
import type { Engine, LoadRequest } from '../engine/port.ts';
import {
  disownStates,
  readStatesFolder,
  removeNamed,
  trimStates,
} from '../engine/states/folder.ts';
import type { KeptState, StatesFolder } from '../engine/states/folder.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { ModelStates, Settings, StatesStatus } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { roomOf } from './disk/usage.ts';
import { automaticBudget, shareBudget } from './states-budget.ts';

/**
 * The folder `states` of the profile, with a folder for each model: what models have read, kept so that
 * it is not read again. While a model is loaded its ENGINE keeps that folder, within the bytes that it
 * is given here; otherwise it is kept from here. A state dies with its conversations and document sets,
 * and with its model.
 */
export interface States {
  /** For a load that begins now; null where nothing is to be kept. */
  request(model: StoredModel): Promise<NonNullable<LoadRequest['states']> | null>;
  /** Saves what rests in an engine. Never throws, never takes long. @returns bytes written. */
  save(model: StoredModel, engine: Pick<Engine, 'saveStates'>): Promise<number>;
  /** Bytes on disk of a conversation with a model, as they were a moment ago. */
  savedBytes(conversationId: string, modelId: string): number;
  /** A state at the end of this document set is kept for the model. */
  keepsDocuments(modelId: string, documentSet: string): Promise<boolean>;
  /** Removes a conversation's or a document set's states, those too that are being written now. Never throws. */
  forget(owner: string): Promise<void>;
  /** Removes a model's states. Never throws. */
  removeModel(modelId: string): Promise<void>;
  /** Models were loaded or ended: shares the budget anew. Never throws. */
  rebalance(): Promise<void>;
  /** The settings may be others now. Never throws. */
  settingsChanged(): Promise<void>;
  /** What MAIN's keychain keeps. Held in memory only. */
  hand(key: string | null, canProtect: boolean): void;
  /** Removes every state. @returns bytes given back. */
  clear(): Promise<number>;
  status(models: readonly StoredModel[]): Promise<StatesStatus>;
  /** Removes what belongs to no model, conversation or document set, and everything where nothing is to be kept. */
  start(models: readonly StoredModel[]): Promise<void>;
}

export interface StatesPorts {
  /** The profile. */
  readonly dataFolder: string;
  readonly settings: { get(): Settings };
  readonly log: Log;
  /** A conversation or document set of this name is there. */
  readonly isOwner: (id: string) => boolean;
  /** Engines that are loaded. */
  readonly loaded: () => readonly {
    readonly model: Pick<StoredModel, 'id'>;
    readonly engine: Pick<Engine, 'resizeStates' | 'forget'>;
  }[];
  /** The model has an engine, or one is being started or ended. */
  readonly isOpen: (modelId: string) => boolean;
  /** Free bytes of the disk that holds a folder; null = not known. */
  readonly free?: (folder: string) => Promise<number | null>;
}

/** After this long no further state is begun; memory is short now. */
const limitMs = 5_000;
/** An engine that does not answer by then is ended without its states. */
const patienceMs = 10_000;
const namePattern = /^[0-9a-z-]{1,64}$/;
/** A listing as old as this is good enough for a view. */
const freshMs = 2_000;

export function createStates(ports: StatesPorts): States {
  const { dataFolder, settings, log, isOwner } = ports;
  const root = join(dataFolder, 'states');
  const free = ports.free ?? (async (folder) => (await roomOf(folder))?.free ?? null);
  /** Bytes that the engine of a model was given. */
  const allotted = new Map<string, number>();
  /** Models whose engine was told to encrypt, or not to: where the setting is another one now, it keeps nothing. */
  const sealedAs = new Map<string, boolean>();
  /** Owners that were forgotten while states were saved. */
  const forgotten = new Set<string>();
  let saving = 0;
  const listed = new Map<string, { readonly at: number; readonly found: StatesFolder }>();
  let key: string | null = null;
  let canProtect = false;
  let before = settings.get();

  const folderOf = (modelId: string): string => join(root, modelId);
  const keyNow = (): string | null => (settings.get().encryptStates ? key : null);
  const isKept = (): boolean => {
    const { keepStates, encryptStates } = settings.get();
    return keepStates && (!encryptStates || key !== null);
  };
  const remove = (path: string): Promise<void> =>
    rm(path, { recursive: true, force: true }).catch(() => {});
  const folders = async (): Promise<string[]> =>
    (await readdir(root).catch(() => [])).filter((name) => namePattern.test(name));
  const read = async (modelId: string): Promise<StatesFolder> => {
    const found = await readStatesFolder(folderOf(modelId), keyNow());
    listed.set(modelId, { at: Date.now(), found });
    return found;
  };
  const readAll = async (): Promise<ReadonlyMap<string, StatesFolder>> => {
    const all = new Map<string, StatesFolder>();
    for (const modelId of await folders()) all.set(modelId, await read(modelId));
    for (const modelId of listed.keys()) if (!all.has(modelId)) listed.delete(modelId);
    return all;
  };
  const sum = (all: ReadonlyMap<string, StatesFolder>): number =>
    [...all.values()].reduce((bytes, found) => bytes + found.bytes, 0);

  const budgetNow = async (held: number): Promise<{ budget: number; automatic: number | null }> => {
    const room = await free(dataFolder);
    const automatic = room === null ? null : automaticBudget(room, held);
    const chosen = settings.get().statesBudget;
    return { budget: chosen ?? automatic ?? 0, automatic };
  };

  // One after the other: each looks at what the one before has left.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = queue.then(work);
    queue = mine.catch(() => undefined);
    return mine;
  };
  const quietly = (work: () => Promise<void>): Promise<void> =>
    inTurn(work).catch((error: unknown) => {
      log.warn('states.failed', { code: toErrorShape(error).code });
    });
  /** An engine that fails here is on its way out. */
  const resize = async (
    { model, engine }: ReturnType<StatesPorts['loaded']>[number],
    budget: number,
  ): Promise<void> => {
    if (allotted.get(model.id) === budget) return;
    await engine.resizeStates(budget).catch(() => 0);
    allotted.set(model.id, budget);
  };

  /** @param opening A model whose engine is about to be started. @returns its bytes. */
  const share = async (opening?: string): Promise<number> => {
    const open = new Set([...allotted.keys()].filter(ports.isOpen));
    if (opening !== undefined) open.add(opening);
    for (const modelId of allotted.keys()) if (!open.has(modelId)) allotted.delete(modelId);
    const all = await readAll();
    const { budget } = isKept() ? await budgetNow(sum(all)) : { budget: 0 };
    const closed = [...all].filter(([modelId]) => !open.has(modelId));
    const held = closed.reduce((bytes, [, found]) => bytes + found.bytes, 0);
    const { rest } = shareBudget(budget, open.size, held);
    const freed = await trimClosed(closed, held - rest);
    const { each } = shareBudget(budget, open.size, held - freed);
    // Those that give come before those that get: the sum is never above the budget.
    const { encryptStates } = settings.get();
    const loaded = ports
      .loaded()
      .filter(({ model }) => allotted.has(model.id))
      .map((entry) => ({ entry, bytes: sealedAs.get(entry.model.id) === encryptStates ? each : 0 }))
      .map((one) => ({ ...one, grows: one.bytes - (allotted.get(one.entry.model.id) ?? 0) }))
      .sort((a, b) => a.grows - b.grows);
    for (const { entry, bytes } of loaded) await resize(entry, bytes);
    if (opening !== undefined) {
      allotted.set(opening, each);
      sealedAs.set(opening, encryptStates);
    }
    return each;
  };

  /** The folder that was not used for longest gives first. @returns bytes given back. */
  const trimClosed = async (
    closed: readonly (readonly [string, StatesFolder])[],
    over: number,
  ): Promise<number> => {
    const usedAt = ({ states }: StatesFolder): number => states.at(-1)?.usedAt ?? 0;
    let left = over;
    for (const [modelId, found] of [...closed].sort((a, b) => usedAt(a[1]) - usedAt(b[1]))) {
      if (left <= 0) break;
      await trimStates(folderOf(modelId), Math.max(0, found.bytes - left), keyNow());
      left -= found.bytes - (await read(modelId)).bytes;
    }
    return over - left;
  };

  const disown = async (isGone: (owner: string) => boolean): Promise<void> => {
    // While an engine has a folder open, its files are the engine's.
    for (const modelId of (await folders()).filter((id) => !ports.isOpen(id))) {
      const cached = await read(modelId);
      if (!cached.states.some(({ owners }) => owners.some(isGone)) && isWhole(cached)) continue;
      await disownStates(folderOf(modelId), isGone, keyNow());
      await read(modelId);
    }
  };

  const clearAll = async (): Promise<number> => {
    const all = sum(await readAll());
    for (const entry of ports.loaded()) await resize(entry, 0);
    for (const modelId of await folders()) {
      if (!ports.isOpen(modelId)) await remove(folderOf(modelId));
    }
    return Math.max(0, all - sum(await readAll()));
  };

  return {
    savedBytes(conversationId, modelId) {
      const known = listed.get(modelId);
      if (known === undefined || Date.now() - known.at > freshMs) {
        void read(modelId).catch(() => undefined);
      }
      return known === undefined ? 0 : bytesOf(known.found.states, conversationId);
    },
    async keepsDocuments(modelId, documentSet) {
      if (!isKept() || !namePattern.test(modelId)) return false;
      const { states } = await read(modelId);
      return states.some(({ kind, owners }) => kind === 'document' && owners.includes(documentSet));
    },
    request: (model) =>
      inTurn(async () => {
        if (!isKept() || !namePattern.test(model.id)) return null;
        await mkdir(root, { recursive: true, mode: 0o700 });
        await chmod(root, 0o700);
        const budget = await share(model.id);
        const content = [model.sha256, model.bytes, model.modifiedAt].join(' ');
        const sealing = keyNow();
        return {
          folder: folderOf(model.id),
          model: content,
          budget,
          ...(sealing !== null && { key: sealing }),
        };
      }),
    async save(model, engine) {
      const budget = allotted.get(model.id) ?? 0;
      if (!isKept() || budget === 0) return 0;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<number>((resolve) => {
        timer = setTimeout(resolve, patienceMs, 0);
      });
      saving += 1;
      const written = engine
        .saveStates({ budget, limitMs })
        .catch((error: unknown) => {
          log.warn('states.not-saved', { model: model.id, code: toErrorShape(error).code });
          return 0;
        })
        .finally(async () => {
          saving -= 1;
          for (const owner of forgotten) await removeNamed(folderOf(model.id), owner);
          if (saving === 0) forgotten.clear();
        });
      const bytes = await Promise.race([written, late]);
      clearTimeout(timer);
      if (bytes > 0) log.info('states.saved', { model: model.id, bytes });
      return bytes;
    },
    async forget(owner) {
      // What is being written now is the engine's to leave; it is told first.
      const told = ports.loaded().map(({ engine }) => engine.forget(owner).catch(() => undefined));
      if (saving > 0) forgotten.add(owner);
      await Promise.all(told);
      await quietly(async () => {
        await disown((one) => one === owner);
        if (!namePattern.test(owner)) return;
        for (const modelId of await folders()) await removeNamed(folderOf(modelId), owner);
      });
    },
    async removeModel(modelId) {
      if (!namePattern.test(modelId)) return;
      allotted.delete(modelId);
      listed.delete(modelId);
      await quietly(() => remove(folderOf(modelId)));
    },
    rebalance: () => quietly(async () => void (await share())),
    settingsChanged: () =>
      quietly(async () => {
        const last = before;
        before = settings.get();
        const changed = (name: keyof Settings): boolean => before[name] !== last[name];
        if (changed('encryptStates') || (changed('keepStates') && !before.keepStates)) {
          await clearAll();
        } else if (!changed('statesBudget') && !changed('keepStates')) return;
        await share();
      }),
    hand(next, isProtecting) {
      const isNew = key === null && next !== null;
      key = next;
      canProtect = isProtecting;
      // What could not be read at the start can be now.
      if (isNew && settings.get().encryptStates) {
        void quietly(() => disown((owner) => !isOwner(owner)));
      }
    },
    clear: () =>
      inTurn(async () => {
        const bytes = await clearAll();
        // Emptied engines may keep again.
        await share();
        log.info('states.cleared', { bytes });
        return bytes;
      }),
    async status(models) {
      const all = await readAll();
      const { budget, automatic } = await budgetNow(sum(all));
      const names = new Map(models.map(({ id, name }) => [id, name]));
      const { keepStates, encryptStates } = settings.get();
      return {
        isKept: keepStates,
        bytes: sum(all),
        budget,
        automatic,
        models: [...all].flatMap(([modelId, found]): ModelStates[] => {
          const documents = documentBytes(found.states);
          const isLoaded = ports.loaded().some(({ model }) => model.id === modelId);
          if (found.bytes === 0 && !isLoaded) return [];
          return [
            {
              modelId,
              name: names.get(modelId) ?? modelId,
              conversations: found.bytes - documents,
              documents,
              allotted: isLoaded ? (allotted.get(modelId) ?? 0) : null,
            },
          ];
        }),
        encryption: { isOn: encryptStates, canProtect, hasKey: encryptStates && key !== null },
      };
    },
    start: (models) =>
      quietly(async () => {
        if (!settings.get().keepStates) {
          await remove(root);
          return;
        }
        const known = new Set(models.map(({ id }) => id));
        for (const modelId of await readdir(root).catch(() => [])) {
          if (!known.has(modelId)) await remove(folderOf(modelId));
        }
        // Encrypted ones cannot be read before the key is there: see `hand`.
        if (!settings.get().encryptStates) await disown((owner) => !isOwner(owner));
      }),
  };
}

/** Nothing in the folder but states that can be read. */
function isWhole({ states, bytes }: StatesFolder): boolean {
  return states.reduce((all, state) => all + state.bytes, 0) === bytes;
}

/** Of the states that the owner has a part in. */
function bytesOf(states: readonly KeptState[], owner: string): number {
  return states
    .filter(({ owners }) => owners.includes(owner))
    .reduce((bytes, state) => bytes + state.bytes, 0);
}

/** Of the states at the end of documents. */
function documentBytes(states: readonly KeptState[]): number {
  return states
    .filter(
      ({ kind, owners }) => kind === 'document' || owners.every((one) => one.startsWith('doc:')),
    )
    .reduce((bytes, state) => bytes + state.bytes, 0);
}
