import { performance } from 'node:perf_hooks';
import type { NativeLlama } from '../../native/llama/binding.ts';
import { refine } from '../../native/llama/buffers.ts';
import type { NativeEmbedder } from '../../native/llama/embedding.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { AppError } from '../ipc/app-error.ts';
import type {
  EmbedRequest,
  EmbedderInfo,
  EmbedderLoadRequest,
  Embeddings,
} from './embedder-port.ts';
import { mostTextTokens, poolings } from './embedder-port.ts';
import { createEmbedQueue } from './embedder-queue.ts';
import {
  failedToLoad,
  probeModel,
  requireArchitecture,
  requireMemory,
  startLlama,
} from './load.ts';
import type { EngineMemory } from './port.ts';
import { createProcessMeter } from './process-memory.ts';
import { tuneThreads } from './tune.ts';

/** One loaded embedding model: all that its process does. */
export interface EmbedderHost {
  readonly info: EmbedderInfo;
  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>;
  memory(): Promise<EngineMemory>;
  close(): Promise<void>;
}

/** Loads an embedding model. Throws the AppErrors that `EmbedderLauncher.launch` names. */
export async function openEmbedderHost(request: EmbedderLoadRequest): Promise<EmbedderHost> {
  const begun = performance.now();
  const probe = await probeModel(request.modelPath);
  const pooling = poolings[probe.pooling ?? 0];
  if (pooling === undefined) {
    throw new AppError('model-not-embedding', 'the file names no pooling of vectors', {
      detail: { architecture: probe.architecture },
    });
  }
  const llama = await startLlama(request);
  requireArchitecture(probe, llama);
  // Every token sees all others at once: nothing is cached between two evaluations.
  const sizes = { ...request, contextSize: 0, sessions: 1 };
  await requireMemory(probe, sizes, llama);
  const bare = process.memoryUsage.rss();
  const most = request.threads ?? llama.cores;
  llama.threads = most;
  const { gpuLayers } = request;
  const model = await llama
    .loadEmbedder(request.modelPath, {
      ...{ most: mostTextTokens, threads: most },
      ...(gpuLayers !== undefined && { gpuLayers }),
    })
    .catch(async (error: unknown) => {
      throw await failedToLoad(error, probe, sizes, llama, false);
    });
  const threads = request.threads ?? (await chooseThreads(llama, model));
  return createHost(
    { llama, probe, model, bare },
    {
      ...{ pid: process.pid, dimensions: model.dimensions, pooling, maxTokens: model.maxTokens },
      ...{ threads, backend: llama.backend, engineVersion: llama.version },
      loadMs: performance.now() - begun,
    },
  );
}

async function chooseThreads(llama: NativeLlama, model: NativeEmbedder): Promise<number> {
  const { threads } = await tuneThreads({
    cores: llama.cores,
    now: () => performance.now(),
    use: (count) => {
      llama.threads = count;
    },
    // About as long as a question or a short passage.
    step: async () => void (await model.embed('what is granite made of '.repeat(8))),
  });
  return threads;
}

function createHost(
  parts: {
    readonly llama: NativeLlama;
    readonly probe: GgufProbe;
    readonly model: NativeEmbedder;
    readonly bare: number;
  },
  info: EmbedderInfo,
): EmbedderHost {
  const { llama, probe, model, bare } = parts;
  const meter = createProcessMeter();
  let texts = 0;
  const queue = createEmbedQueue(async (text) => {
    const { vector, isCut } = await model.embed(text);
    texts += 1;
    return { vector: unit(vector), isCut };
  });
  return {
    info,
    embed: (request, signal) => queue.add(request, signal),
    async memory() {
      const [own, devices] = await Promise.all([meter.read(), llama.devices()]);
      const printed = llama.buffers();
      return {
        ...own,
        pid: process.pid,
        weights: refine(printed.weights, probe.tensorBytes),
        weightParts: printed.weightParts,
        ...{ kv: printed.kv, recurrent: 0, checkpoints: 0, kvType: 'f16', sessions: [] },
        ...{ compute: printed.compute, output: printed.output, process: bare },
        devices,
        answers: texts,
      };
    },
    async close() {
      await queue.end();
      await llama.dispose();
    },
  };
}

/** Throws 'internal' for a vector without a direction: compared with others it would give no number. */
function unit(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  if (!(length > 0 && Number.isFinite(length))) {
    throw new AppError('internal', 'the model gave a vector without a direction');
  }
  return Float32Array.from(vector, (value) => value / length);
}
