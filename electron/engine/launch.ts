import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { ContractShape } from '../ipc/shape.ts';
import type { EngineProcess } from './child.ts';
import type { LoadRequest } from './port.ts';

// What starting a model's process takes, whether the model writes or makes vectors.

/** The file that a process of ENGINE's begins with: beside this one as source, in a folder of its own when bundled. */
export function entryOf(name: string): string {
  const source = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(source ? `./${name}.ts` : `../engine/${name}.js`, import.meta.url));
}

/** The part of a request that says what calculates. */
type Calculates = Pick<LoadRequest, 'modelPath' | 'gpu' | 'module'>;

/**
 * Starts a model's process with `start`, and once more on the processor where graphics drivers may be why
 * it ended. Throws what `start` throws, 'model-missing', 'model-not-gguf', 'cancelled'.
 * @param onBackendLost told when the chosen backend ended the process and the processor did not.
 */
export async function launchSafely<R extends Calculates, T>(
  request: R,
  start: (request: R) => Promise<T>,
  options: {
    readonly log: Log;
    readonly signal?: AbortSignal;
    readonly onBackendLost?: () => void;
  },
): Promise<T> {
  const { log, signal, onBackendLost } = options;
  if (signal?.aborted) throw cancelled();
  await requireGguf(request.modelPath);
  try {
    return await start(request);
  } catch (error) {
    const code = error instanceof AppError ? error.code : '';
    const driver = code === 'engine-crashed' || code === 'engine-start-failed';
    // A second try would take the same memory once more.
    const isShort = error instanceof AppError && error.detail?.['reason'] === 'memory';
    const { module, ...rest } = request;
    const isPlain = request.gpu === false && module === undefined;
    if (isPlain || !driver || isShort || signal?.aborted) throw error;
    // Graphics drivers are the usual cause; without them the model may still run.
    log.warn('engine.without-gpu', { code });
    const engine = await start({ ...rest, gpu: false } as unknown as R);
    // Only now: a file that ends every process says nothing about the backend.
    onBackendLost?.();
    return engine;
  }
}

/** Does the load of a process that was just started; where it fails or is cancelled the process is gone. */
export async function loadIn<C extends ContractShape, T>(
  child: EngineProcess<C>,
  load: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const onAbort = (): void => child.kill();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await child.ask(load);
  } catch (error) {
    child.expectExit();
    child.kill();
    await child.gone;
    if (signal?.aborted) throw cancelled();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Ends a process: asked first, by force after `graceMs`. Resolves when it is gone. */
export async function endProcess<C extends ContractShape>(
  child: EngineProcess<C>,
  ask: () => Promise<unknown>,
  graceMs: number,
): Promise<void> {
  child.expectExit();
  const force = setTimeout(() => child.kill(), graceMs);
  ask().catch(() => undefined);
  await child.gone;
  clearTimeout(force);
}

function cancelled(): AppError {
  return new AppError('cancelled', 'loading was cancelled');
}

/** The cheap part of the checks, before a process is started for nothing. */
async function requireGguf(path: string): Promise<void> {
  const magic = Buffer.alloc(4);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(magic, 0, 4, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new AppError('model-missing', 'the model file does not exist');
    if (code === 'EISDIR') throw new AppError('model-not-gguf', 'the path is a folder');
    throw error;
  }
  if (magic.toString('latin1') !== 'GGUF') {
    throw new AppError('model-not-gguf', 'the file does not begin with GGUF');
  }
}
