import type { Tasks } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';

/** A load that is going on, for those who wait for it. */
export interface Awaited {
  readonly taskId: string;
  readonly finished: Promise<void>;
  readonly listeners: Set<(fraction: number) => void>;
  /** Turns that wait for it, and one for a person who asked for it. At none the load is given up. */
  waiting: number;
  fraction: number;
}

/** Waits for a load, tells how far it is, and gives it up when nobody is left. Throws 'cancelled', or what the load throws. */
export async function waitForLoad(
  tasks: Pick<Tasks, 'cancel'>,
  load: Awaited,
  signal: AbortSignal,
  onLoading: ((fraction: number) => void) | undefined,
): Promise<void> {
  load.waiting += 1;
  if (onLoading) {
    onLoading(load.fraction);
    load.listeners.add(onLoading);
  }
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new AppError('cancelled', 'cancelled'));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([load.finished, left]);
  } finally {
    if (leave) signal.removeEventListener('abort', leave);
    if (onLoading) load.listeners.delete(onLoading);
    load.waiting -= 1;
    if (load.waiting === 0 && signal.aborted) tasks.cancel(load.taskId);
  }
}
