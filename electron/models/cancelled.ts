import { AppError } from '../ipc/app-error.ts';

/** Rejects with 'cancelled' when the signal aborts while the condition holds; else never settles. */
export function cancelledWhile(holds: () => boolean, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const check = (): void => {
      if (holds()) reject(new AppError('cancelled', 'load cancelled'));
    };
    if (signal.aborted) check();
    else signal.addEventListener('abort', check, { once: true });
  });
}
