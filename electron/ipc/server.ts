import { AppError, toErrorShape } from './app-error.ts';
import type { ErrorShape } from './contract/index.ts';
import type { CallHandlers, ContractShape, NameOf, StreamSources, Validators } from './shape.ts';
import type { Transport } from './transport.ts';

/** The answering side of a contract. */
export interface Server<C extends ContractShape> {
  push<N extends NameOf<C['pushes']>>(name: N, data: C['pushes'][N]): void;
  /** Aborts what is running for the other side and closes the line. */
  close(): void;
}

type AnyCall = (args: unknown, context: { readonly signal: AbortSignal }) => unknown;
type AnySource = (
  args: unknown,
  signal: AbortSignal,
) => AsyncIterable<{ readonly seq: number; readonly event: unknown }>;

/**
 * Answers calls and streams that arrive on the line. A name that is not in `calls` or `streams`, or
 * arguments that `validate` refuses, are answered with 'invalid-argument' and reach no handler.
 *
 * @param onInternal told about errors nobody foresaw; their message may not be shown as it is.
 */
export function createServer<C extends ContractShape>(
  transport: Transport,
  options: {
    readonly calls: CallHandlers<C>;
    readonly streams: StreamSources<C>;
    readonly validate?: Validators<C>;
    readonly onInternal?: (name: string, error: unknown) => void;
  },
): Server<C> {
  const running = new Map<string, AbortController>();

  const shapeOf = (name: string, error: unknown): ErrorShape => {
    const shape = toErrorShape(error);
    if (shape.code === 'internal') options.onInternal?.(name, error);
    return shape;
  };

  const answer = async (id: string, name: string, args: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = own(options.calls, name) as AnyCall | undefined;
      if (handler === undefined) throw unknownName('call', name);
      const checked =
        options.validate === undefined ? args : check(options.validate.calls, name, args);
      const value = await handler(checked, { signal: controller.signal });
      transport.post({ kind: 'answer', id, result: { ok: true, value: value ?? null } });
    } catch (error) {
      transport.post({ kind: 'answer', id, result: { ok: false, error: shapeOf(name, error) } });
    } finally {
      running.delete(id);
    }
  };

  const stream = async (id: string, name: string, args: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    let error: ErrorShape | null = null;
    try {
      const source = own(options.streams, name) as AnySource | undefined;
      if (source === undefined) throw unknownName('stream', name);
      const checked =
        options.validate === undefined ? args : check(options.validate.streams, name, args);
      for await (const { seq, event } of source(checked, controller.signal)) {
        if (controller.signal.aborted) break;
        transport.post({ kind: 'event', id, seq, event });
      }
    } catch (cause) {
      error = shapeOf(name, cause);
    }
    running.delete(id);
    if (!controller.signal.aborted) transport.post({ kind: 'end', id, error });
  };

  const abortAll = (): void => {
    for (const controller of running.values()) controller.abort();
  };

  transport.onFrame((frame) => {
    switch (frame.kind) {
      case 'call':
        void answer(frame.id, frame.name, frame.args);
        return;
      case 'open':
        void stream(frame.id, frame.name, frame.args);
        return;
      case 'cancel':
      case 'close':
        running.get(frame.id)?.abort();
        return;
    }
  });
  transport.onClose(abortAll);

  return {
    push: (name, data) => transport.post({ kind: 'push', name, data }),
    close() {
      abortAll();
      transport.close();
    },
  };
}

/** Only own members count: a caller must not reach `constructor` or `__proto__` by naming it. */
function own(members: object, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name as keyof typeof members] : undefined;
}

function check(validators: object, name: string, args: unknown): unknown {
  const validator = own(validators, name) as ((args: unknown) => unknown) | undefined;
  if (validator === undefined) throw unknownName('call', name);
  return validator(args);
}

function unknownName(kind: 'call' | 'stream', name: string): AppError {
  return new AppError('invalid-argument', `no such ${kind}: ${name}`, { detail: { call: name } });
}
