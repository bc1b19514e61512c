import type { EmbedderLook } from '../engine/embedder-port.ts';
import type { EmbeddingModel, EmbeddingState, Settings } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Library } from './library.ts';

/** One more whenever vectors of the same file come out otherwise: how texts are cut, or made of length 1. */
const version = 'v1';

export interface Chosen {
  readonly installed: readonly EmbeddingModel[];
  /** The one in use, if it is there. */
  readonly model: StoredModel | null;
  /** Why there is none; null where there is one. */
  readonly why: Extract<EmbeddingState['status'], 'none' | 'off' | 'missing'> | null;
}

/** True for models that make vectors of texts. */
export const isEmbedding = ({ header }: Pick<StoredModel, 'header'>): boolean =>
  header.purpose === 'embedding';

/** Which embedding model a person's setting means, of those that are there. */
export function choose(
  library: Pick<Library, 'list' | 'problem'>,
  { embeddingModel }: Pick<Settings, 'embeddingModel'>,
): Chosen {
  const all = library.list().filter(isEmbedding);
  const isThere = (model: StoredModel): boolean => library.problem(model.id) === null;
  const installed = all.map((model) => toView(model, !isThere(model)));
  const there = all.filter(isThere);
  const none = (why: Chosen['why']): Chosen => ({ installed, model: null, why });
  if (embeddingModel === 'none') return none('off');
  // Another one in its place would mean that every passage is read again, and again when it is back.
  const model =
    embeddingModel === 'automatic' ? there.at(-1) : there.find(({ id }) => id === embeddingModel);
  if (model !== undefined) return { installed, model, why: null };
  const isNone = embeddingModel === 'automatic' && all.length === 0;
  return none(isNone ? 'none' : 'missing');
}

export function toView(model: StoredModel, missing = false): EmbeddingModel {
  const { id, name, bytes, header } = model;
  return { id, name, bytes, dimensions: header.embeddingLength, missing };
}

/**
 * A model as those see it who keep vectors of it; null while its file is being hashed for the first time:
 * without the hash a file of the same name might be another one.
 */
export function lookOf(model: StoredModel): EmbedderLook | null {
  const { header, sha256, hashState } = model;
  if (sha256 === null && hashState !== 'failed') return null;
  const file = sha256 ?? `${model.id} ${model.bytes} ${model.modifiedAt}`;
  const fingerprint = [file, header.pooling, header.embeddingLength, version].join(':');
  return { modelId: model.id, modelName: model.name, fingerprint };
}
