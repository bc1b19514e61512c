import { AppError } from '../ipc/app-error.ts';
import type { LoadOptions, ModelHeader, ModelRef } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Catalog, CatalogFile, CatalogModel } from './catalog/catalog.ts';
import { fileBytes, headerOf, memoryOf } from './catalog/size.ts';
import { contextLimit, planFit } from './fit.ts';
import type { Wishes } from './wishes.ts';

/** A model as far as memory goes, whether its file is here or not. */
export interface ReferredModel {
  readonly modelId: string | null;
  readonly catalogId: string | null;
  readonly name: string;
  readonly quantization: string;
  readonly header: ModelHeader;
  readonly contextLimit: number;
  /** What the app would load it with on a machine of this memory. */
  planned(memory: { total: number; available: number }): LoadOptions;
  /** The model of the same size and the other kind (hybrid or not), where the catalogue has one. */
  readonly counterpart: ModelRef | null;
}

/** Used where nobody names one. */
const usualQuantization = 'Q4_K_M';

/** @returns a function that finds what a reference means. */
export function createRefer(ports: {
  list(): readonly StoredModel[];
  catalog(): Promise<Catalog>;
  readonly wishes: Pick<Wishes, 'complete' | 'usual'>;
}): (ref: ModelRef) => Promise<ReferredModel> {
  const describe = (
    header: ModelHeader,
    told: Pick<ReferredModel, 'modelId' | 'catalogId' | 'name' | 'quantization' | 'counterpart'>,
  ): ReferredModel => ({
    ...told,
    header,
    contextLimit: contextLimit(header),
    planned(memory) {
      const model = ports.list().find(({ id }) => id === told.modelId);
      const wish = model ? ports.wishes.complete(model) : ports.wishes.usual();
      const { contextSize, sessions, kvType } = planFit(header, wish, memory);
      return { contextSize, sessions, kvType };
    },
  });

  /** A file that is here is better than one that could be fetched. */
  const counterpartOf = (
    catalog: Catalog,
    entry: CatalogModel | undefined,
    quantization: string,
  ): ModelRef | null => {
    const other = entry && otherKind(catalog, entry);
    if (!other) return null;
    const here = ports
      .list()
      .find(({ header }) => isOf(header, other) && header.quantization === quantization);
    if (here !== undefined) return { modelId: here.id };
    const file = other.gguf?.files.find((one) => one.quantization === quantization);
    return { catalogId: other.id, ...(file && { quantization }) };
  };

  return async ({ modelId, catalogId, quantization }) => {
    if ((modelId === undefined) === (catalogId === undefined)) {
      throw new AppError('invalid-argument', 'a model of the library or of the catalogue', {
        detail: { field: 'modelId' },
      });
    }
    const catalog = await ports.catalog();
    if (modelId !== undefined) {
      const model = ports.list().find(({ id }) => id === modelId);
      if (model === undefined) throw new AppError('not-found', 'no such model');
      const entry = catalog.models.find((one) => isOf(model.header, one));
      const own = model.header.quantization;
      return describe(model.header, {
        modelId,
        catalogId: null,
        name: model.name,
        quantization: own,
        counterpart: counterpartOf(catalog, entry, own),
      });
    }
    const entry = catalog.models.find(({ id }) => id === catalogId);
    const file = entry && fileOf(entry, quantization);
    const shape = entry?.shape;
    const size = shape && file ? fileBytes(shape, file) : null;
    if (!entry || !shape || !file || size === null) {
      throw new AppError('not-found', 'the catalogue has no such file with a known shape');
    }
    return describe(headerOf(entry, shape, file, size.bytes), {
      modelId: null,
      catalogId: entry.id,
      name: entry.name,
      quantization: file.quantization,
      counterpart: counterpartOf(catalog, entry, file.quantization),
    });
  };
}

function fileOf(entry: CatalogModel, quantization?: string): CatalogFile | undefined {
  const files = entry.gguf?.files ?? [];
  if (quantization !== undefined) return files.find((one) => one.quantization === quantization);
  return files.find((one) => one.quantization === usualQuantization) ?? files[0];
}

/** IBM's names: granite-4.0-h-micro beside granite-4.0-micro. */
function otherKind(catalog: Catalog, entry: CatalogModel): CatalogModel | undefined {
  const id = entry.id.includes('-h-')
    ? entry.id.replace('-h-', '-')
    : entry.id.replace(/^(granite-[\d.]+-)/, '$1h-');
  return catalog.models.find((one) => one.id === id && one.shape !== null);
}

/** The same shape as far as memory goes: a file's own name proves nothing. */
function isOf(header: ModelHeader, { shape, variant }: CatalogModel): boolean {
  if (shape === null || variant !== 'instruct') return false;
  const memory = memoryOf(shape);
  return (
    shape.architecture === header.architecture &&
    shape.embedding === header.embeddingLength &&
    shape.layers === header.layers &&
    shape.vocabulary === header.vocabulary &&
    memory.kvBytesPerToken === header.kvBytesPerToken &&
    memory.recurrentBytesPerSession === header.recurrentBytesPerSession
  );
}
