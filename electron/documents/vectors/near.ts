import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DocumentScope } from '../../ipc/contract/index.ts';
import { documentsMatching } from '../../storage/repositories/passage-search.ts';
import type { SearchFilters } from '../../storage/repositories/passage-search.ts';
import type { KeptVector, VectorsRepository } from '../../storage/repositories/vectors.ts';
import type { Reader } from '../../storage/sql.ts';
import { createBits } from './bits.ts';
import type { Bits } from './bits.ts';
import { bytesOf, likeness } from './packed.ts';

export interface NearPassage {
  readonly rowid: number;
  /** Cosine, −1 to 1. */
  readonly likeness: number;
  /** More alike than the most alike one of so many passages that have nothing to do with it would be. */
  readonly standsOut: boolean;
}

/** Finds passages by their vectors. */
export interface Near {
  /**
   * The nearest ones, best first. Null while vectors are still being read into memory, which a call begins:
   * passages are found by words then.
   */
  find(
    query: { readonly fingerprint: string; readonly vector: Float32Array },
    options: {
      readonly scope: DocumentScope;
      readonly filters?: SearchFilters | undefined;
      readonly limit: number;
    },
  ): readonly NearPassage[] | null;
  /** Reads the vectors of a model into memory, a little at a time. Resolves when they are there. */
  load(fingerprint: string): Promise<void>;
  close(): void;
}

/** Vectors whose own numbers decide, for one search. */
const rescored = 640;
/** Vectors that a search takes up by itself; more are read in the background. */
const takenUp = 2000;
const readAtOnce = 500;
/** Vectors that the middle is the mean of. */
const mostForCentre = 1024;
/** Of these, what a query's likeness to anything at all is measured by. */
const mostForChance = 256;
const fewestForChance = 12;
/** Grown so many times, a library has another middle. */
const grownBy = 4;

interface Held {
  readonly fingerprint: string;
  readonly model: number;
  readonly bits: Bits;
  /** Some vectors of anything. */
  readonly chance: readonly KeptVector[];
  readonly documents: Map<string, number>;
  /** Vectors that there were when the middle was found. */
  readonly began: number;
  upTo: number;
}

export function createNear(db: Reader, store: VectorsRepository): Near {
  let held: Held | null = null;
  /** Being read into memory, to take its place. */
  let coming: Held | null = null;
  let loading: { readonly fingerprint: string; readonly done: Promise<void> } | null = null;
  let isClosed = false;

  const begin = (fingerprint: string): Held | null => {
    const model = store.model(fingerprint);
    if (model === undefined || model.passages === 0) return null;
    const some = store.spread(model.id, mostForCentre);
    const [first] = some;
    if (first === undefined) return null;
    const centre = new Float32Array(first.vector.length);
    for (const each of some) {
      const bytes = bytesOf(each);
      for (let at = 0; at < centre.length; at += 1) {
        centre[at] = (centre[at] ?? 0) + ((bytes[at] ?? 0) * each.scale) / some.length;
      }
    }
    const every = Math.max(1, Math.floor(some.length / mostForChance));
    return {
      ...{ fingerprint, model: model.id, bits: createBits(centre), began: model.passages },
      chance: some.filter((_, index) => index % every === 0).slice(0, mostForChance),
      documents: new Map(),
      upTo: 0,
    };
  };

  /** Takes up to `most` vectors that came since. False where there were no more. */
  const takeUp = (into: Held, most: number): boolean => {
    const rows = store.since(into.model, into.upTo, most);
    for (const row of rows) {
      let document = into.documents.get(row.documentId);
      if (document === undefined) {
        document = into.documents.size;
        into.documents.set(row.documentId, document);
      }
      into.bits.add(row.seq, document, row);
      into.upTo = row.seq;
    }
    return rows.length === most;
  };

  const drop = (): void => {
    for (const seq of store.gone()) for (const each of [held, coming]) each?.bits.remove(seq);
  };

  const load = (fingerprint: string): Promise<void> => {
    if (loading?.fingerprint === fingerprint) return loading.done;
    const done = (async () => {
      drop();
      const next = (coming = begin(fingerprint));
      while (next !== null && !isClosed && takeUp(next, readAtOnce)) {
        await nextTurn();
        if (isClosed || store.model(fingerprint)?.id !== next.model) return;
      }
      if (!isClosed) held = next;
    })().finally(() => {
      coming = null;
      loading = null;
    });
    loading = { fingerprint, done };
    return done;
  };

  /** What is in memory, brought up to date; null where that takes longer than a search may. */
  const current = (fingerprint: string): Held | null => {
    const model = store.model(fingerprint);
    if (model === undefined || model.passages === 0) return null;
    if (held?.fingerprint !== fingerprint || held.model !== model.id) {
      held = null;
      if (model.passages > takenUp) {
        void load(fingerprint);
        return null;
      }
      held = begin(fingerprint);
      if (held === null) return null;
    }
    drop();
    const behind =
      store.bounds().last - held.upTo > takenUp && model.passages - held.bits.size > takenUp;
    if (behind || model.passages > held.began * grownBy) void load(fingerprint);
    if (behind) return null;
    while (takeUp(held, readAtOnce));
    return held;
  };

  return {
    find({ fingerprint, vector }, { scope, filters = {}, limit }) {
      const from = current(fingerprint);
      if (from === null) return null;
      if (scope.kind === 'none') return [];
      const allowed = allowedIn(db, from.documents, scope, filters);
      const chosen = from.bits.candidates(vector, Math.max(rescored, limit), allowed);
      const stands = standing(vector, from.chance, from.bits.size);
      return store
        .some(from.model, chosen)
        .map((row) => {
          const value = likeness(vector, row);
          return { rowid: row.rowid, likeness: value, standsOut: value > stands };
        })
        .filter((each) => !Number.isNaN(each.likeness))
        .sort((x, y) => y.likeness - x.likeness || x.rowid - y.rowid)
        .slice(0, limit);
    },
    load,
    close() {
      isClosed = true;
      held = null;
    },
  };
}

function allowedIn(
  db: Reader,
  documents: ReadonlyMap<string, number>,
  scope: DocumentScope,
  filters: SearchFilters,
): Uint8Array | undefined {
  if (scope.kind === 'all' && Object.keys(filters).length === 0) return undefined;
  const allowed = new Uint8Array(documents.size);
  for (const id of documentsMatching(db, scope, filters)) {
    const document = documents.get(id);
    if (document !== undefined) allowed[document] = 1;
  }
  return allowed;
}

/**
 * From which likeness on a passage stands out for this query: what the most alike of `passages` passages would
 * have by chance, were likenesses spread as those of some passages of the library are. The largest of n normal
 * numbers lies near √(2 ln n) deviations above their middle; 3 at least. The spread is that of the half below the
 * median: passages that do belong to the query are in the other one. Nothing stands out where too few are known.
 */
export function standing(
  query: Float32Array,
  chance: readonly KeptVector[],
  passages: number,
): number {
  if (chance.length < fewestForChance) return Number.POSITIVE_INFINITY;
  const values = chance.map((each) => likeness(query, each));
  const middle = median(values);
  const below = values.filter((value) => value <= middle);
  const spread = Math.sqrt(
    below.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, below.length),
  );
  return middle + Math.max(3, Math.sqrt(2 * Math.log(Math.max(2, passages)))) * spread;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
