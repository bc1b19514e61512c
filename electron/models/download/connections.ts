/** How many connections a download uses: climbs while more of them bring more, steps back when not. */
export interface Connections {
  readonly target: number;
  /** Still far from settled: look again soon. */
  readonly climbing: boolean;
  /** Bytes a second over the last tick, all connections together. */
  tick(bytesPerSecond: number): void;
  /** The server asked for less. */
  ease(): void;
}

/** More connections must bring this much more, or they are given back. */
const worthIt = 1.05;
/** Twice as many must bring this much more to be doubled again: a line that is limited per connection. */
const worthDoubling = 1.4;
/** Ticks to stay before trying again what did not help. */
const rest = 15;

export function createConnections(most: number): Connections {
  let target = Math.min(2, most);
  /** Speed before the try that is under way, and the number to go back to; null between tries. */
  let trying: { readonly rate: number; readonly target: number } | null = null;
  let doubling = true;
  let resting = 0;
  return {
    get target() {
      return target;
    },
    get climbing() {
      return doubling && target < most;
    },
    tick(rate) {
      if (trying !== null) {
        if (rate < trying.rate * worthDoubling) doubling = false;
        if (rate < trying.rate * worthIt) {
          ({ target } = trying);
          resting = rest;
          trying = null;
          return;
        }
        trying = null;
      }
      if (resting > 0) resting -= 1;
      else if (target < most && rate > 0) {
        // The line itself may have become slower: what counts is the speed before the next try.
        trying = { rate, target };
        target = Math.min(most, doubling ? target * 2 : target + 1);
      }
    },
    ease() {
      target = Math.max(1, Math.floor(target / 2));
      trying = null;
      doubling = false;
      resting = rest;
    },
  };
}
