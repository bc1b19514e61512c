import type { Announcer, Log } from '../../core/ports.ts';
import type { EmbedderProvider } from '../../engine/embedder-port.ts';
import type { SearchState } from '../../ipc/contract/index.ts';
import type { PassageName } from '../../storage/repositories/cited-passages.ts';
import { indexTotals } from '../../storage/repositories/passage-search.ts';
import { vectorsRepository } from '../../storage/repositories/vectors.ts';
import type { Writer } from '../../storage/sql.ts';
import { createAsking } from './asking.ts';
import type { Asking } from './asking.ts';
import { createMaking } from './making.ts';
import type { MakingTiming } from './making.ts';
import { createNear } from './near.ts';
import type { Near } from './near.ts';
import { createSimilarity } from './similarity.ts';
import type { TextSimilarity } from './similarity.ts';

export type { TextSimilarity } from './similarity.ts';

/** What a search needs of vectors. */
export interface VectorSearch {
  readonly ask: Asking['ask'];
  readonly near: Near['find'];
  /** Those of some passages that have a vector of this model; all where every passage has one. */
  having(fingerprint: string, passages: readonly PassageName[]): 'all' | ReadonlySet<string>;
}

export interface Vectors {
  readonly search: VectorSearch;
  /** Null while nothing can be told. */
  readonly similarity: () => TextSimilarity | null;
  state(): Pick<SearchState, 'vectors' | 'model' | 'done' | 'total' | 'problem'>;
  /** Begins to make what is missing, and reads what is there into memory. Returns at once. */
  start(): void;
  /** Passages, folders or pauses changed. */
  wake(): void;
  close(): Promise<void>;
}

/** Between two announcements while vectors are made. */
const announceMs = 1000;

/** Finding by meaning: makes a vector for each passage, and finds passages by them. */
export function createVectors(ports: {
  readonly db: Writer;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly provider: EmbedderProvider;
  /** An answer is written, or documents are read. */
  readonly isBusy: () => boolean;
  readonly timing?: Partial<MakingTiming>;
}): Vectors {
  const { db, log, announcer, provider } = ports;
  const store = vectorsRepository(db);
  const near = createNear(db, store);
  const asking = createAsking({ provider, log });
  let announced = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const announce = (): void => {
    if (timer !== undefined) return;
    const wait = Math.max(0, announced + announceMs - performance.now());
    timer = setTimeout(() => {
      timer = undefined;
      announced = performance.now();
      announcer.push('documents.vectors', {});
    }, wait);
    timer.unref();
  };
  const making = createMaking({ ...ports, store, announce });

  return {
    search: {
      ask: asking.ask,
      near: near.find,
      having(fingerprint, passages) {
        const model = store.model(fingerprint);
        if (model === undefined) return new Set();
        return store.anyDue() ? store.having(model.id, passages) : 'all';
      },
    },
    similarity: createSimilarity(provider, store),
    state() {
      const look = provider.look();
      const problem = making.problem();
      const made = look === null ? 0 : (store.model(look.fingerprint)?.passages ?? 0);
      const total = Math.max(indexTotals(db).passages, made);
      if (look === null) {
        const lack = provider.lack() ?? 'none';
        return { vectors: 'none', model: null, lack, done: 0, total };
      }
      // What the model could not read counts as done with: it is found by its words.
      const isReady = made > 0 && !store.anyDue();
      return {
        vectors: isReady || total === 0 ? 'ready' : 'partial',
        model: look.modelName,
        done: isReady ? total : made,
        total,
        ...(problem !== null && { problem }),
      };
    },
    start() {
      const look = provider.look();
      if (look !== null) void near.load(look.fingerprint);
      making.wake();
    },
    wake: making.wake,
    async close() {
      clearTimeout(timer);
      asking.close();
      near.close();
      await making.close();
    },
  };
}
