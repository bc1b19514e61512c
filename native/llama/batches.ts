// What the library shows of a sequence's part of the next batch, and takes as its part of it.
interface Item {
  readonly tokens: readonly unknown[];
  readonly evaluationPriority: number;
}
interface Part<T> {
  readonly item: T;
  readonly processAmount: number;
}

/** Puts the batches of one context together. */
export interface Batches {
  /** A sequence begins to write an answer. @returns to be called when it has ended. */
  enter(): () => void;
  /**
   * The mark that an item carries in place of a priority, which is not used here: whose it is, and
   * whether it is the next step of an answer.
   */
  mark(sequence: number, isStep: boolean): number;
  /** The parts of the next batch; none means "ask again as soon as others have had a turn". */
  parts<T extends Item>(asked: { readonly items: readonly T[]; readonly size: number }): Part<T>[];
}

/**
 * Rounds to wait for an answer that has just been given its token and has not asked for the next. One
 * takes a few; one that is held up asks for nothing, and costs these rounds, well under a millisecond.
 */
const patience = 40;

/**
 * Answers that are written at once go through the weights together, but only where they stand in one
 * batch, in the order of their sequences: llama.cpp parts a batch wherever the order breaks, and the
 * library begins the next batch while the last answer of the one before has not asked again.
 */
export function createBatches(): Batches {
  let writing = 0;
  let waited = 0;
  return {
    enter() {
      writing += 1;
      let hasLeft = false;
      return () => {
        if (!hasLeft) writing -= 1;
        hasLeft = true;
      };
    },
    mark: (sequence, isStep) => sequence * 2 + (isStep ? 1 : 0),
    parts({ items, size }) {
      const steps = items.filter(isStep);
      if (steps.length > 0 && steps.length < writing && waited < patience) {
        waited += 1;
        return [];
      }
      waited = 0;
      // Steps first: a prompt takes what is left.
      let left = size;
      const amounts = new Map<Item, number>();
      for (const item of [...steps, ...items.filter((one) => !isStep(one))]) {
        const amount = Math.min(item.tokens.length, left);
        if (amount > 0) amounts.set(item, amount);
        left -= amount;
      }
      return items
        .filter((item) => amounts.has(item))
        .sort((a, b) => a.evaluationPriority - b.evaluationPriority)
        .map((item) => ({ item, processAmount: amounts.get(item) ?? 0 }));
    },
  };
}

function isStep({ evaluationPriority }: Item): boolean {
  return evaluationPriority % 2 === 1;
}
