import type {
  ErrorShape,
  ModelPlace,
  PlaceFit,
} from '../../../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../../../api.ts';
import type { Client } from '../../../api.ts';

interface Wanted {
  /** What the answer is kept under. */
  readonly key: string;
  readonly from: ModelPlace;
}

/** What fits of files that are not here, and what of them was asked for. Lives as long as its dialog. */
export class Fitting {
  #api: Client;
  #stopped = false;
  running = $state(false);
  done = $state(0);
  all = $state(0);
  fits = $state.raw<Readonly<Record<string, PlaceFit>>>({});
  errors = $state.raw<Readonly<Record<string, ErrorShape>>>({});
  /** Keys of files: the hub is being asked, or they are on their way. */
  asking = $state.raw<readonly string[]>([]);
  going = $state.raw<readonly string[]>([]);

  constructor(api: Client) {
    this.#api = api;
  }

  /** One after the other, so that a slow line shows what it has. One that fails does not stop the rest. */
  async check(wanted: readonly Wanted[]): Promise<void> {
    const left = wanted.filter(({ key }) => this.fits[key] === undefined);
    this.#stopped = false;
    this.running = true;
    this.done = 0;
    this.all = left.length;
    for (const { key, from } of left) {
      if (this.#stopped) break;
      try {
        this.fits = { ...this.fits, [key]: await this.#api.models.fitOf({ from }) };
        this.#forget(key);
      } catch (error) {
        this.errors = { ...this.errors, [key]: shapeOf(error) };
      }
      this.done += 1;
    }
    this.running = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  async get({ key, from }: Wanted): Promise<void> {
    this.asking = [...this.asking, key];
    this.#forget(key);
    try {
      await this.#api.models.downloadFrom({ from });
      this.going = [...this.going, key];
    } catch (error) {
      this.errors = { ...this.errors, [key]: shapeOf(error) };
    } finally {
      this.asking = this.asking.filter((one) => one !== key);
    }
  }

  #forget(key: string): void {
    this.errors = Object.fromEntries(Object.entries(this.errors).filter(([one]) => one !== key));
  }
}
