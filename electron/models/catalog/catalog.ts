import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../ipc/app-error.ts';

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const revision = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const repository = v.pipe(v.string(), v.regex(/^[\w.-]{1,96}\/[\w.-]{1,96}$/));
const fileName = v.pipe(v.string(), v.regex(/^[\w][\w.-]{0,200}\.gguf$/));
/** How well a value is known: 'hint' is confirmed by the hub before it is relied on. */
const known = v.picklist(['pinned', 'hint', 'unknown']);
const signer = v.nullable(v.strictObject({ identity: v.string(), issuer: v.string() }));

const shape = v.strictObject({
  architecture: v.picklist(['granite', 'granitehybrid']),
  vocabulary: whole,
  tied: v.boolean(),
  embedding: whole,
  layers: whole,
  /** null = all of them. */
  attentionLayers: v.nullable(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0)))),
  heads: whole,
  kvHeads: whole,
  headSize: whole,
  feedForward: whole,
  experts: v.nullable(v.strictObject({ count: whole, used: whole, size: whole })),
  ssm: v.nullable(
    v.strictObject({
      heads: whole,
      headWidth: whole,
      inner: whole,
      state: whole,
      convolution: whole,
      groups: whole,
    }),
  ),
});

const file = v.strictObject({
  name: fileName,
  quantization: v.string(),
  size: v.strictObject({ bytes: v.nullable(whole), status: known }),
  sha256: v.strictObject({ value: v.nullable(sha256), status: known }),
});

const model = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,80}$/)),
  family: v.string(),
  name: v.string(),
  use: v.picklist(['chat', 'embedding', 'guardian']),
  variant: v.picklist(['instruct', 'base']),
  state: v.picklist(['published', 'announced']),
  sentence: v.string(),
  licence: v.nullable(v.string()),
  /** The higher one is picked first where several fit; null = never picked by itself. */
  preference: v.nullable(whole),
  parameters: v.nullable(whole),
  activeParameters: v.nullable(whole),
  trainedContext: v.nullable(v.pipe(whole, v.maxValue(2 ** 20 - 1))),
  shape: v.nullable(shape),
  /** 'derived' = IBM's own table was not found; the parameter count agrees. */
  shapeStatus: v.picklist(['known', 'derived', 'unknown']),
  memory: v.nullable(
    v.strictObject({
      kvBytesPerToken: v.number(),
      recurrentBytesPerSession: v.number(),
    }),
  ),
  weights: v.nullable(v.strictObject({ repository, revision: v.nullable(revision), signer })),
  gguf: v.nullable(
    v.strictObject({
      repository,
      repositoryStatus: v.picklist(['known', 'expected']),
      revision: v.nullable(revision),
      revisionStatus: known,
      nameStatus: v.picklist(['listed', 'pattern']),
      signer,
      files: v.array(file),
    }),
  ),
});

const catalogSchema = v.strictObject({
  $schema: v.string(),
  version: v.literal(1),
  asOf: v.string(),
  models: v.array(model),
});

export type Catalog = v.InferOutput<typeof catalogSchema>;
export type CatalogModel = Catalog['models'][number];
export type CatalogFile = NonNullable<CatalogModel['gguf']>['files'][number];
export type Shape = NonNullable<CatalogModel['shape']>;

/** Checks a catalogue. Throws 'internal' naming the field: it ships with the app, so a wrong one is our fault. */
export function parseCatalog(value: unknown): Catalog {
  const result = v.safeParse(catalogSchema, value);
  if (result.success) return result.output;
  const field = v.getDotPath(result.issues[0]) ?? 'catalog';
  throw new AppError('internal', `the catalogue is damaged: ${field}`, { detail: { field } });
}

/** Reads `catalog.json` in the folder that ships with the app. */
export async function loadCatalog(resourcesFolder: string): Promise<Catalog> {
  return parseCatalog(JSON.parse(await readFile(join(resourcesFolder, 'catalog.json'), 'utf8')));
}
