import type { PushName, Pushes } from '../../../electron/ipc/contract/index.ts';
import type { ErrorShape } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';
import { shapeOf } from '../api.ts';

/**
 * The one rule of state in the window: the back end owns it, pushes say that something changed, the
 * window asks again. `value` is the last answer; an announcement during a question leads to exactly
 * one more question, so the last answer is never older than the last announcement.
 */
export class Asked<T> {
  #value = $state.raw<T | undefined>(undefined);
  #error = $state.raw<ErrorShape | null>(null);
  #ask: () => Promise<T>;
  #asking: Promise<void> | null = null;
  #again = false;
  #closed = false;
  #off: (() => void)[] = [];

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  get value(): T | undefined {
    return this.#value;
  }

  get error(): ErrorShape | null {
    return this.#error;
  }

  /** Asks now. Resolves when the answer is in `value` (or the refusal in `error`). */
  refresh(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#asking) {
      this.#again = true;
      return this.#asking;
    }
    this.#asking = this.#run().finally(() => {
      this.#asking = null;
      // Asked for after the last look at `#again` and before this line.
      return this.#again ? this.refresh() : undefined;
    });
    return this.#asking;
  }

  /** Asks again on each of these announcements. */
  follow<N extends PushName>(
    api: Client,
    push: N,
    when: (data: Pushes[N]) => boolean = () => true,
  ) {
    this.#off.push(api.on(push, (data) => void (when(data) && this.refresh())));
    return this;
  }

  close(): void {
    this.#closed = true;
    for (const off of this.#off) off();
    this.#off = [];
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        const value = await this.#ask();
        if (this.#closed) return;
        this.#value = value;
        this.#error = null;
      } catch (error) {
        if (this.#closed) return;
        this.#error = shapeOf(error);
      }
    } while (this.#again && !this.#closed);
  }
}

/** Asks at once and again on every push of that name. `close()` it when its owner goes. */
export function asked<T, N extends PushName>(
  api: Client,
  push: N,
  ask: () => Promise<T>,
  when?: (data: Pushes[N]) => boolean,
): Asked<T> {
  const state = new Asked(ask).follow(api, push, when);
  // A restarted CORE may have changed everything.
  state.follow(api, 'shell.core', (status) => status.state === 'ready');
  void state.refresh();
  return state;
}
