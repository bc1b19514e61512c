import { createHash } from 'node:crypto';
import { lstat, opendir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import { hashFile } from '../file-hash.ts';
import type { Resource } from './statement.ts';

export const fileStates = [
  /** Its bytes are the signed ones. */
  'covered',
  /** A signed file with other bytes. */
  'mismatch',
  /** There, but not signed. */
  'not-listed',
  /** Signed, but not there. */
  'missing',
  /** A symbolic link, a device, a pipe: never followed inside a folder. */
  'not-a-file',
] as const;
export type FileState = (typeof fileStates)[number];

export interface FileReport {
  /** POSIX path relative to the folder. */
  readonly name: string;
  readonly state: FileState;
  /** Of the bytes found; null when there are none, or they were not read. */
  readonly sha256: string | null;
  /** A signed file with the same bytes under another name: a renamed copy. */
  readonly sameBytesAs: string | null;
}

export interface FilesReport {
  /** 'folder': every file below it; 'file': this one alone, the others are not looked at. */
  readonly scope: 'folder' | 'file';
  readonly files: readonly FileReport[];
  readonly allCovered: boolean;
  /** Nothing that is there is signed here: the signature is of another model. */
  readonly otherModel: boolean;
}

export interface FilesRequest {
  /** A model's folder, or one file of it. */
  readonly path: string;
  readonly resources: readonly Resource[];
  readonly ignorePaths: readonly string[];
  readonly signaturePath: string;
  readonly signal?: AbortSignal;
  readonly onFile?: (name: string, fraction: number) => void;
}

/** As the reference implementation ignores them by default. */
const gitPaths: readonly string[] = ['.git', '.gitattributes', '.github', '.gitignore'];

/**
 * Compares files with a verified list, streaming every byte through sha256. In a folder all files
 * count: missing, added and changed ones are told apart. A single file counts alone ("this file is
 * covered", never "the model is verified"). A link to a single file is followed: its bytes count.
 * Throws 'model-missing', 'cancelled', 'permission-denied'.
 */
export async function verifyFiles(request: FilesRequest): Promise<FilesReport> {
  const found = await stat(request.path).catch(() => null);
  if (found === null || !(found.isFile() || found.isDirectory())) {
    throw new AppError('model-missing', 'no such file', { detail: { file: request.path } });
  }
  const scope = found.isDirectory() ? 'folder' : 'file';
  const files = scope === 'folder' ? await checkFolder(request) : [await checkOne(request)];
  const present = files.filter((one) => one.state !== 'missing');
  return {
    scope,
    files,
    allCovered: files.length > 0 && files.every((one) => one.state === 'covered'),
    otherModel: !present.some((one) => one.state === 'covered' || one.sameBytesAs !== null),
  };
}

async function checkOne(request: FilesRequest): Promise<FileReport> {
  const path = resolve(request.path);
  const below = relative(dirname(resolve(request.signaturePath)), path);
  const posix = below.split(sep).join('/');
  // A signature that lies elsewhere says nothing about folders: then the file's own name counts.
  const name = request.resources.some((one) => one.name === posix) ? posix : basename(path);
  return compare(request, path, name);
}

async function checkFolder(request: FilesRequest): Promise<FileReport[]> {
  const folder = resolve(request.path);
  const signature = relative(folder, resolve(request.signaturePath)).split(sep).join('/');
  const ignored = [...gitPaths, ...request.ignorePaths, signature];
  const isIgnored = (name: string): boolean =>
    ignored.some((one) => name === one || name.startsWith(`${one}/`));
  const listed = new Set(request.resources.map((one) => one.name));
  const reports: FileReport[] = [];
  for await (const { name, plain } of walk(
    folder,
    '',
    (name) => isIgnored(name) && !listed.has(name),
  )) {
    const path = join(folder, ...name.split('/'));
    reports.push(plain ? await compare(request, path, name) : report(name, 'not-a-file'));
  }
  const there = new Set(reports.map((one) => one.name));
  for (const { name } of request.resources) {
    if (!there.has(name)) reports.push(report(name, 'missing'));
  }
  return reports.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every entry that is no folder. Links are told, never followed: they could lead anywhere. */
async function* walk(
  folder: string,
  prefix: string,
  isIgnored: (name: string) => boolean,
): AsyncGenerator<{ readonly name: string; readonly plain: boolean }> {
  for await (const entry of await opendir(join(folder, prefix))) {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (isIgnored(name)) continue;
    const kind = await lstat(join(folder, ...name.split('/')));
    if (kind.isDirectory()) yield* walk(folder, name, isIgnored);
    else yield { name, plain: kind.isFile() };
  }
}

async function compare(request: FilesRequest, path: string, name: string): Promise<FileReport> {
  const sha256 = await digest(request, path, name);
  const listed = request.resources.find((one) => one.name === name);
  const same = request.resources.find((one) => one.sha256 === sha256 && one.name !== name);
  const state =
    listed === undefined ? 'not-listed' : listed.sha256 === sha256 ? 'covered' : 'mismatch';
  return { name, state, sha256, sameBytesAs: state === 'covered' ? null : (same?.name ?? null) };
}

/** sha256 of one file; 64 hex digits. */
async function digest(request: FilesRequest, path: string, name: string): Promise<string> {
  const { size } = await stat(path);
  if (size === 0) return createHash('sha256').digest('hex');
  return hashFile(path, {
    ...(request.signal && { signal: request.signal }),
    onBytes: (done) => request.onFile?.(name, done / size),
  });
}

const report = (name: string, state: FileState): FileReport => ({
  name,
  state,
  sha256: null,
  sameBytesAs: null,
});
