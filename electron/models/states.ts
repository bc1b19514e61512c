import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../core/ports.ts';
import type { Engine, LoadRequest } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { Settings } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { roomOf } from './disk/usage.ts';

/**
 * The folder `states` of the profile: what idle conversations had in memory when their model was ended
 * for lack of it. ENGINE writes and uses up the files (engine/states.ts); their room and their end are
 * decided here. A state dies with its conversation and with its model.
 */
export interface States {
  /** For a load; null where nothing is to be kept. */
  request(model: StoredModel): NonNullable<LoadRequest['states']> | null;
  /** Saves what rests in an engine. Never throws, never takes long. @returns bytes written. */
  save(model: StoredModel, engine: Pick<Engine, 'saveStates'>): Promise<number>;
  /** Bytes on disk of a conversation with a model. */
  savedBytes(conversationId: string, modelId: string): number;
  /** Removes a conversation's states, those too that are being written now. Never throws. */
  forget(conversationId: string): Promise<void>;
  /** Removes a model's states. Never throws. */
  removeModel(modelId: string): Promise<void>;
  /** Removes what belongs to no model or no conversation, and everything where nothing is to be kept. */
  start(models: readonly StoredModel[]): Promise<void>;
}

export interface StatesPorts {
  /** The profile. */
  readonly dataFolder: string;
  readonly settings: { get(): Settings };
  readonly log: Log;
  readonly isConversation: (id: string) => boolean;
  /** Free bytes of the disk that holds a folder; null = not known. */
  readonly free?: (folder: string) => Promise<number | null>;
}

const most = 4 * 1024 ** 3;
/** After this long no further state is begun; memory is short now. */
const limitMs = 5_000;
/** An engine that does not answer by then is ended without its states. */
const patienceMs = 10_000;
const namePattern = /^[0-9a-z-]{1,64}$/;

interface Saved {
  readonly modelId: string;
  readonly conversationId: string;
  readonly bytes: number;
  readonly at: number;
}

/** @returns bytes that all states may take: a tenth of what would be free without them, 4 GiB at most. */
export function stateBudget(free: number | null, held: number): number {
  return free === null ? 0 : Math.floor(Math.min(most, (free + held) / 10));
}

export function createStates(ports: StatesPorts): States {
  const { dataFolder, settings, log, isConversation } = ports;
  const root = join(dataFolder, 'states');
  const free = ports.free ?? (async (folder) => (await roomOf(folder))?.free ?? null);
  /** Conversations that were forgotten while states were written. */
  const forgotten = new Set<string>();
  let saving = 0;

  const isKept = (): boolean => settings.get().keepStates;
  const remove = (path: string): Promise<void> =>
    rm(path, { recursive: true, force: true }).catch(() => {});
  const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
  const removeState = async (modelId: string, conversationId: string): Promise<void> => {
    // First what makes the other valid.
    await remove(join(root, modelId, `${conversationId}.json`));
    await remove(join(root, modelId, `${conversationId}.state`));
  };
  const removeEverywhere = async (conversationId: string): Promise<void> => {
    if (!namePattern.test(conversationId)) return;
    for (const modelId of await names(root)) await removeState(modelId, conversationId);
  };

  const list = async (): Promise<Saved[]> => {
    const saved: Saved[] = [];
    for (const modelId of await names(root)) {
      for (const name of await names(join(root, modelId))) {
        if (!name.endsWith('.json')) continue;
        const conversationId = name.slice(0, -'.json'.length);
        const head = await stat(join(root, modelId, name)).catch(() => null);
        const bytes = savedBytes(conversationId, modelId);
        if (head !== null) saved.push({ modelId, conversationId, bytes, at: head.mtimeMs });
      }
    }
    return saved.sort((a, b) => a.at - b.at);
  };
  const sum = (saved: readonly Saved[]): number => saved.reduce((all, { bytes }) => all + bytes, 0);

  const savedBytes: States['savedBytes'] = (conversationId, modelId) => {
    if (!namePattern.test(conversationId)) return 0;
    return ['json', 'state'].reduce((all, kind) => {
      const path = join(root, modelId, `${conversationId}.${kind}`);
      return all + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    }, 0);
  };

  const write = async (engine: Pick<Engine, 'saveStates'>): Promise<number> => {
    saving += 1;
    try {
      await mkdir(root, { recursive: true, mode: 0o700 });
      await chmod(root, 0o700);
      const before = await list();
      const budget = stateBudget(await free(root), sum(before));
      const bytes = await engine.saveStates({ budget, limitMs });
      // The oldest give way, of whichever model.
      const now = await list();
      for (let over = sum(now) - budget; over > 0 && now.length > 0;) {
        const oldest = now.shift() as Saved;
        await removeState(oldest.modelId, oldest.conversationId);
        over -= oldest.bytes;
      }
      return bytes;
    } finally {
      saving -= 1;
      const late = [...forgotten];
      if (saving === 0) forgotten.clear();
      for (const id of late) await removeEverywhere(id);
    }
  };

  return {
    savedBytes,
    request(model) {
      if (!isKept() || !namePattern.test(model.id)) return null;
      const content = [model.sha256, model.bytes, model.modifiedAt].join(' ');
      return { folder: join(root, model.id), model: content, budget: most };
    },
    async save(model, engine) {
      if (!isKept() || !namePattern.test(model.id)) return 0;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<number>((resolve) => {
        timer = setTimeout(resolve, patienceMs, 0);
      });
      const written = write(engine).catch((error: unknown) => {
        log.warn('states.not-saved', { model: model.id, code: toErrorShape(error).code });
        return 0;
      });
      const bytes = await Promise.race([written, late]);
      clearTimeout(timer);
      if (bytes > 0) log.info('states.saved', { model: model.id, bytes });
      return bytes;
    },
    async forget(conversationId) {
      if (saving > 0) forgotten.add(conversationId);
      await removeEverywhere(conversationId);
    },
    async removeModel(modelId) {
      if (namePattern.test(modelId)) await remove(join(root, modelId));
    },
    async start(models) {
      if (!isKept()) {
        await remove(root);
        return;
      }
      const known = new Set(models.map(({ id }) => id));
      for (const modelId of await names(root)) {
        if (!known.has(modelId)) await remove(join(root, modelId));
      }
      for (const { modelId, conversationId } of await list()) {
        if (!isConversation(conversationId)) await removeState(modelId, conversationId);
      }
    },
  };
}
