/**
 * States of conversations on disk: what a session held at some token, kept so that nobody has to read
 * those tokens again. States of one path share the rows of their attention layers; each has the whole
 * of its recurrent layers. They are found by their tokens, whichever conversation asks.
 */

/** Why a state was kept. What is worth more is given up later: see `store.ts`. */
export type StateKind = 'document' | 'base' | 'turn' | 'prompt' | 'answer';

/** A kept state, good until it is evicted. */
export interface StateRef {
  readonly id: string;
  /** Tokens that it holds. */
  readonly position: number;
}

export interface KeepRequest {
  /** What llama.cpp wrote of the sequence, no longer needed afterwards. */
  readonly path: string;
  /** The tokens of the sequence, in full. */
  readonly tokens: readonly number[];
  readonly kind: StateKind;
  /** Conversations (their ids) and document sets ('doc:…') that it dies with; one is enough to live. */
  readonly owners: readonly string[];
  /**
   * The state that this very sequence came from, loaded or kept before without having been cut below
   * `shared` since: rows up to `shared` are byte for byte the same, and only the rest is written.
   */
  readonly from: { readonly ref: StateRef; readonly shared: number } | null;
}

export interface StateStore {
  /** Bytes that all files of this folder take. Never above the budget. */
  readonly bytes: number;
  /**
   * The state that covers most of `tokens`, at most `most` of them; null where none does. Where a
   * sequence can be cut anywhere (`cuttable`), a state that goes on differently behind them counts too:
   * `position` says how many tokens are usable, `ref.position` how many will be loaded, `isWhole` that the
   * state holds no more than these.
   */
  find(
    tokens: readonly number[],
    most: number,
  ): { readonly ref: StateRef; readonly position: number; readonly isWhole: boolean } | null;
  /**
   * Writes a file that llama.cpp loads to `path` and returns the tokens that it holds. Every byte is
   * checked against what was kept: a state in doubt is removed, and null returned.
   */
  compose(ref: StateRef, path: string): Promise<readonly number[] | null>;
  /**
   * Keeps a state: evicts others within the budget first, writes under a temporary name, flushes,
   * renames. @returns the state kept, one with the same tokens that there was already (`isSame` false:
   * its bytes may differ, so it is no `from` for later ones), or null where there was no room.
   */
  keep(request: KeepRequest): Promise<{ readonly ref: StateRef; readonly isSame: boolean } | null>;
  /**
   * Marks a state as used now, and adds an owner where `ref` is of all that it holds: with one that needs
   * only its beginning would live what another conversation went on to say.
   */
  touch(ref: StateRef, owner: string): Promise<void>;
  /** Takes an owner's name off every state, and removes those that nobody owns. */
  disown(owner: string): Promise<void>;
  /** Sets the budget and evicts down to it. @returns bytes given back. */
  resize(budget: number): Promise<number>;
  close(): Promise<void>;
}
