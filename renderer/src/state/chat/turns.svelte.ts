import type { Client } from '../../api.ts';
import { emptyTurn, nextFrame, readTurn } from './turn-reader.ts';
import type { TurnSnapshot } from './turn-reader.ts';

class LiveTurn {
  snapshot = $state.raw<TurnSnapshot>(emptyTurn);
  reader: { reattach: () => void; close: () => void } | null = null;
}

/** Turns being written now. They outlive the view: going elsewhere and back loses nothing. */
export class Turns {
  #api: Client;
  #live = new Map<string, LiveTurn>();
  #offCore: () => void;

  constructor(api: Client) {
    this.#api = api;
    // A CORE started again knows nothing of the listeners of the one before.
    this.#offCore = api.on('shell.core', ({ state }) => {
      if (state !== 'ready') return;
      for (const turn of this.#live.values()) turn.reader?.reattach();
    });
  }

  /** Follows a turn from its beginning, unless it is followed already. */
  follow(turnId: string): void {
    if (this.#live.has(turnId)) return;
    const turn = new LiveTurn();
    this.#live.set(turnId, turn);
    turn.reader = readTurn({
      open: (after, listener) => this.#api.open('turn', { turnId, after }, listener),
      frame: nextFrame,
      commit: (snapshot) => (turn.snapshot = snapshot),
    });
  }

  /** The newest state of a turn that is followed. */
  at(turnId: string): TurnSnapshot | undefined {
    return this.#live.get(turnId)?.snapshot;
  }

  /** Its end has been read from the conversation: the live copy is no longer needed. */
  forget(turnId: string): void {
    this.#live.get(turnId)?.reader?.close();
    this.#live.delete(turnId);
  }

  close(): void {
    this.#offCore();
    for (const turnId of [...this.#live.keys()]) this.forget(turnId);
  }
}
