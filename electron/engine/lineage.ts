import type { StateRef } from './states/port.ts';

/**
 * What a sequence has in common, byte by byte, with states on disk. Whoever keeps a state of it writes
 * only the rows behind that.
 */
export interface Lineage {
  /** The kept state that the sequence came from, and how many of its rows it still has. */
  readonly from: { readonly ref: StateRef; readonly shared: number } | null;
  /** Length at which its end was last kept, or tried to be; -1 = not since it went on. */
  endKept: number;
  /** The documents that stand whole at its beginning. */
  documentSet: string | null;
  /** The sequence goes on from `length` tokens. */
  cut(length: number): void;
  /** The sequence was loaded of a state. */
  loaded(ref: StateRef): void;
  /** The sequence is written to a file now; to be told what became of it, null = nothing. */
  saved(length: number): (ref: StateRef | null) => void;
}

export function createLineage(): Lineage {
  let from: Lineage['from'] = null;
  /** Of each file that is not yet a state: the fewest tokens that the sequence has had since. */
  const pending = new Set<{ low: number }>();
  const cut = (length: number): void => {
    for (const file of pending) file.low = Math.min(file.low, length);
    if (from !== null) {
      const shared = Math.min(from.shared, length);
      from = shared === 0 ? null : { ref: from.ref, shared };
    }
  };
  return {
    get from() {
      return from;
    },
    endKept: -1,
    documentSet: null,
    cut,
    loaded(ref) {
      cut(0);
      from = { ref, shared: ref.position };
    },
    saved(length) {
      const file = { low: length };
      pending.add(file);
      return (ref) => {
        pending.delete(file);
        if (ref !== null && file.low > (from?.shared ?? 0)) from = { ref, shared: file.low };
      };
    },
  };
}
