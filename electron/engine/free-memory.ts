import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freemem } from 'node:os';

/** What the process's control groups leave to it, in bytes. */
export interface GroupMemory {
  /** The smallest limit above the process. */
  readonly limit: number;
  /** May still be taken; caches of files count as free, because they are given up when needed. */
  readonly available: number;
}

type Read = (path: string) => string;

const mounts = { old: '/sys/fs/cgroup/memory', unified: '/sys/fs/cgroup' } as const;
/** Without a limit version 1 tells a number near 2^63. */
const noLimit = 2 ** 60;

/**
 * Reads the limits of the process's own group and of all above it (cgroup v1 and v2). Node's
 * `availableMemory` is not enough: it counts the cached model file as taken, so that a model that
 * was just read would leave no room for its own context.
 * @returns null where nothing is limited, and on other systems than Linux.
 */
export function groupMemory(read: Read = readText): GroupMemory | null {
  const { version, folders } = groupFolders(read);
  const groups = folders.map((folder) =>
    version === 1 ? oldGroup(folder, read) : unifiedGroup(folder, read),
  );
  const limited = groups.filter((group) => group !== null);
  if (limited.length === 0) return null;
  return {
    limit: Math.min(...limited.map(({ limit }) => limit)),
    available: Math.max(0, Math.min(...limited.map(({ available }) => available))),
  };
}

/** The folders of this process's control group and of those above it, which count memory. */
export function groupFolders(read: Read): {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
} {
  const own = read('/proc/self/cgroup');
  const old = /^\d+:[^:]*\bmemory\b[^:]*:(\/.*)$/m.exec(own)?.[1];
  if (old !== undefined) return { version: 1, folders: foldersAbove(mounts.old, old) };
  const unified = /^0::(\/.*)$/m.exec(own)?.[1] ?? '/';
  return { version: 2, folders: foldersAbove(mounts.unified, unified) };
}

/** Bytes that this process could take without driving anything into swap. */
export function freeMemory(): number {
  return Math.min(freemem(), groupMemory()?.available ?? Infinity);
}

/** The group's folder and those above it, the mount itself last: in a container that is the own one. */
function foldersAbove(mount: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) folders.push(join(mount, at));
  return [...folders, mount];
}

function oldGroup(folder: string, read: Read): GroupMemory | null {
  const limit = toNumber(read(join(folder, 'memory.limit_in_bytes')));
  const used = toNumber(read(join(folder, 'memory.usage_in_bytes')));
  return group(limit, used, read(join(folder, 'memory.stat')), 'total_');
}

function unifiedGroup(folder: string, read: Read): GroupMemory | null {
  const limits = ['memory.max', 'memory.high'].map((name) => toNumber(read(join(folder, name))));
  const used = toNumber(read(join(folder, 'memory.current')));
  const known = limits.filter((limit) => limit !== null);
  return group(
    known.length === 0 ? null : Math.min(...known),
    used,
    read(join(folder, 'memory.stat')),
    '',
  );
}

function group(
  limit: number | null,
  used: number | null,
  stat: string,
  prefix: string,
): GroupMemory | null {
  if (limit === null || used === null || limit >= noLimit) return null;
  const files = ['active_file', 'inactive_file']
    .map((kind) => Number(new RegExp(`^${prefix}${kind} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0))
    .reduce((sum, bytes) => sum + bytes, 0);
  return { limit, available: limit - Math.max(0, used - files) };
}

/** 'max', an empty text and what is no number are no limit. */
function toNumber(text: string): number | null {
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
