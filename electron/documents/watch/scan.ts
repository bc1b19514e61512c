import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwayReason, DocumentFormat } from '../../ipc/contract/index.ts';
import type { FileMarks } from '../../storage/repositories/watched.ts';
import { formatOf } from '../ingest/formats.ts';
import { rulesFile } from './rules.ts';
import type { Rules } from './rules.ts';

export interface SeenFile extends FileMarks {
  readonly path: string;
  readonly format: DocumentFormat;
}

/** What lies at a folder's path. */
export type Root =
  | { readonly there: true; readonly identity: string; readonly empty: boolean }
  | { readonly there: false; readonly reason: AwayReason };

export interface Scan {
  readonly files: ReadonlyMap<string, SeenFile>;
  /** Of these folders nothing is known now; what was read from below them stays. Each ends with a separator. */
  readonly unseen: readonly string[];
  /** Files of rules, relative to the folder. */
  readonly rulesFiles: readonly string[];
  readonly tooMany: boolean;
}

export const mostFiles = 100_000;
const deepest = 64;
/** Looks at files at once: enough to keep a network disk busy, few enough for other work. */
const atOnce = 32;
/** A file of rules is no place for a book. */
const longestRules = 256 * 1024;

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(String(codeOf(error)));

/** Looks at the folder itself. */
export async function lookAtRoot(folder: string): Promise<Root> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    const entries = await readdir(folder);
    return { there: true, identity: `${dev}:${ino}`, empty: entries.length === 0 };
  } catch (error) {
    const code = codeOf(error);
    if (isGone(error)) return { there: false, reason: 'missing' };
    const denied = code === 'EACCES' || code === 'EPERM';
    return { there: false, reason: denied ? 'denied' : 'unreadable' };
  }
}

/**
 * Every file below the folder that Quarry reads and the rules let in, by path, without opening one. Symbolic links are
 * not followed: they may lead out of the folder or round in a circle. `onFolder` hears of each folder before it is
 * listed, so that a watch set there misses nothing; `wants` may leave out what nobody can read now. Throws when the signal says so.
 */
export async function scan(
  root: string,
  rules: Rules,
  signal: AbortSignal,
  onFolder: (path: string, inode: string) => void = () => {},
  wants: (path: string, format: DocumentFormat) => boolean = () => true,
): Promise<Scan> {
  const files = new Map<string, SeenFile>();
  const unseen: string[] = [];
  const rulesFiles: string[] = [];
  let tooMany = false;

  const look = async (path: string, format: DocumentFormat): Promise<void> => {
    const facts = await lstat(path).catch((error: unknown) => {
      // It is there and cannot be looked at: what is known of it stays.
      if (!isGone(error)) unseen.push(path);
      return null;
    });
    if (facts?.isFile() !== true) return;
    files.set(path, {
      path,
      format,
      bytes: facts.size,
      modifiedAt: facts.mtimeMs,
      changedAt: facts.ctimeMs,
      inode: String(facts.ino),
    });
  };

  const visit = async (folder: string, relative: string, above: Rules, depth: number) => {
    signal.throwIfAborted();
    const separated = join(folder, '/');
    let entries;
    try {
      const { ino } = await lstat(folder);
      onFolder(folder, String(ino));
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (depth === 0 || !isGone(error)) unseen.push(separated);
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    let here = above;
    if (entries.some((entry) => entry.name === rulesFile && entry.isFile())) {
      const text = await readFile(join(folder, rulesFile), 'utf8').catch(() => '');
      here = above.within(relative, text.slice(0, longestRules));
      rulesFiles.push(relative === '' ? rulesFile : `${relative}/${rulesFile}`);
    }
    const at = (name: string): string => (relative === '' ? name : `${relative}/${name}`);
    const wanted = entries.flatMap((entry) => {
      const format = entry.isFile() ? formatOf(entry.name) : null;
      const path = join(folder, entry.name);
      return format === null || here.leavesOut(at(entry.name), false) || !wants(path, format)
        ? []
        : [{ path, format }];
    });
    for (let from = 0; from < wanted.length; from += atOnce) {
      signal.throwIfAborted();
      if (files.size >= mostFiles) {
        tooMany = true;
        unseen.push(separated);
        return;
      }
      await Promise.all(
        wanted.slice(from, from + atOnce).map(({ path, format }) => look(path, format)),
      );
    }
    for (const entry of entries) {
      if (!entry.isDirectory() || here.leavesOut(at(entry.name), true)) continue;
      if (depth + 1 >= deepest) unseen.push(join(folder, entry.name, '/'));
      else await visit(join(folder, entry.name), at(entry.name), here, depth + 1);
    }
  };
  await visit(root, '', rules, 0);
  return { files, unseen, rulesFiles, tooMany };
}
