import type {
  ErrorShape,
  LoadedMemory,
  MemorySample,
} from '../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../api.ts';
import type { Client } from '../api.ts';
import { Asked } from './asked.svelte.ts';

export const spans = { minutes: 600_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Span = keyof typeof spans;

/** The measured figures of every loaded model, asked for again when one was measured, loaded or unloaded. */
export function loadedMemory(api: Client): Asked<readonly LoadedMemory[]> {
  const asked = new Asked(() => api.memory.loaded())
    .follow(api, 'memory.changed')
    .follow(api, 'models.changed')
    .follow(api, 'shell.core', (status) => status.state === 'ready');
  void asked.refresh();
  return asked;
}

/** One model's samples over a span that ends now. Grows by what is new on each push. */
export class MemoryHistory {
  #api: Client;
  #modelId: string;
  #span = $state<Span>('minutes');
  #samples = $state.raw<readonly MemorySample[] | null>(null);
  #error = $state.raw<ErrorShape | null>(null);
  #off: () => void;
  #run = 0;

  constructor(api: Client, modelId: string) {
    this.#api = api;
    this.#modelId = modelId;
    this.#off = api.on('memory.changed', (data) => {
      if (data.modelId === modelId) void this.#ask(false);
    });
    void this.#ask(true);
  }

  get span(): Span {
    return this.#span;
  }

  set span(span: Span) {
    this.#span = span;
    this.#samples = null;
    void this.#ask(true);
  }

  /** Oldest first; null until the first answer. */
  get samples(): readonly MemorySample[] | null {
    return this.#samples;
  }

  get error(): ErrorShape | null {
    return this.#error;
  }

  close(): void {
    this.#run += 1;
    this.#off();
  }

  async #ask(whole: boolean): Promise<void> {
    const run = (this.#run += 1);
    const from = Date.now() - spans[this.#span];
    const known = whole ? [] : (this.#samples ?? []).filter((sample) => sample.at >= from);
    const since = known.at(-1)?.at ?? from;
    try {
      const found = await this.#api.memory.history({ since, modelId: this.#modelId });
      // A later question has been asked meanwhile; its answer counts.
      if (run !== this.#run) return;
      const fresh = found
        .filter(
          (sample) => sample.modelId === this.#modelId && (known.length === 0 || sample.at > since),
        )
        .sort((a, b) => a.at - b.at);
      this.#samples = [...known, ...fresh];
      this.#error = null;
    } catch (error) {
      if (run === this.#run) this.#error = shapeOf(error);
    }
  }
}
