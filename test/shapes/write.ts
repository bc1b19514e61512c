import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aligned, headerBytes } from './header.ts';
import { blocks, typed } from './mix.ts';
import type { Quantization, TypedTensor } from './mix.ts';
import { shapeModel } from './models.ts';
import type { ShapeModel } from './models.ts';
import { blockPattern, createRandom, smallTensor, spreadOf } from './random.ts';
import { tensorsOf } from './tensors.ts';
import { makeTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ShapeRequest {
  /** `350m`, `h-micro`, `4.1-3b`, … */
  readonly id: string;
  readonly quantization: Quantization;
  readonly seed?: number;
  /** Instead of the usual place. */
  readonly file?: string;
}

export interface WrittenShape {
  readonly path: string;
  readonly bytes: number;
  /** false = the same file was already there. */
  readonly isNew: boolean;
  readonly seconds: number;
}

/** What a file would hold: its header and its tensors, nothing written. */
export interface PlannedShape {
  readonly header: Buffer;
  readonly tensors: readonly TypedTensor[];
  readonly bytes: number;
}

export const defaultSeed = 1;

const folder = fileURLToPath(new URL('../../.cache/shapes/', import.meta.url));

/** Where a shape's file lies when no other place is asked for. */
export function shapePath({ id, quantization, seed = defaultSeed }: ShapeRequest): string {
  const suffix = seed === defaultSeed ? '' : `-seed${seed}`;
  return join(folder, `${id}-${quantization}${suffix}.gguf`);
}

export function tokenizerOf(model: ShapeModel, seed = defaultSeed): Tokenizer {
  return makeTokenizer(model.shape.vocabulary, createRandom(seed, 'tokenizer'));
}

/** `tokenizer`: the model's own for that seed, if it is there already. */
export function planShape(
  model: ShapeModel,
  quantization: Quantization,
  seed = defaultSeed,
  tokenizer = tokenizerOf(model, seed),
): PlannedShape {
  const tensors = typed(tensorsOf(model.shape), quantization);
  const header = headerBytes({ model, quantization, seed, tokenizer, tensors });
  const bytes = tensors.reduce((sum, tensor) => sum + aligned(tensor.bytes), header.length);
  return { header, tensors, bytes };
}

/**
 * Writes the file of a shape, or finds it there already. The same request gives the same bytes on every
 * machine. Weights repeat patterns of about 4 MiB per type and spread, each tensor from another place
 * on: a llama.cpp that shared or compressed equal pages would not see them, since no two rows of a
 * matrix begin alike. Throws for an unknown model, a full disk, what the file system gives.
 */
export async function ensureShape(request: ShapeRequest): Promise<WrittenShape> {
  const { seed = defaultSeed } = request;
  return writeShape(
    planShape(shapeModel(request.id), request.quantization, seed),
    request.file ?? shapePath(request),
    seed,
  );
}

/** Writes a plan to a file, under a temporary name until it is whole. */
export async function writeShape(
  plan: PlannedShape,
  path: string,
  seed: number,
): Promise<WrittenShape> {
  const start = performance.now();
  if (await isThere(path, plan)) return { path, bytes: plan.bytes, isNew: false, seconds: 0 };
  await mkdir(dirname(path), { recursive: true });
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < plan.bytes) {
    throw new Error(`${path} needs ${plan.bytes} bytes, the disk has ${bavail * bsize}`);
  }
  const part = `${path}.${process.pid}.part`;
  try {
    const handle = await open(part, 'w');
    try {
      await handle.write(plan.header);
      await writeTensors(handle, plan.tensors, seed);
    } finally {
      await handle.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const seconds = (performance.now() - start) / 1000;
  return { path, bytes: plan.bytes, isNew: true, seconds };
}

/** A whole file of the same header: it can only have come from the same request. */
async function isThere(path: string, { header, bytes }: PlannedShape): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size !== bytes) return false;
  const handle = await open(path);
  try {
    const begin = Buffer.alloc(header.length);
    await handle.read(begin, 0, begin.length, 0);
    return begin.equals(header);
  } finally {
    await handle.close();
  }
}

async function writeTensors(
  handle: FileHandle,
  tensors: readonly TypedTensor[],
  seed: number,
): Promise<void> {
  const patterns = new Map<string, Buffer>();
  for (const tensor of tensors) {
    const pieces = smallPieces(tensor, seed) ?? patternPieces(tensor, patterns, seed);
    const padding = aligned(tensor.bytes) - tensor.bytes;
    if (padding > 0) pieces.push(Buffer.alloc(padding));
    // Small ones together, large ones a few patterns at a time: one call each, nothing copied.
    for (let at = 0; at < pieces.length; at += 16) {
      const some = pieces.slice(at, at + 16);
      const length = some.reduce((sum, piece) => sum + piece.length, 0);
      const { bytesWritten } = await handle.writev(some);
      if (bytesWritten !== length)
        throw new Error(`only ${bytesWritten} of ${length} bytes written`);
    }
  }
}

function smallPieces(tensor: TypedTensor, seed: number): Buffer[] | null {
  const bytes = smallTensor(tensor, seed);
  return bytes === null ? null : [bytes];
}

function patternPieces(tensor: TypedTensor, patterns: Map<string, Buffer>, seed: number): Buffer[] {
  const { type } = tensor;
  const spread = spreadOf(tensor);
  const key = `${type} ${spread}`;
  const pattern = patterns.get(key) ?? blockPattern(type, spread, seed);
  patterns.set(key, pattern);
  const block = blocks[type].bytes;
  let at = createRandom(seed, tensor.name).below(pattern.length / block) * block;
  const pieces: Buffer[] = [];
  for (let left = tensor.bytes; left > 0; at = 0) {
    const piece = pattern.subarray(at, Math.min(pattern.length, at + left));
    pieces.push(piece);
    left -= piece.length;
  }
  return pieces;
}
