import type {
  ErrorShape,
  LoadedMemory,
  MemorySample,
} from '../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../api.ts';
import type { Client } from '../api.ts';
import { Asked } from './asked.svelte.ts';

/** Milliseconds. */
export const spans = {
  minutes: 300_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
} as const;
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

/** As many as a chart is wide, about: more cannot be seen. */
const chartPoints = 480;
/** Samples of several models do not arrive in one order: the newest seconds are asked for again. */
const overlap = 5000;

/**
 * The samples of every model over a span that ends now, thinned for a chart. Grows by what is new on
 * each push.
 */
export class MemoryHistory {
  #api: Client;
  #span = $state<Span>('minutes');
  #samples = $state.raw<readonly MemorySample[] | null>(null);
  #error = $state.raw<ErrorShape | null>(null);
  #off: () => void;
  #run = 0;

  constructor(api: Client) {
    this.#api = api;
    this.#off = api.on('memory.changed', () => void this.#ask(false));
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

  /** Every sample of the span that is kept, not thinned. */
  whole(): Promise<readonly MemorySample[]> {
    return this.#api.memory.history({ since: Date.now() - spans[this.#span] });
  }

  refresh(): Promise<void> {
    return this.#ask(true);
  }

  close(): void {
    this.#run += 1;
    this.#off();
  }

  async #ask(whole: boolean): Promise<void> {
    const run = (this.#run += 1);
    const from = Date.now() - spans[this.#span];
    const before = (this.#samples ?? []).filter((sample) => sample.at >= from);
    const models = new Set(before.map((sample) => sample.modelId)).size;
    // What was added one by one is thinned again from time to time.
    const known = whole || before.length > 2 * chartPoints * Math.max(1, models) ? [] : before;
    const newest = known.at(-1)?.at;
    const since = newest === undefined ? from : newest - overlap;
    try {
      const found = await this.#api.memory.history({ since, points: chartPoints });
      // A later question has been asked meanwhile; its answer counts.
      if (run !== this.#run) return;
      const seen = new Set(known.map(keyOf));
      const fresh = found.filter((sample) => !seen.has(keyOf(sample)));
      this.#samples = [...known, ...fresh].sort((a, b) => a.at - b.at);
      this.#error = null;
    } catch (error) {
      if (run === this.#run) this.#error = shapeOf(error);
    }
  }
}

const keyOf = (sample: MemorySample): string => `${sample.at} ${sample.modelId}`;
