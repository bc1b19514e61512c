import type { NativeLlama, NativeModel } from '../../native/llama/binding.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { GgufProblem, probeGguf } from '../../native/llama/gguf-probe.ts';
import { AppError } from '../ipc/app-error.ts';
import type { ErrorCode } from '../ipc/contract/index.ts';
import { freeMemory } from './free-memory.ts';
import type { LoadRequest } from './port.ts';

const problems: Readonly<Record<GgufProblem['kind'], ErrorCode>> = {
  'not-gguf': 'model-not-gguf',
  truncated: 'model-truncated',
  malformed: 'model-load-failed',
};

/** Looks at the header before llama.cpp maps the file. Throws AppError by code. */
export async function probeModel(path: string): Promise<GgufProbe> {
  let probe: GgufProbe;
  try {
    probe = await probeGguf(path);
  } catch (error) {
    if (error instanceof GgufProblem) throw new AppError(problems[error.kind], error.message);
    if ((error as { code?: unknown }).code === 'ENOENT') {
      throw new AppError('model-missing', 'the model file does not exist');
    }
    throw error;
  }
  if (probe.fileBytes < probe.neededBytes) {
    throw new AppError('model-truncated', 'the file is shorter than its tensors', {
      detail: { fileBytes: probe.fileBytes, neededBytes: probe.neededBytes },
    });
  }
  return probe;
}

/**
 * Bytes that a load certainly takes: weights, KV cache (F16) and recurrent states. The compute buffer
 * is not in it: it depends on the backend, and a refusal should never be wrong.
 */
function neededMemory(
  probe: GgufProbe,
  request: Pick<LoadRequest, 'contextSize' | 'sessions'>,
): number {
  const { shape } = probe;
  if (!shape) return probe.tensorBytes;
  const kv = 2 * shape.kvElementsPerToken * request.contextSize * request.sessions;
  return probe.tensorBytes + kv + shape.recurrentBytes * request.sessions;
}

/** Throws 'model-too-large' with the bytes needed and available, before anything is mapped. */
export async function requireMemory(
  probe: GgufProbe,
  request: LoadRequest,
  llama: Pick<NativeLlama, 'free'>,
): Promise<void> {
  if (neededMemory(probe, request) > (await availableMemory(request, llama))) {
    throw await tooLarge(probe, request, llama);
  }
}

/** The error for a model that does not fit, with the numbers. */
export async function tooLarge(
  probe: GgufProbe,
  request: LoadRequest,
  llama: Pick<NativeLlama, 'free'>,
): Promise<AppError> {
  return new AppError('model-too-large', 'the model needs more memory than there is', {
    detail: {
      neededBytes: neededMemory(probe, request),
      availableBytes: Math.floor(await availableMemory(request, llama)),
    },
  });
}

async function availableMemory(
  request: LoadRequest,
  llama: Pick<NativeLlama, 'free'>,
): Promise<number> {
  if (request.memoryLimit !== undefined) return request.memoryLimit;
  const { ram, vram } = await llama.free();
  // llama.cpp's own figure does not know that cached files are given up when memory is needed.
  return (process.platform === 'linux' ? freeMemory() : ram) + vram;
}

/** Maps the weights. Throws 'model-too-large' or 'model-load-failed'. */
export async function loadModel(
  llama: NativeLlama,
  path: string,
  onProgress: (fraction: number) => void,
): Promise<NativeModel> {
  try {
    return await llama.load(path, { onProgress });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = /insufficient|not enough.*memory/i.test(message)
      ? 'model-too-large'
      : 'model-load-failed';
    const reason = llama.errors().at(-1);
    throw new AppError(code, reason === undefined ? message : `${message}: ${reason}`, {
      cause: error,
    });
  }
}
