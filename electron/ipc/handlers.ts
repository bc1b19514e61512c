import type {
  ArgsOf,
  CoreCallName,
  Numbered,
  PrivateCallName,
  StreamArgs,
  StreamEvent,
  StreamName,
  ValueOf,
} from './contract/index.ts';

/** What answers the calls of CORE. Each feature gives its part; compose.ts joins them, and a gap does not compile. */
export type CoreHandlers = {
  readonly [N in CoreCallName | PrivateCallName]: (
    args: ArgsOf<N>,
  ) => ValueOf<N> | Promise<ValueOf<N>>;
};

/** What answers the streams. Ends after the last event; the signal means that the reader left, not that the run stops. */
export type StreamHandlers = {
  readonly [N in StreamName]: (
    args: StreamArgs<N>,
    signal: AbortSignal,
  ) => AsyncIterable<Numbered<StreamEvent<N>>>;
};

/** The part of the handlers that one feature gives: `HandlersOf<'chat' | 'conversations'>`. */
export type HandlersOf<Group extends string> = Pick<
  CoreHandlers,
  Extract<CoreCallName, `${Group}.${string}`>
>;
