import { AppError, fromErrorShape } from './app-error.ts';
import type { ErrorCode, Numbered } from './contract/index.ts';
import type { Args, ContractShape, Event, NameOf, Value } from './shape.ts';
import type { Transport } from './transport.ts';

/** The asking side of a contract. */
export interface Client<C extends ContractShape> {
  /** Throws the AppError the other side answered with, 'cancelled', or the `lost` code when it is gone. */
  call<N extends NameOf<C['calls']>>(
    name: N,
    args: Args<C['calls'], N>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Value<C['calls'], N>>;
  /** Listens to a push; returns the way to stop listening. */
  on<N extends NameOf<C['pushes']>>(name: N, listener: (data: C['pushes'][N]) => void): () => void;
  /**
   * Reads a stream. `end` is called once when it is over: with null after its last event, with the
   * error when it could not be read further. Returns the way to leave, after which nothing is called.
   */
  listen<N extends NameOf<C['streams']>>(
    name: N,
    args: Args<C['streams'], N>,
    listener: (numbered: Numbered<Event<C['streams'], N>>) => void,
    end: (error: AppError | null) => void,
  ): () => void;
  /** The same as an iterable; throws what `end` would be given. An abort of the signal leaves and returns. */
  open<N extends NameOf<C['streams']>>(
    name: N,
    args: Args<C['streams'], N>,
    signal?: AbortSignal,
  ): AsyncIterable<Numbered<Event<C['streams'], N>>>;
  close(): void;
}

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}
interface OpenStream {
  last: number | undefined;
  readonly listener: (numbered: Numbered<never>) => void;
  readonly end: (error: AppError | null) => void;
}

/** @param lost the error code for calls and streams that were open when the other side went. */
export function createClient<C extends ContractShape>(
  transport: Transport,
  { lost = 'core-unavailable' }: { readonly lost?: ErrorCode } = {},
): Client<C> {
  const prefix = crypto.randomUUID();
  let count = 0;
  let isLost = false;
  const calls = new Map<string, PendingCall>();
  const streams = new Map<string, OpenStream>();
  const listeners = new Map<string, Set<(data: never) => void>>();

  const nextId = (): string => `${prefix}:${++count}`;
  const lostError = (): AppError => new AppError(lost, 'the other process is gone');

  const endStream = (id: string, error: AppError | null): void => {
    const stream = streams.get(id);
    streams.delete(id);
    stream?.end(error);
  };

  transport.onFrame((frame) => {
    switch (frame.kind) {
      case 'answer': {
        const pending = calls.get(frame.id);
        calls.delete(frame.id);
        if (frame.result.ok) pending?.resolve(frame.result.value);
        else pending?.reject(fromErrorShape(frame.result.error));
        return;
      }
      case 'event': {
        const stream = streams.get(frame.id);
        if (stream === undefined) return;
        if (stream.last !== undefined && frame.seq !== stream.last + 1) {
          transport.post({ kind: 'close', id: frame.id });
          endStream(frame.id, new AppError('internal', 'an event of a stream is missing'));
          return;
        }
        stream.last = frame.seq;
        stream.listener({ seq: frame.seq, event: frame.event as never });
        return;
      }
      case 'end':
        endStream(frame.id, frame.error === null ? null : fromErrorShape(frame.error));
        return;
      case 'push':
        for (const listener of [...(listeners.get(frame.name) ?? [])]) {
          listener(frame.data as never);
        }
        return;
    }
  });

  transport.onClose(() => {
    isLost = true;
    const pending = [...calls.values()];
    calls.clear();
    for (const call of pending) call.reject(lostError());
    for (const id of [...streams.keys()]) endStream(id, lostError());
  });

  const listen: Client<C>['listen'] = (name, args, listener, end) => {
    if (isLost) {
      queueMicrotask(() => end(lostError()));
      return () => {};
    }
    const id = nextId();
    streams.set(id, { last: undefined, listener, end });
    transport.post({ kind: 'open', id, name, args });
    return () => {
      if (streams.delete(id)) transport.post({ kind: 'close', id });
    };
  };

  return {
    call(name, args, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (isLost) return reject(lostError());
        if (signal?.aborted === true) return reject(new AppError('cancelled', 'cancelled'));
        const id = nextId();
        const abort = (): void => {
          if (!calls.delete(id)) return;
          transport.post({ kind: 'cancel', id });
          reject(new AppError('cancelled', 'cancelled'));
        };
        const settled = (): void => signal?.removeEventListener('abort', abort);
        calls.set(id, {
          resolve(value) {
            settled();
            resolve(value as never);
          },
          reject(error) {
            settled();
            reject(error);
          },
        });
        signal?.addEventListener('abort', abort);
        transport.post({ kind: 'call', id, name, args });
      });
    },

    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener as (data: never) => void);
      return () => void set.delete(listener as (data: never) => void);
    },

    listen,

    async *open(name, args, signal) {
      const queue: Numbered<never>[] = [];
      let ended: { readonly error: AppError | null } | undefined;
      let wake = (): void => {};
      const leave = listen(
        name,
        args,
        (numbered) => {
          queue.push(numbered as Numbered<never>);
          wake();
        },
        (error) => {
          ended = { error };
          wake();
        },
      );
      const abort = (): void => wake();
      signal?.addEventListener('abort', abort);
      try {
        while (signal?.aborted !== true) {
          const next = queue.shift();
          if (next !== undefined) yield next;
          else if (ended !== undefined) {
            if (ended.error !== null) throw ended.error;
            return;
          } else {
            await new Promise<void>((resolve) => (wake = resolve));
          }
        }
      } finally {
        signal?.removeEventListener('abort', abort);
        leave();
      }
    },

    close: () => transport.close(),
  };
}
