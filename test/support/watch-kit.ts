import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../electron/ipc/client.ts';
import type { Client } from '../../electron/ipc/client.ts';
import { processTransport } from '../../electron/ipc/process-transport.ts';
import type { CoreContract } from '../../electron/ipc/validators.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';
import { quietLog } from './documents-setup.ts';
import { seededBelow } from './seeded.ts';

/** A folder that is changed at random while CORE follows it, is searched, and is killed. */

const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface RunningCore {
  readonly client: Client<CoreContract>;
  readonly child: ChildProcess;
  /** kill -9, and the end of it. */
  kill(): Promise<void>;
  /** As a quit does. */
  quit(): Promise<void>;
}

export async function startCore(dataFolder: string): Promise<RunningCore> {
  const child = spawn(
    process.execPath,
    [
      place('electron/core/process.ts'),
      ...['--data', dataFolder],
      ...['--resources', place('resources')],
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const transport = processTransport(child);
  const client = createClient<CoreContract>(transport);
  await Promise.race([
    new Promise<void>((resolve, reject) => {
      transport.onFrame((frame) => {
        if (frame.kind !== 'ready') return;
        if (frame.error === null) resolve();
        else reject(new Error(frame.error.message));
      });
    }),
    ended.then(() => Promise.reject(new Error('CORE ended at its start'))),
  ]);
  return {
    client,
    child,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async quit() {
      await client.call('private.shutdown', {}).catch(() => {});
      await ended;
    },
  };
}

const words = ['heron', 'kettle', 'otter', 'lease', 'turbine', 'harvest', 'ledger', 'violin'];
const names = ['plan', 'report', 'notes', 'letter', 'minutes', 'draft'];
const endings = ['.txt', '.md', '.html', '.txt', '.md', '.tmp', '.bin'];

/** The same operations for the same seed, as far as the disk's own order of names allows. */
export function createOperations(folder: string, seed: number) {
  const below = seededBelow(seed);
  const aside = `${folder}.aside`;
  mkdirSync(folder, { recursive: true });
  mkdirSync(aside, { recursive: true });
  const counts = new Map<string, number>();
  let serial = 0;

  const pick = <T>(list: readonly T[]): T | undefined => list[below(Math.max(1, list.length))];
  const walk = (at: string): { files: string[]; folders: string[] } => {
    const files: string[] = [];
    const folders = [at];
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isFile()) files.push(path);
      if (!entry.isDirectory()) continue;
      const inside = walk(path);
      files.push(...inside.files);
      folders.push(...inside.folders);
    }
    return { files, folders };
  };
  const text = (path: string): string => {
    const lines = Array.from(
      { length: 1 + below(12) },
      () => `${pick(words)} and ${pick(words)} number ${below(100)}.`,
    );
    if (path.endsWith('.html')) return `<h1>${pick(words)}</h1><p>${lines.join('</p><p>')}</p>`;
    return path.endsWith('.md') ? `# ${pick(words)}\n\n${lines.join('\n\n')}\n` : lines.join('\n');
  };
  const freshName = (): string => `${pick(names)}-${(serial += 1)}${pick(endings)}`;
  const save = (path: string): void =>
    writeFileSync(path, below(40) === 0 ? new Uint8Array([0, 1, 2, below(255)]) : text(path));

  type Operation = (files: string[], folders: string[]) => void;
  const within = (folders: string[]): string => pick(folders) ?? folder;
  const create: Operation = (_files, folders) => save(join(within(folders), freshName()));
  const onFile =
    (work: (path: string, folders: string[], files: string[]) => void): Operation =>
    (files, folders) => {
      const path = pick(files);
      if (path === undefined) create(files, folders);
      else work(path, folders, files);
    };
  /** Below another place than itself. */
  const free = (path: string): boolean => !existsSync(path);
  const operations: Readonly<Record<string, readonly [weight: number, work: Operation]>> = {
    create: [22, create],
    'make folder': [4, (_files, folders) => mkdirSync(join(within(folders), `f${(serial += 1)}`))],
    edit: [16, onFile((path) => save(path))],
    append: [10, onFile((path) => appendFileSync(path, `\n\n${pick(words)} again.\n`))],
    'save through another file': [
      6,
      onFile((path) => {
        writeFileSync(`${path}.tmp`, text(path));
        renameSync(`${path}.tmp`, path);
      }),
    ],
    rename: [8, onFile((path) => renameSync(path, join(dirname(path), freshName())))],
    move: [
      8,
      onFile((path, folders) => {
        const to = join(within(folders), basename(path));
        if (free(to)) renameSync(path, to);
      }),
    ],
    'move over another': [
      3,
      onFile((path, _folders, files) => {
        const other = pick(files);
        if (other !== undefined && other !== path) renameSync(path, other);
      }),
    ],
    exchange: [
      2,
      onFile((path, _folders, files) => {
        const other = pick(files);
        if (other === undefined || other === path) return;
        renameSync(path, join(aside, 'x'));
        renameSync(other, path);
        renameSync(join(aside, 'x'), other);
      }),
    ],
    copy: [4, onFile((path, folders) => copyFileSync(path, join(within(folders), freshName())))],
    delete: [9, onFile((path) => rmSync(path))],
    'replace by folder': [
      2,
      onFile((path) => {
        rmSync(path);
        mkdirSync(path);
        save(join(path, freshName()));
      }),
    ],
    unreadable: [2, onFile((path) => chmodSync(path, 0o000))],
    link: [
      3,
      onFile((path, folders) => {
        const to = below(2) === 0 ? path : folder;
        symlinkSync(to, join(within(folders), `link-${(serial += 1)}.txt`));
      }),
    ],
    'rename folder': [
      3,
      (_files, folders) => {
        const path = pick(folders.slice(1));
        if (path !== undefined) renameSync(path, join(dirname(path), `r${(serial += 1)}`));
      },
    ],
    'move folder': [
      2,
      (_files, folders) => {
        const path = pick(folders.slice(1));
        const to = within(folders);
        if (path === undefined || `${to}/`.startsWith(`${path}/`)) return;
        const target = join(to, basename(path));
        if (free(target)) renameSync(path, target);
      },
    ],
    'folder out of it': [
      1,
      (_files, folders) => {
        const path = pick(folders.slice(1));
        if (path !== undefined) renameSync(path, join(aside, `o${(serial += 1)}`));
      },
    ],
    'folder into it': [
      2,
      (_files, folders) => {
        const name = pick(readdirSync(aside).filter((one) => one !== 'x'));
        const target = name === undefined ? '' : join(within(folders), name);
        if (name !== undefined && free(target)) renameSync(join(aside, name), target);
      },
    ],
    rules: [
      1,
      (_files, folders) => {
        const path = join(within(folders), '.quarryignore');
        const there = existsSync(path);
        if (there && !lstatSync(path).isFile()) return;
        if (there && below(2) === 0) rmSync(path);
        else writeFileSync(path, `${pick(names)}-*${pick(endings)}\n!${pick(names)}-1*\n`);
      },
    ],
  };
  const drawn = Object.entries(operations).flatMap(([name, [weight]]) =>
    Array.from({ length: weight }, () => name),
  );

  return {
    counts,
    below,
    words,
    one(): void {
      const name = pick(drawn) ?? 'create';
      const { files, folders } = walk(folder);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      operations[name]?.[1](files, folders);
    },
    async awayAndBack(ms: number): Promise<void> {
      counts.set('whole folder away', (counts.get('whole folder away') ?? 0) + 1);
      const away = `${folder}.away`;
      renameSync(folder, away);
      await pause(ms);
      const path = pick(walk(away).files);
      if (path !== undefined) save(path);
      renameSync(away, folder);
    },
    /** As a person would find it: everything can be read. */
    finish(): void {
      for (const path of walk(folder).files) {
        if ((lstatSync(path).mode & 0o444) === 0) chmodSync(path, 0o644);
      }
    },
  };
}

/** What a search can find, without names that are given by chance: documents by path, and their passages. */
export function readIndex(dataFolder: string, folder: string): Map<string, string> {
  const { db, close } = openDatabase({
    file: join(dataFolder, 'quarry.db'),
    backupFolder: join(dataFolder, 'backups'),
    clock: { now: () => Date.now() },
    log: quietLog,
  });
  try {
    const documents = db.all<{
      id: string;
      path: string;
      state: string;
      sha256: string;
      error: string | null;
    }>(sql`SELECT id, path, state, sha256, error FROM documents ORDER BY path`);
    return new Map(
      documents.map(({ id, path, state, sha256, error }) => {
        const name = relative(folder, path);
        // What was read before a file broke is kept; an index made from scratch has only the reason.
        if (error !== null) return [name, (JSON.parse(error) as { code: string }).code];
        const passages =
          db.all<object>(sql`SELECT ordinal, page, heading, place, lead, start, "end", text
          FROM passages WHERE document_id = ${id} ORDER BY ordinal`);
        return [name, JSON.stringify({ state, sha256, passages })];
      }),
    );
  } finally {
    close();
  }
}

export interface WatchRun {
  readonly operations: number;
  readonly kills: number;
  readonly searches: number;
  readonly documents: number;
  readonly passages: number;
  readonly seconds: number;
  /** From the last operation until the index was in step. */
  readonly secondsToStep: number;
  /** Paths where the two indexes differ, with both sides. */
  readonly differences: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

/** Random operations in a folder while it is searched and CORE is killed; then the same folder read from scratch. */
export async function runWatch(options: {
  readonly operations: number;
  readonly kills: number;
  readonly seed: number;
  /** How often the whole folder goes away and comes back. */
  readonly away: number;
  readonly tell?: (line: string) => void;
}): Promise<WatchRun> {
  const root = mkdtempSync(join(tmpdir(), 'quarry-watch-'));
  const folder = join(root, 'folder');
  const data = join(root, 'data');
  const make = createOperations(folder, options.seed);
  const { below } = make;
  const startedAt = performance.now();
  let core = await startCore(data);
  let searches = 0;
  let over = false;
  let killing = false;
  try {
    for (let at = 0; at < 20; at += 1) make.one();
    await core.client.call('documents.add', { paths: [folder] });
    const searching = (async () => {
      while (!over) {
        const query = `${words[searches % words.length]} ${words[(searches * 3) % words.length]}`;
        try {
          await core.client.call('documents.search', { query });
          searches += 1;
        } catch (error) {
          if (!killing) throw error;
        }
        await pause(60);
      }
    })();
    const every = (times: number): number =>
      Math.max(1, Math.floor(options.operations / (times + 1)));
    for (let at = 1; at <= options.operations; at += 1) {
      make.one();
      if (at % 8 === 0) await pause(below(120));
      if (at % every(options.kills) === 0 && at / every(options.kills) <= options.kills) {
        killing = true;
        await core.kill();
        core = await startCore(data);
        killing = false;
        options.tell?.(`${at} operations, CORE killed and started again`);
      }
      if (at % every(options.away) === Math.floor(every(options.away) / 2)) {
        await make.awayAndBack(200 + below(2500));
      }
    }
    make.finish();
    writeFileSync(join(folder, 'last.txt'), 'The last word.');
    const lastAt = Date.now();
    for (;;) {
      const [state] = await core.client.call('documents.watchState', {});
      if (state?.phase === 'in-step' && (state.lookedAt ?? 0) > lastAt) break;
      if (Date.now() - lastAt > 240_000) {
        throw new Error(`not in step after minutes: ${JSON.stringify(state)}`);
      }
      await pause(200);
    }
    const secondsToStep = (Date.now() - lastAt) / 1000;
    over = true;
    await searching;
    await core.quit();

    const scratch = join(root, 'scratch');
    core = await startCore(scratch);
    const { taskId } = await core.client.call('documents.add', { paths: [folder] });
    for (;;) {
      const task = (await core.client.call('tasks.list', {})).find((one) => one.id === taskId);
      if (task?.state === 'done') break;
      if (task?.state !== 'running') throw new Error(`from scratch: ${task?.state}`);
      await pause(200);
    }
    await core.quit();

    const followed = readIndex(data, folder);
    const fresh = readIndex(scratch, folder);
    const differences = [...new Set([...followed.keys(), ...fresh.keys()])]
      .filter((path) => followed.get(path) !== fresh.get(path))
      .map(
        (path) =>
          `${path}: followed ${followed.get(path)?.slice(0, 90) ?? 'nothing'}, from scratch ${fresh.get(path)?.slice(0, 90) ?? 'nothing'}`,
      );
    return {
      ...{ operations: options.operations, kills: options.kills, searches, differences },
      documents: fresh.size,
      passages: [...fresh.values()].reduce(
        (sum, one) => sum + (one.match(/"ordinal":/g)?.length ?? 0),
        0,
      ),
      seconds: (performance.now() - startedAt) / 1000,
      secondsToStep,
      counts: make.counts,
    };
  } finally {
    over = true;
    killing = true;
    await core.kill();
    rmSync(root, { recursive: true, force: true });
  }
}
