import { open, readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { FoundModel, FoundModels } from '../ipc/contract/index.ts';

/** Bounds against a folder that is a whole disk. */
const mostEntries = 50_000;
const mostModels = 1000;
const deepest = 10;
const manifestBytes = 1024 * 1024;

const part = /-\d{5}-of-\d{5}\.gguf$/i;
const ownerName = /^[\w][\w.-]{0,95}$/;

interface Walk {
  readonly root: string;
  readonly seen: Set<string>;
  readonly models: FoundModel[];
  entries: number;
}

/**
 * Model files below folders (or the files themselves), in place: the layouts of LM Studio, Ollama and
 * the Hugging Face cache are understood, any other folder is looked through. Nothing is copied or
 * hashed, only the first four bytes of a file are read. Links are followed where they stay inside the
 * folder that was given. Vision parts and split files are left out. What cannot be read is skipped.
 */
export async function scanForModels(paths: readonly string[]): Promise<FoundModels> {
  const models: FoundModel[] = [];
  const seen = new Set<string>();
  let isCut = false;
  for (const path of paths) {
    const root = await realpath(resolve(path)).catch(() => null);
    if (root === null) continue;
    const walk: Walk = { root, seen, models, entries: 0 };
    const found = await stat(root).catch(() => null);
    if (found?.isDirectory()) await walkFolder(walk, root, 0);
    else await addFile(walk, root, basename(path), { tool: 'folder', repository: null });
    isCut ||= isFull(walk);
  }
  return { models: models.slice(0, mostModels), isCut };
}

const isFull = (walk: Walk): boolean =>
  walk.entries > mostEntries || walk.models.length > mostModels;

async function walkFolder(walk: Walk, folder: string, depth: number): Promise<void> {
  if (depth > deepest || isFull(walk)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  walk.entries += entries.length;
  const names = new Set(entries.map((entry) => entry.name));
  if (names.has('manifests') && names.has('blobs')) {
    await addOllama(walk, folder);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      await walkFolder(walk, path, depth + 1);
    } else if (/\.gguf$/i.test(entry.name)) {
      await addFile(walk, path, entry.name, originOf(walk.root, path));
    }
  }
}

type Origin = Pick<FoundModel, 'tool' | 'repository'>;

/** Which tool keeps files at such a place, and the repository that its folders are named after. */
function originOf(root: string, path: string): Origin {
  const all = path.split(sep);
  const cached = all.findLast((name) => /^models--.+--.+$/.test(name));
  if (cached !== undefined && all.includes('snapshots')) {
    const [, owner = '', ...name] = cached.split('--');
    return { tool: 'huggingface', repository: toRepository(owner, name.join('--')) };
  }
  const home = all.findIndex((name) => name === '.lmstudio' || name === 'lm-studio');
  if (home < 0) return { tool: 'folder', repository: null };
  // …/models/publisher/repository/file.gguf, whatever part of it was chosen.
  const below = all.slice(all.indexOf('models', home) + 1);
  const inside = relative(root, path) !== '' && below.length === 3;
  const [owner = '', name = ''] = below;
  return { tool: 'lmstudio', repository: inside ? toRepository(owner, name) : null };
}

function toRepository(owner: string, name: string): string | null {
  return ownerName.test(owner) && ownerName.test(name) ? `${owner}/${name}` : null;
}

async function addFile(walk: Walk, path: string, name: string, origin: Origin): Promise<void> {
  if (part.test(name) || /^mmproj/i.test(name)) return;
  const real = await realpath(path).catch(() => null);
  if (real === null || walk.seen.has(real) || !isInside(walk.root, real)) return;
  const bytes = await ggufBytes(real);
  if (bytes === null) return;
  walk.seen.add(real);
  walk.models.push({ path, name, bytes, ...origin });
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Size of a regular file that begins like GGUF, else null. */
async function ggufBytes(path: string): Promise<number | null> {
  // Asked before opening: opening a pipe would wait for its writer.
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  const handle = await open(path).catch(() => null);
  if (handle === null) return null;
  try {
    const magic = Buffer.alloc(4);
    await handle.read(magic, 0, 4, 0);
    return magic.toString('latin1') === 'GGUF' ? found.size : null;
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

/** `manifests/<host>/<owner>/<model>/<tag>` names the blob of each model. */
async function addOllama(walk: Walk, folder: string): Promise<void> {
  const manifests = join(folder, 'manifests');
  const below = await readdir(manifests, { recursive: true }).catch(() => []);
  walk.entries += below.length;
  for (const inner of below.sort()) {
    if (isFull(walk)) return;
    const steps = inner.split(sep);
    const [host = '', owner = '', model = '', tag = ''] = steps;
    if (steps.length !== 4) continue;
    const digest = await modelDigest(join(manifests, inner));
    if (digest === null) continue;
    const short = owner === 'library' ? model : `${owner}/${model}`;
    await addFile(walk, join(folder, 'blobs', `sha256-${digest}`), `${short}:${tag}`, {
      tool: 'ollama',
      repository: host === 'hf.co' || host === 'huggingface.co' ? toRepository(owner, model) : null,
    });
  }
}

async function modelDigest(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > manifestBytes) return null;
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { layers } = manifest as { layers?: unknown };
    if (!Array.isArray(layers)) return null;
    const layer = (layers as { mediaType?: unknown; digest?: unknown }[]).find(
      (one) => one.mediaType === 'application/vnd.ollama.image.model',
    );
    return /^sha256:([0-9a-f]{64})$/.exec(String(layer?.digest))?.[1] ?? null;
  } catch {
    return null;
  }
}
