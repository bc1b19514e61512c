import { coreCallNames, shellCallNames } from '../../electron/ipc/contract/index.ts';
import type {
  Api,
  ArgsOf,
  CallName,
  ErrorCode,
  ErrorDetail,
  ErrorShape,
  ValueOf,
} from '../../electron/ipc/contract/index.ts';

declare global {
  interface Window {
    readonly api: Api;
  }
}

/** What a refused call throws in the window. Its wording comes from `errors.ts`, never from `message`. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail | undefined;

  constructor(shape: ErrorShape) {
    super(shape.message);
    this.name = 'ApiError';
    this.code = shape.code;
    this.detail = shape.detail;
  }
}

/** Any thrown value as the shape that the error table words. */
export function shapeOf(error: unknown): ErrorShape {
  if (error instanceof ApiError) {
    return error.detail === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, detail: error.detail };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

type Caller<N extends CallName> =
  ArgsOf<N> extends Record<string, never>
    ? () => Promise<ValueOf<N>>
    : (args: ArgsOf<N>) => Promise<ValueOf<N>>;
type Group<N extends string> = N extends `${infer G}.${string}` ? G : never;
type Member<N extends string, G extends string> = N extends `${G}.${infer M}` ? M : never;

/** `window.api` with results unwrapped: a call gives its value or throws ApiError. */
export type Client = {
  readonly [G in Group<CallName>]: {
    readonly [M in Member<CallName, G>]: Caller<Extract<CallName, `${G}.${M}`>>;
  };
} & Pick<Api, 'on' | 'open' | 'dropped' | 'platform'>;

type Raw = Record<string, Record<string, (args?: unknown) => Promise<unknown>>>;

/** Wraps `window.api` (or a fake of it) so that callers see values and errors instead of results. */
export function createClient(api: Api): Client {
  const raw = api as unknown as Raw;
  const groups: Record<string, Record<string, (args?: unknown) => Promise<unknown>>> = {};
  for (const name of [...coreCallNames, ...shellCallNames]) {
    const [group, member] = name.split('.') as [string, string];
    (groups[group] ??= {})[member] = async (args) => {
      const call = raw[group]?.[member];
      if (!call) throw new ApiError({ code: 'internal', message: `no such call: ${name}` });
      const result = (await (args === undefined ? call() : call(args))) as
        { ok: true; value: unknown } | { ok: false; error: ErrorShape };
      if (result.ok) return result.value;
      throw new ApiError(result.error);
    };
  }
  return {
    ...groups,
    on: api.on,
    open: api.open,
    dropped: api.dropped,
    platform: api.platform,
  } as unknown as Client;
}
