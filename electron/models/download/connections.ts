/** How many connections a download uses: climbs while one more brings more, steps back when not. */
export interface Connections {
  readonly target: number;
  /** Bytes a second over the last tick, all connections together. */
  tick(bytesPerSecond: number): void;
  /** The server asked for less. */
  ease(): void;
}

/** One more connection must bring this much more, or it is given back. */
const worthIt = 1.05;
/** Ticks to stay before trying again what did not help. */
const rest = 15;

export function createConnections(most: number): Connections {
  let target = Math.min(2, most);
  let best = 0;
  let trying = false;
  let resting = 0;
  return {
    get target() {
      return target;
    },
    tick(rate) {
      if (trying && rate < best * worthIt) {
        target -= 1;
        resting = rest;
        trying = false;
        return;
      }
      trying = false;
      // The line itself may have become slower: what counts is the speed before the next try.
      best = rate;
      if (resting > 0) resting -= 1;
      else if (target < most && rate > 0) {
        target += 1;
        trying = true;
      }
    },
    ease() {
      target = Math.max(1, Math.floor(target / 2));
      trying = false;
      resting = rest;
    },
  };
}
