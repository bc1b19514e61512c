import type { Clock } from '../core/ports.ts';
import type { TurnEvent } from '../ipc/contract/index.ts';

type Reading = Extract<TurnEvent, { type: 'reading' }>;

/** Before so many milliseconds and this share of the work a pace says nothing. */
const leastMs = 2_000;
const leastShare = 0.02;

/** Adds to each report of reading how long the rest takes at the pace since the first one. */
export function createPace(clock: Clock): (event: Reading) => Reading {
  let first: { readonly at: number; readonly done: number } | null = null;
  return (event) => {
    const now = clock.now();
    // A clock that was set back begins anew.
    if (first === null || now < first.at) first = { at: now, done: event.done };
    const spent = now - first.at;
    const read = event.done - first.done;
    const all = event.total - first.done;
    if (spent < leastMs || read <= 0 || read < all * leastShare) return event;
    return { ...event, msLeft: Math.round((spent / read) * (event.total - event.done)) };
  };
}
