// node-llama-cpp has no public way to name, drop or go back to a single checkpoint; these members exist
// in 3.21.1 (pinned), and the engine tests fail if one of them goes.
interface StoredCheckpoint {
  readonly maxPos: number;
  readonly size: number;
  dispose(): void;
}
interface CheckpointStore {
  _checkpoints: [name: string | undefined, checkpoint: StoredCheckpoint][];
  _memoryUsage: number;
  _resizeCheckpointsCount(name: string | undefined, change: number): void;
}
interface SequenceInternals {
  _checkpoints: CheckpointStore;
  readonly contextTokens: readonly number[];
  readonly nextTokenIndex: number;
  adaptStateToTokens(tokens: readonly number[], allowShift: boolean): Promise<void>;
  _takeNamedCheckpoint(name: string, maximum: number): Promise<void>;
}

/** The checkpoints of a sequence of the library. */
export interface Checkpoints {
  /**
   * Takes all behind `position` away from the sequence and gives their memory back one by one while others
   * work: at once it would take as long as several tokens, and somebody waits for the first.
   */
  leave(position: number): void;
  list(): { position: number; kind: string; bytes: number }[];
  /** Copies the state as it is now, once all memory that is being given back is back. */
  take(kind: string): Promise<void>;
  drop(position: number): void;
  /** Cuts the sequence at a checkpoint and leaves the later ones as they are. Throws where it cannot. */
  cutAt(position: number): Promise<void>;
}

/** Gives memory of checkpoints back one by one, while others work. */
export interface GivingBack {
  add(left: readonly { dispose(): void }[]): void;
  /** Resolves when nothing is left: what waits here still takes its memory, though no list shows it. */
  done(): Promise<void>;
}

/** One for all sequences of a context: their checkpoints share a budget. */
export function createGivingBack(): GivingBack {
  const waiting: { dispose(): void }[] = [];
  let run: Promise<void> | null = null;
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      waiting.pop()?.dispose();
    }
    run = null;
  };
  return {
    add(left) {
      waiting.push(...left);
      if (waiting.length > 0) run ??= work();
    },
    async done() {
      while (run !== null) await run;
    },
  };
}

/**
 * @param sequence The library's sequence of now.
 * @param givingBack Of the context that the sequence belongs to.
 */
export function createCheckpoints(sequence: () => unknown, givingBack: GivingBack): Checkpoints {
  const internals = (): SequenceInternals => sequence() as SequenceInternals;
  /** All of them while the library is shown only the one that it is to go back to. */
  let aside: CheckpointStore | null = null;
  let dropLater: number[] = [];
  const store = (): CheckpointStore => aside ?? internals()._checkpoints;

  const drop = (position: number): void => {
    if (aside !== null) {
      dropLater.push(position);
      return;
    }
    const entries = store()._checkpoints;
    const index = entries.findIndex(([, { maxPos }]) => maxPos + 1 === position);
    const [entry] = index < 0 ? [] : entries.splice(index, 1);
    if (!entry) return;
    const [name, checkpoint] = entry;
    store()._memoryUsage -= checkpoint.size;
    store()._resizeCheckpointsCount(name, -1);
    checkpoint.dispose();
  };

  return {
    leave(position) {
      const from = store();
      const left = from._checkpoints.filter(([, { maxPos }]) => maxPos + 1 > position);
      from._checkpoints = from._checkpoints.filter(([, { maxPos }]) => maxPos + 1 <= position);
      for (const [name, { size }] of left) {
        from._memoryUsage -= size;
        from._resizeCheckpointsCount(name, -1);
      }
      givingBack.add(left.map(([, checkpoint]) => checkpoint));
    },
    list: () =>
      store()._checkpoints.map(([name, checkpoint]) => ({
        position: checkpoint.maxPos + 1,
        kind: name ?? '',
        bytes: checkpoint.size,
      })),
    async take(kind) {
      await givingBack.done();
      await internals()._takeNamedCheckpoint(kind, 1024);
    },
    drop,
    async cutAt(position) {
      const held = internals();
      const all = held._checkpoints;
      const only = all._checkpoints.find(([, { maxPos }]) => maxPos + 1 === position);
      if (!only) throw new Error('there is no checkpoint at this position');
      const shown = new (all.constructor as new () => CheckpointStore)();
      shown._checkpoints.push(only);
      shown._resizeCheckpointsCount(only[0], 1);
      aside = all;
      held._checkpoints = shown;
      try {
        await held.adaptStateToTokens(held.contextTokens.slice(0, position), false);
      } finally {
        held._checkpoints = all;
        aside = null;
        const dropped = dropLater;
        dropLater = [];
        for (const each of dropped) drop(each);
      }
      if (held.nextTokenIndex !== position) throw new Error('the sequence was not cut');
    },
  };
}
