import type { Numbered } from './contract/index.ts';

/**
 * What client and server need to know of a contract: maps of calls, pushes and streams. The window's
 * contract is one; the engine's small one between CORE and ENGINE is another. Use `object` for an empty map.
 */
export interface ContractShape {
  /** name -> { args, value } */
  readonly calls: object;
  /** name -> data */
  readonly pushes: object;
  /** name -> { args, event } */
  readonly streams: object;
}

export type NameOf<Map> = keyof Map & string;
export type Args<Map, N extends keyof Map> = Map[N] extends { readonly args: infer A } ? A : never;
export type Value<Map, N extends keyof Map> = Map[N] extends { readonly value: infer V }
  ? V
  : never;
export type Event<Map, N extends keyof Map> = Map[N] extends { readonly event: infer E }
  ? E
  : never;

/** What answers the calls of a contract. The signal is aborted when the caller cancels or is gone. */
export type CallHandlers<C extends ContractShape> = {
  readonly [N in NameOf<C['calls']>]: (
    args: Args<C['calls'], N>,
    context: { readonly signal: AbortSignal },
  ) => Value<C['calls'], N> | Promise<Value<C['calls'], N>>;
};

/** What answers the streams of a contract. The signal is aborted when the reader leaves or is gone. */
export type StreamSources<C extends ContractShape> = {
  readonly [N in NameOf<C['streams']>]: (
    args: Args<C['streams'], N>,
    signal: AbortSignal,
  ) => AsyncIterable<Numbered<Event<C['streams'], N>>>;
};

/** Checks of arguments on arrival: returns them, or throws AppError 'invalid-argument'. */
export type Validators<C extends ContractShape> = {
  readonly calls: { readonly [N in NameOf<C['calls']>]: (args: unknown) => Args<C['calls'], N> };
  readonly streams: {
    readonly [N in NameOf<C['streams']>]: (args: unknown) => Args<C['streams'], N>;
  };
};
