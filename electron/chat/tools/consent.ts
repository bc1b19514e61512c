import type { ToolAnswer } from '../../ipc/contract/index.ts';

/** Calls that wait for a person. */
export interface ConsentDesk {
  /** Waits for the answer to one call. Throws the signal's reason when the turn is stopped first. */
  ask(useId: string, signal: AbortSignal): Promise<ToolAnswer>;
  /** False where nothing waits under this id any more. */
  answer(useId: string, answer: ToolAnswer): boolean;
}

export function createConsentDesk(): ConsentDesk {
  const waiting = new Map<string, (answer: ToolAnswer) => void>();
  return {
    ask(useId, signal) {
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(useId);
          signal.removeEventListener('abort', stopped);
        };
        const stopped = (): void => {
          leave();
          reject(signal.reason as Error);
        };
        waiting.set(useId, (answer) => {
          leave();
          resolve(answer);
        });
        signal.addEventListener('abort', stopped, { once: true });
        if (signal.aborted) stopped();
      });
    },
    answer(useId, answer) {
      const resolve = waiting.get(useId);
      resolve?.(answer);
      return resolve !== undefined;
    },
  };
}
