import { basename } from 'node:path';
import { poolings } from '../engine/embedder-port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { ModelHeader } from '../ipc/contract/index.ts';
import { kvBytesPerToken, recurrentBytesPerSession } from '../memory/estimate.ts';
import { fileTypeNames } from './ggml-types.ts';
import { readGguf } from './gguf.ts';
import type { Gguf, MetadataValue } from './gguf.ts';

/** How the miniature is called wherever a person reads it, whatever its file says of itself. */
export const miniatureName = 'Miniature (demo)';

/** Stands in files of `npm run shape`: random weights that cannot answer. */
export const shapeKey = 'quarry.shape';

/**
 * Reads the facts of a model file. Throws what `readGguf` throws, and 'model-architecture-unknown'
 * for a file that describes no language model, 'model-load-failed' for one part of a split model.
 */
export async function readModelHeader(path: string): Promise<ModelHeader> {
  return toModelHeader(await readGguf(path), path);
}

/**
 * From header values to the facts the app works with. Memory formulas: granite.md §2.1. A layer
 * counts as recurrent where `attention.head_count_kv` is an array with 0 for it, or everywhere in a
 * model that has `ssm` facts and no attention heads at all.
 */
export function toModelHeader(gguf: Gguf, path: string): ModelHeader {
  const file = basename(path);
  const read = reader(gguf.metadata);
  const architecture = read.text('general.architecture') ?? '';
  const own = (key: string): string => `${architecture}.${key}`;
  const layers = read.count(own('block_count'));
  const embeddingLength = read.count(own('embedding_length'));
  if (architecture === '' || layers === 0 || embeddingLength === 0 || layers > 65_536) {
    throw new AppError('model-architecture-unknown', 'the file describes no language model', {
      detail: { file, architecture: architecture === '' ? 'none' : printable(architecture) },
    });
  }
  const parts = read.count('split.count');
  if (parts > 1) {
    throw new AppError('model-load-failed', 'a model split into several files', {
      detail: { file, parts },
    });
  }

  const kvHeads = read.perLayer(own('attention.head_count_kv'), layers);
  const heads = read.perLayer(own('attention.head_count'), layers);
  const ssm = {
    inner: read.count(own('ssm.inner_size')),
    state: read.count(own('ssm.state_size')),
    convolution: read.count(own('ssm.conv_kernel')),
    groups: read.count(own('ssm.group_count')),
  };
  const hasState = ssm.inner > 0 && ssm.state > 0;
  // Without kv counts every head has its own; without any head there is no attention.
  const kvPerLayer = (kvHeads ?? heads ?? []).slice(0, layers);
  const queryHeads = (heads ?? []).find((count) => count > 0) ?? 0;
  const headSize = queryHeads > 0 ? embeddingLength / queryHeads : 0;
  const use = purposeOf(architecture, gguf.metadata.get(own('pooling_type')));
  const attention = kvPerLayer.filter((count) => count > 0);
  const recurrentLayers = hasState ? layers - attention.length : 0;

  return {
    architecture: printable(architecture),
    name: nameOf(gguf.metadata, file),
    parameters: gguf.tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    quantization: quantizationOf(gguf),
    bytes: gguf.fileBytes,
    tensorBytes: gguf.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
    tensorCount: gguf.tensors.length,
    vocabulary: read.length('tokenizer.ggml.tokens') ?? read.count(own('vocab_size')),
    layers,
    attentionLayers: attention.length,
    recurrentLayers,
    embeddingLength,
    declaredContext: read.count(own('context_length')),
    // llama.cpp makes no memory for models whose tokens all see each other.
    kvBytesPerToken: kvBytesPerToken(
      encoders.has(architecture) ? [] : attention,
      read.count(own('attention.key_length')) || headSize,
      read.count(own('attention.value_length')) || headSize,
    ),
    recurrentBytesPerSession: recurrentBytesPerSession(recurrentLayers, ssm),
    hasChatTemplate: (read.text('tokenizer.chat_template') ?? '') !== '',
    experts: read.count(own('expert_count')),
    ...use,
    ...(gguf.metadata.has(shapeKey) && { isShape: true }),
  };
}

/** Architectures that llama.cpp keeps no memory for (llama-model.cpp, create_memory) and that do not write. */
const encoders: ReadonlySet<string> = new Set([
  ...['bert', 'jina-bert-v2', 'jina-bert-v3', 'nomic-bert', 'nomic-bert-moe', 'neo-bert'],
  ...['eurobert', 'modern-bert', 'gemma-embedding', 't5encoder'],
]);

/**
 * What a model is for, where it does not write. A model that names how its tokens become one vector was
 * converted to embed texts, whatever its architecture; without that name an encoder is of no use here.
 */
function purposeOf(
  architecture: string,
  type: MetadataValue | undefined,
): Pick<ModelHeader, 'purpose' | 'pooling'> {
  const pooling = typeof type === 'number' ? poolings[type] : undefined;
  if (pooling !== undefined) return { purpose: 'embedding', pooling };
  return encoders.has(architecture) || type === 4 ? { purpose: 'other' } : {};
}

function nameOf(metadata: Gguf['metadata'], file: string): string {
  if (metadata.get('general.basename') === 'granite-mini-h') return miniatureName;
  const name = metadata.get('general.name');
  const told = typeof name === 'string' ? printable(name) : '';
  return told === '' ? file.replace(/\.gguf$/i, '') : told;
}

/** One line without control characters, as it goes into lists and error facts. */
function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

function quantizationOf(gguf: Gguf): string {
  const type = gguf.metadata.get('general.file_type');
  const told = typeof type === 'number' ? fileTypeNames.get(type) : undefined;
  if (told !== undefined) return told;
  const bytes = new Map<string, number>();
  for (const tensor of gguf.tensors) {
    bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.bytes);
  }
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

function reader(metadata: ReadonlyMap<string, MetadataValue>) {
  const count = (key: string): number => {
    const value = metadata.get(key);
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
  };
  return {
    count,
    text: (key: string): string | undefined => {
      const value = metadata.get(key);
      return typeof value === 'string' ? value : undefined;
    },
    length: (key: string): number | undefined => {
      const value = metadata.get(key);
      return typeof value === 'object' ? value.count : undefined;
    },
    /** A number holds for every layer, an array tells each. */
    perLayer: (key: string, layers: number): readonly number[] | undefined => {
      const value = metadata.get(key);
      if (typeof value === 'number') return Array.from({ length: layers }, () => count(key));
      if (typeof value !== 'object' || value.values === null) return undefined;
      return value.values.map((one) => (Number.isSafeInteger(one) && one > 0 ? one : 0));
    },
  };
}
