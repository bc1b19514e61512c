import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from './sessions.ts';

/**
 * States of conversations on disk: written before a model is ended for lack of memory, read when it is
 * loaded again and the conversation goes on. `<session>.state` is llama.cpp's own file, `<session>.json`
 * says what belongs to it and makes it valid: without it the state is nothing.
 */
export interface StateStore {
  /** Removes what was saved under another key, and halves of saves that broke off. */
  tidy(): Promise<void>;
  /** Saves one state. @returns bytes on disk; 0 where it could not be saved. */
  save(session: Session): Promise<number>;
  /** Takes a saved state away again. */
  drop(sessionId: string): Promise<void>;
  /**
   * Gives an empty session the state that was saved for it, and removes the files: they are used up,
   * whether they were right or not. @returns false where there is none or where anything is in doubt;
   * the session is empty then.
   */
  restore(session: Session): Promise<boolean>;
}

/** Raised when the files, or what token ids are made of, change their meaning. */
const format = 1;

/** What a state depends on: read into anything else it fails, or worse, does not fail. */
export interface StateOrigin {
  readonly modelPath: string;
  /** What CORE knows the file's content by. */
  readonly model: string;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: string;
  readonly backend: string;
  readonly engineVersion: string;
}

export async function stateKey(origin: StateOrigin): Promise<string> {
  const { size, mtimeMs } = await stat(origin.modelPath);
  const { modelPath, model, contextSize, sessions, kvType, backend, engineVersion } = origin;
  const facts = [format, modelPath, model, size, mtimeMs, contextSize, sessions, kvType, backend];
  return sha256(JSON.stringify([...facts, engineVersion]));
}

interface Sidecar {
  readonly key: string;
  readonly sessionId: string;
  /** Of the state file. */
  readonly bytes: number;
  readonly sha256: string;
  readonly tokens: readonly number[];
  /** See `Session.answers`. */
  readonly answers: readonly (readonly [text: string, tokens: readonly number[]])[];
}

const namePattern = /^[0-9a-z-]{1,64}$/;

/** @param folder Of this model alone; made private if need be. */
export function createStateStore(folder: string, key: string): StateStore {
  const stateOf = (id: string): string => join(folder, `${id}.state`);
  const sidecarOf = (id: string): string => join(folder, `${id}.json`);
  const drop = async (id: string): Promise<void> => {
    // First what makes the other valid.
    await rm(sidecarOf(id), { force: true });
    await rm(stateOf(id), { force: true });
  };

  const write = async ({ id, sequence, answers }: Session): Promise<number> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await drop(id);
    const part = `${stateOf(id)}.part`;
    const tokens = [...sequence.tokens];
    const written = await sequence.save(part);
    await flush(part);
    const { size } = await stat(part);
    if (size !== written) throw new Error('the state was not written whole');
    const digest = await hashOf(part);
    const sidecar: Sidecar = {
      key,
      sessionId: id,
      bytes: size,
      sha256: digest,
      tokens,
      answers: [...answers],
    };
    const body = JSON.stringify(sidecar);
    const text = `${sha256(body)}\n${body}`;
    const sidecarPart = `${sidecarOf(id)}.part`;
    const file = await open(sidecarPart, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, stateOf(id));
    await rename(sidecarPart, sidecarOf(id));
    return size + Buffer.byteLength(text);
  };

  return {
    drop,
    async tidy() {
      for (const name of await readdir(folder).catch(() => [])) {
        const [, id = '', kind] = /^(.*)\.(json|state)$/.exec(name) ?? [];
        const sidecar = kind === undefined ? null : await readSidecar(sidecarOf(id));
        if (sidecar?.key !== key) await rm(join(folder, name), { force: true, recursive: true });
      }
    },
    async save(session) {
      if (!namePattern.test(session.id) || session.sequence.length === 0) return 0;
      try {
        return await write(session);
      } catch {
        // A full disk, most likely: the conversation is read again then.
        await drop(session.id).catch(() => {});
        await rm(`${stateOf(session.id)}.part`, { force: true }).catch(() => {});
        await rm(`${sidecarOf(session.id)}.part`, { force: true }).catch(() => {});
        return 0;
      }
    },
    async restore({ id, sequence, answers }) {
      if (!namePattern.test(id) || sequence.length > 0 || answers.size > 0) return false;
      try {
        const sidecar = await readSidecar(sidecarOf(id));
        if (sidecar?.key !== key || sidecar.sessionId !== id) return false;
        if (sidecar.tokens.length === 0) return false;
        const { size } = await stat(stateOf(id));
        if (size !== sidecar.bytes || (await hashOf(stateOf(id))) !== sidecar.sha256) return false;
        // Before llama.cpp sees it: a file that ends the process must not end the next one too.
        await rm(sidecarOf(id));
        if (!(await sequence.load(stateOf(id), sidecar.tokens))) return false;
        for (const [text, ids] of sidecar.answers) answers.set(text, ids);
        return true;
      } catch {
        return false;
      } finally {
        await drop(id).catch(() => {});
      }
    },
  };
}

/** null where there is none, or not every byte is as it was written. */
async function readSidecar(path: string): Promise<Sidecar | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || sha256(body) !== text.slice(0, end)) return null;
  return JSON.parse(body) as Sidecar;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(piece as Buffer);
  }
  return hash.digest('hex');
}

async function flush(path: string): Promise<void> {
  await chmod(path, 0o600);
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
