import { checkModule } from '../../native/backends.ts';
import type { NativeLlama, NativeModel } from '../../native/llama/binding.ts';
import { openLlama } from '../../native/llama/binding.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { GgufProblem, probeGguf } from '../../native/llama/gguf-probe.ts';
import { AppError } from '../ipc/app-error.ts';
import type { ErrorCode } from '../ipc/contract/index.ts';
import { freeMemory } from './free-memory.ts';
import { kvBlockBytes } from './measure.ts';
import type { LoadRequest } from './port.ts';

const problems: Readonly<Record<GgufProblem['kind'], ErrorCode>> = {
  'not-gguf': 'model-not-gguf',
  truncated: 'model-truncated',
  malformed: 'model-load-failed',
};

/** What decides the memory that a load takes, beside the file. */
type Sizes = Pick<LoadRequest, 'contextSize' | 'sessions' | 'kvType' | 'memoryLimit'>;

/** Starts llama.cpp as the request has it. Throws 'engine-start-failed'. */
export async function startLlama({
  gpu,
  module,
}: Pick<LoadRequest, 'gpu' | 'module'>): Promise<NativeLlama> {
  try {
    if (module === undefined) return await openLlama({ gpu });
    const checked = await checkModule(module);
    if (typeof checked === 'string')
      throw new Error(`the module ${module.name} is refused: ${checked}`);
    return await openLlama({ gpu: false, module });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('engine-start-failed', `llama.cpp did not start: ${reason}`);
  }
}

/** Throws 'model-architecture-unknown' where this build of llama.cpp cannot read the model. */
export function requireArchitecture(probe: GgufProbe, llama: NativeLlama): void {
  if (llama.supports(probe.architecture)) return;
  throw new AppError('model-architecture-unknown', 'this build does not know the architecture', {
    detail: { architecture: probe.architecture },
  });
}

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
 * Bytes that a load certainly takes: weights, KV cache and recurrent states. The compute buffer
 * is not in it: it depends on the backend, and a refusal should never be wrong.
 */
function neededMemory(probe: GgufProbe, request: Sizes): number {
  const { shape } = probe;
  if (!shape) return probe.tensorBytes;
  const block = kvBlockBytes[request.kvType ?? 'f16'];
  const tokens = request.contextSize * request.sessions;
  const kv = (shape.kvElementsPerToken / 32) * block * tokens;
  return probe.tensorBytes + kv + shape.recurrentBytes * request.sessions;
}

/** Throws 'model-too-large' with the bytes needed and available, before anything is mapped. */
export async function requireMemory(
  probe: GgufProbe,
  request: Sizes,
  llama: Pick<NativeLlama, 'free'>,
): Promise<void> {
  if (neededMemory(probe, request) > (await availableMemory(request, llama))) {
    throw await tooLarge(probe, request, llama);
  }
}

/** The error for a model that does not fit, with the numbers. */
async function tooLarge(
  probe: GgufProbe,
  request: Sizes,
  llama: Pick<NativeLlama, 'free'>,
): Promise<AppError> {
  return new AppError('model-too-large', 'the model needs more memory than there is', {
    detail: {
      neededBytes: neededMemory(probe, request),
      availableBytes: Math.floor(await availableMemory(request, llama)),
    },
  });
}

async function availableMemory(request: Sizes, llama: Pick<NativeLlama, 'free'>): Promise<number> {
  if (request.memoryLimit !== undefined) return request.memoryLimit;
  const { ram, vram } = await llama.free();
  // llama.cpp's own figure does not know that cached files are given up when memory is needed.
  return (process.platform === 'linux' ? freeMemory() : ram) + vram;
}

/** Maps the weights. Throws 'model-too-large' with numbers, or 'model-load-failed'. */
export async function loadModel(
  llama: NativeLlama,
  probe: GgufProbe,
  request: LoadRequest,
  onProgress: (fraction: number) => void,
): Promise<NativeModel> {
  try {
    const { gpuLayers } = request;
    return await llama.load(request.modelPath, {
      onProgress,
      ...(gpuLayers !== undefined && { gpuLayers }),
    });
  } catch (error) {
    throw await failedToLoad(error, probe, request, llama, false);
  }
}

/** As ggml, llama.cpp's backends and the binding say it, in 2025 and 2026. */
const shortWords =
  /insufficient|not enough[^:]*memory|out ?of ?(?:device|host)? ?memory|(?:failed|unable) to allocate|alloc\w*[^:]{0,40} failed|bad_alloc/i;

/**
 * Whether a load failed for lack of memory.
 * @param lines llama.cpp's last lines of level error.
 * @param unclear What counts where nothing was said.
 */
export function isShortOfMemory(
  message: string,
  lines: readonly string[],
  unclear: boolean,
): boolean {
  if ([message, ...lines].some((line) => shortWords.test(line))) return true;
  return lines.length === 0 && unclear;
}

/** The error for weights or a context that llama.cpp could not make. */
export async function failedToLoad(
  error: unknown,
  probe: GgufProbe,
  request: Sizes,
  llama: Pick<NativeLlama, 'free' | 'errors'>,
  unclear: boolean,
): Promise<AppError> {
  const message = error instanceof Error ? error.message : String(error);
  const lines = llama.errors();
  if (isShortOfMemory(message, lines, unclear)) return tooLarge(probe, request, llama);
  const reason = lines.at(-1);
  const whole = reason === undefined ? message : `${message}: ${reason}`;
  return new AppError('model-load-failed', whole, { cause: error });
}
