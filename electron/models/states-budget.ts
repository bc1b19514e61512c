const mostAutomatic = 16e9;

/**
 * @returns bytes that all saved states may take where nobody chose: a tenth of what would be free
 * without them, 16 GB at most; 0 where the disk does not tell.
 */
export function automaticBudget(free: number | null, held: number): number {
  return free === null ? 0 : Math.floor(Math.min(mostAutomatic, (free + held) / 10));
}

/** How a budget is shared: the sum of all parts is never above it. */
export interface Shares {
  /** Bytes for each model that is loaded. */
  readonly each: number;
  /** Bytes for the states of all models that are not loaded, together. */
  readonly rest: number;
}

/**
 * What models that are not loaded hold stays theirs up to half of the budget, so that going to another
 * model and back reads nothing again; the loaded ones share what is left, in equal parts.
 *
 * @param rest bytes that the states of models that are not loaded take now
 */
export function shareBudget(budget: number, loaded: number, rest: number): Shares {
  if (loaded === 0) return { each: 0, rest: budget };
  const kept = Math.min(rest, Math.floor(budget / 2));
  return { each: Math.floor((budget - kept) / loaded), rest: kept };
}
