import { readFileSync } from 'node:fs';
import { stateDigest } from './state-digest.ts';
import type { StateDigest } from './state-digest.ts';

/**
 * Listens where the binding's JavaScript ends and llama.cpp begins: what is told here has happened, whatever
 * ENGINE believes. The binding's classes are wrapped as its library is loaded, so no code under test knows.
 */
export type TraceEvent =
  | { type: 'open'; context: number; batch: number; sequences: number }
  | { type: 'close'; context: number }
  | { type: 'decode'; context: number; parts: readonly TracePart[] }
  | { type: 'failed'; context: number; sequences: readonly number[] }
  | { type: 'sample'; context: number; sequence: number; position: number; token: number }
  | { type: 'clear'; context: number; sequence: number }
  | { type: 'cut'; context: number; sequence: number; from: number; to: number; done: boolean }
  | { type: 'shift'; context: number; sequence: number }
  | { type: 'saving'; context: number; sequence: number; save: number; tokens: readonly number[] }
  | ({ type: 'saved'; context: number; save: number } & StateDigest)
  | {
      type: 'load';
      context: number;
      sequence: number;
      /** '' where the file is none. */
      digest: string;
      tokens: readonly number[] | null;
    }
  | {
      type: 'checkpoint';
      context: number;
      sequence: number;
      checkpoint: number;
      position: number;
      bytes: number;
    }
  | { type: 'restore'; context: number; checkpoint: number; position: number; done: boolean }
  | { type: 'drop'; checkpoint: number };

/** A sequence's tokens in one batch. `logits`: indexes in `tokens` whose result was asked for. */
export interface TracePart {
  readonly sequence: number;
  readonly first: number;
  readonly tokens: readonly number[];
  readonly logits: readonly number[];
}

/** What is used here of the binding's native classes. */
export interface RawContext {
  initBatch(size: number): void;
  addToBatch(
    sequence: number,
    first: number,
    tokens: Uint32Array,
    logits: Uint32Array,
  ): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(index: number, sampler: unknown, ...rest: unknown[]): Promise<unknown>;
  disposeSequence(sequence: number): void;
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  shiftSequenceTokenCells(sequence: number, from: number, to: number, by: number): void;
  saveSequenceStateToFile(path: string, sequence: number, tokens: Uint32Array): Promise<number>;
  loadSequenceStateFromFile(path: string, sequence: number, most: number): Promise<Uint32Array>;
  restoreCheckpoint(checkpoint: RawCheckpoint, position: number): Promise<boolean>;
  dispose(): Promise<void>;
}
interface RawCheckpoint {
  readonly maxPos: number;
  readonly size: number;
  init(context: RawContext, sequence: number): Promise<void>;
  dispose(): void;
}
interface Binding {
  AddonContext: new (
    model: unknown,
    options: { batchSize?: number; sequences?: number },
  ) => RawContext;
  AddonContextSequenceCheckpoint: new () => RawCheckpoint;
}

/** Who is told; null = the contexts made now are not listened to. */
let listener: ((event: TraceEvent) => void) | null = null;
let isInstalled = false;
let last = 0;
/** Saves without telling: nobody of ENGINE's has asked. */
const open = new Map<number, RawContext['saveSequenceStateToFile']>();

/** `stateDigest` of what a sequence of a context in this process holds. Only while it rests. */
export async function digestHeld(
  context: number,
  sequence: number,
  tokens: readonly number[],
  path: string,
): Promise<string | null> {
  const save = open.get(context);
  if (save === undefined) return null;
  await alone(() => save(path, sequence, Uint32Array.from(tokens)));
  return stateDigest(readFileSync(path)).whole;
}

let busy: Promise<unknown> = Promise.resolve();

/** llama.cpp does one thing at a time: the binding sees to that, and `digestHeld` goes past it. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  const done = busy.then(work);
  busy = done.catch(() => {});
  return done;
}

/** Contexts opened while `listen` has a listener tell it everything. Call before the binding is loaded. */
export function listen(told: ((event: TraceEvent) => void) | null): void {
  listener = told;
  if (isInstalled) return;
  isInstalled = true;
  const load = process.dlopen.bind(process);
  process.dlopen = (module: unknown, ...rest: [string, number?]) => {
    load(module as object, ...rest);
    const { exports } = module as { exports: Partial<Binding> & { isTraced?: true } };
    if (exports.AddonContext === undefined || exports.isTraced) return;
    exports.isTraced = true;
    wrap(exports as Binding);
  };
}

function wrap(binding: Binding): void {
  const { AddonContext, AddonContextSequenceCheckpoint } = binding;
  const contexts = new WeakMap<object, { id: number; tell: (event: TraceEvent) => void }>();
  const checkpoints = new WeakMap<object, { id: number; tell: (event: TraceEvent) => void }>();

  binding.AddonContext = class extends AddonContext {
    #parts: TracePart[] = [];
    /** Place in the batch's results -> whose it is. */
    #places = new Map<number, { sequence: number; position: number }>();
    readonly #id = ++last;
    readonly #tell: ((event: TraceEvent) => void) | null = listener;

    constructor(model: unknown, options: { batchSize?: number; sequences?: number }) {
      super(model, options);
      if (this.#tell === null) return;
      contexts.set(this, { id: this.#id, tell: this.#tell });
      open.set(this.#id, (path, sequence, tokens) =>
        super.saveSequenceStateToFile(path, sequence, tokens),
      );
      const { batchSize = 0, sequences = 1 } = options;
      this.#tell({ type: 'open', context: this.#id, batch: batchSize, sequences });
    }

    override addToBatch(
      sequence: number,
      first: number,
      tokens: Uint32Array,
      logits: Uint32Array,
    ): Uint32Array {
      const places = super.addToBatch(sequence, first, tokens, logits);
      if (this.#tell === null) return places;
      if (this.#parts.length === 0) this.#places.clear();
      this.#parts.push({ sequence, first, tokens: [...tokens], logits: [...logits] });
      places.forEach((place, index) =>
        this.#places.set(place, { sequence, position: first + (logits[index] ?? 0) }),
      );
      return places;
    }

    override async decodeBatch(): Promise<void> {
      const parts = this.#parts;
      this.#parts = [];
      try {
        await alone(() => super.decodeBatch());
      } catch (error) {
        const sequences = parts.map(({ sequence }) => sequence);
        this.#tell?.({ type: 'failed', context: this.#id, sequences });
        throw error;
      }
      this.#tell?.({ type: 'decode', context: this.#id, parts });
    }

    override async sampleToken(place: number, sampler: unknown, ...rest: unknown[]) {
      const whose = this.#places.get(place);
      const result = await super.sampleToken(place, sampler, ...rest);
      const token = Number(Array.isArray(result) ? result[0] : result);
      if (whose) this.#tell?.({ type: 'sample', context: this.#id, ...whose, token });
      return result;
    }

    override disposeSequence(sequence: number): void {
      super.disposeSequence(sequence);
      this.#tell?.({ type: 'clear', context: this.#id, sequence });
    }

    override removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean {
      const done = super.removeTokenCellsFromSequence(sequence, from, to);
      this.#tell?.({ type: 'cut', context: this.#id, sequence, from, to, done });
      return done;
    }

    override shiftSequenceTokenCells(sequence: number, from: number, to: number, by: number) {
      super.shiftSequenceTokenCells(sequence, from, to, by);
      this.#tell?.({ type: 'shift', context: this.#id, sequence });
    }

    override async saveSequenceStateToFile(path: string, sequence: number, tokens: Uint32Array) {
      const save = ++last;
      const context = this.#id;
      this.#tell?.({ type: 'saving', context, sequence, save, tokens: [...tokens] });
      const size = await alone(() => super.saveSequenceStateToFile(path, sequence, tokens));
      this.#tell?.({ type: 'saved', context, save, ...stateDigest(readFileSync(path)) });
      return size;
    }

    override async loadSequenceStateFromFile(path: string, sequence: number, most: number) {
      if (this.#tell === null) return super.loadSequenceStateFromFile(path, sequence, most);
      const told = { type: 'load', context: this.#id, sequence, digest: digestOf(path) } as const;
      try {
        const tokens = await alone(() => super.loadSequenceStateFromFile(path, sequence, most));
        this.#tell({ ...told, tokens: [...tokens] });
        return tokens;
      } catch (error) {
        this.#tell({ ...told, tokens: null });
        throw error;
      }
    }

    override async restoreCheckpoint(checkpoint: RawCheckpoint, position: number) {
      const done = await alone(() => super.restoreCheckpoint(checkpoint, position));
      const id = checkpoints.get(checkpoint)?.id ?? 0;
      this.#tell?.({
        ...{ type: 'restore', context: this.#id, checkpoint: id },
        ...{ position: position + 1, done },
      });
      return done;
    }

    override async dispose(): Promise<void> {
      open.delete(this.#id);
      await alone(() => super.dispose());
      this.#tell?.({ type: 'close', context: this.#id });
    }
  };

  binding.AddonContextSequenceCheckpoint = class extends AddonContextSequenceCheckpoint {
    override async init(context: RawContext, sequence: number): Promise<void> {
      await alone(() => super.init(context, sequence));
      const told = contexts.get(context);
      if (told === undefined) return;
      const checkpoint = ++last;
      checkpoints.set(this, { id: checkpoint, tell: told.tell });
      const position = this.maxPos + 1;
      told.tell({
        ...{ type: 'checkpoint', context: told.id, sequence, checkpoint, position },
        bytes: this.size,
      });
    }

    override dispose(): void {
      super.dispose();
      const told = checkpoints.get(this);
      told?.tell({ type: 'drop', checkpoint: told.id });
    }
  };
}

function digestOf(path: string): string {
  try {
    return stateDigest(readFileSync(path)).whole;
  } catch {
    return '';
  }
}
