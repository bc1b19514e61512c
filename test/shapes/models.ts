import { readFileSync } from 'node:fs';
import type { Shape } from '../../electron/models/catalog/catalog.ts';

/** One real model's numbers, and what its published files take. */
export interface ShapeModel {
  /** As on the command line: `350m`, `h-micro`, `4.1-3b`. */
  readonly id: string;
  readonly shape: Shape;
  /** 'derived' = no source told the numbers; they follow from stated parameter counts. */
  readonly status: string;
  /** `context_length` of the real file: 2^20 where there is no rotary embedding. */
  readonly context: number;
  readonly scales: Scales;
  readonly ropeBase: number;
  /** How llama.cpp splits text before merging. */
  readonly splitting: 'dbrx' | 'granite-docling';
  readonly bos: number;
  /** Quantisation -> bytes of the published file, and how exactly they are known. */
  readonly published: ReadonlyMap<string, Published>;
}

export interface Published {
  readonly bytes: number;
  /** How far the true size may lie from it, because the source rounded. */
  readonly rounding: number;
}

/** Granite's multipliers, as the converter writes them. */
export interface Scales {
  readonly embedding: number;
  readonly residual: number;
  readonly attention: number;
  readonly logit: number;
}

// granite.md §2. Three were told by no source; they do not touch shapes, sizes or speed, and 8 keeps
// numbers where the known ones keep them.
const logit: Readonly<Record<string, number>> = {
  ...{ '350m': 8, 'h-350m': 3, '1b': 8, 'h-1b': 6, micro: 10, 'h-micro': 8 },
  ...{ 'h-tiny': 6, 'h-small': 16, '4.1-3b': 10, '4.1-8b': 8, '4.1-30b': 8 },
};

// granite.md §1.4: told as gigabytes with two or one decimals, so known to half of the last digit.
const rounded: Readonly<Record<string, Published>> = {
  '4.2-3b': { bytes: 2.24e9, rounding: 0.005e9 },
  '4.2-8b': { bytes: 5.3e9, rounding: 0.05e9 },
  '4.2-30b': { bytes: 17.72e9, rounding: 0.005e9 },
};

interface CatalogModel {
  readonly id: string;
  readonly variant: string;
  readonly trainedContext: number | null;
  readonly shape: Shape | null;
  readonly shapeStatus: string;
  readonly gguf: {
    readonly files: readonly { quantization: string; size: { bytes: number | null } }[];
  } | null;
}

const catalogPath = new URL('../../resources/catalog.json', import.meta.url);

/** Every chat model of the catalogue whose numbers are known, in its order. Reads `resources/catalog.json`. */
export function shapeModels(): readonly ShapeModel[] {
  const { models } = JSON.parse(readFileSync(catalogPath, 'utf8')) as { models: CatalogModel[] };
  return models.flatMap((model) => {
    const id = /^granite-(?:4\.0-)?(.+)$/.exec(model.id)?.[1];
    if (id === undefined || model.shape === null || model.variant !== 'instruct') return [];
    return [toShapeModel(id, model, model.shape)];
  });
}

function toShapeModel(id: string, model: CatalogModel, shape: Shape): ShapeModel {
  const is42 = id.startsWith('4.2-');
  const published = new Map<string, Published>();
  for (const { quantization, size } of model.gguf?.files ?? []) {
    if (size.bytes === null) continue;
    published.set(quantization.toUpperCase(), { bytes: size.bytes, rounding: 0 });
  }
  if (rounded[id] !== undefined) published.set('Q4_K_M', rounded[id]);
  return {
    ...{ id, shape, status: model.shapeStatus, published },
    context: shape.ssm === null ? (model.trainedContext ?? 131_072) : 2 ** 20,
    scales: {
      embedding: is42 ? 1 : 12,
      residual: is42 ? 1 : id === 'h-350m' ? 0.246 : 0.22,
      attention: 1 / shape.headSize,
      logit: is42 ? 1 : (logit[id] ?? 8),
    },
    ropeBase: 1e7,
    splitting: is42 ? 'granite-docling' : 'dbrx',
    bos: is42 ? 100_283 : 100_257,
  };
}

/** Throws when there is no such model; the message lists those there are. */
export function shapeModel(id: string): ShapeModel {
  const models = shapeModels();
  const found = models.find((model) => model.id === id);
  if (found !== undefined) return found;
  const known = models.map((model) => model.id).join(', ');
  throw new Error(`there is no model "${id}"; there are: ${known}`);
}
