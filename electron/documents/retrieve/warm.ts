import { samplePassages } from '../../storage/repositories/passage-search.ts';
import type { Reader } from '../../storage/sql.ts';
import type { Limits, Retriever } from './index.ts';

/**
 * Gets a large library ready for its first question: the runtime compiles what runs often, and the index's pages
 * come into memory. Without it the first questions after a start take several times as long as later ones.
 */
export interface Warming {
  /** Returns at once. */
  start(): void;
  close(): void;
}

/** Fewer passages are searched at once anyway. */
const fewestPassages = 5000;
/** A person who has just opened the program sees its first view first. */
const firstAfterMs = 2000;
const restMs = 200;
const rounds = 10;

/** Small, so that nothing else waits long for its turn; all steps of a search are taken all the same. */
const limits: Limits = {
  candidates: 50,
  candidatesEarlier: 20,
  candidatesKindred: 20,
  mostScored: 1000,
  fewScored: 500,
  mostWeighed: 1000,
  mostRead: 20,
};

/** Searches made of the library's own passages, one a step; what they find is thrown away. */
export function* warmingSteps(
  db: Reader,
  retriever: Pick<Retriever, 'search'>,
  fewest = fewestPassages,
): Generator<void> {
  const texts = samplePassages(db, rounds + 2, fewest);
  for (let at = 2; at < texts.length; at += 1) {
    const [before = '', last = '', own = ''] = texts.slice(at - 2, at + 1);
    retriever.search(own.slice(0, 60), {
      scope: { kind: 'all' },
      limit: 10,
      said: { questions: [before.slice(0, 80), last.slice(0, 80)], answers: [before, last] },
      limits,
    });
    yield;
  }
}

export function createWarming(
  db: Reader,
  retriever: Pick<Retriever, 'search'>,
  isBusy: () => boolean,
  fewest = fewestPassages,
): Warming {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const steps = warmingSteps(db, retriever, fewest);
  const step = (): void => {
    timer = undefined;
    // Whoever is asking or reading needs the processor more, and warms the search as well.
    if (isBusy() || steps.next().done !== true) timer = setTimeout(step, restMs);
  };
  return {
    start() {
      timer ??= setTimeout(step, firstAfterMs);
    },
    close: () => clearTimeout(timer),
  };
}
