import { coreCallNames, shellCallNames } from '../../electron/ipc/contract/index.ts';
import type {
  Api,
  ArgsOf,
  CallName,
  ErrorShape,
  Numbered,
  PushName,
  Pushes,
  StreamEvent,
  StreamName,
  ValueOf,
} from '../../electron/ipc/contract/index.ts';
import { ApiError } from './api.ts';

export type FakeAnswers = {
  [N in CallName]?: (args: ArgsOf<N>) => ValueOf<N> | Promise<ValueOf<N>>;
};

export interface FakeApi extends Record<'calls', { name: CallName; args: unknown }[]> {
  readonly api: Api;
  readonly answers: FakeAnswers;
  /** Announces to every listener, as CORE or MAIN would. */
  push<N extends PushName>(name: N, data: Pushes[N]): void;
  /** Sends numbered events to every reader of a stream whose key is `id` (turnId or taskId). */
  emit<N extends StreamName>(name: N, id: string, ...events: Numbered<StreamEvent<N>>[]): void;
  /** How many readers a stream has now; 0 after all were closed. */
  readers(name: StreamName, id: string): number;
}

/**
 * A stand-in for `window.api` in tests. A call without an answer is refused by name, so that a test
 * never passes because a call silently gave nothing. Throw ApiError (see `refusal`) to answer with an error.
 */
export function fakeApi(answers: FakeAnswers = {}): FakeApi {
  const calls: { name: CallName; args: unknown }[] = [];
  const listeners = new Map<string, Set<(data: unknown) => void>>();
  const readers = new Map<string, Set<(numbered: unknown) => void>>();
  const groups: Record<string, Record<string, unknown>> = {};

  for (const name of [...coreCallNames, ...shellCallNames] as CallName[]) {
    const [group, member] = name.split('.') as [string, string];
    (groups[group] ??= {})[member] = async (args: never = {} as never) => {
      calls.push({ name, args });
      const answer = answers[name];
      if (!answer) throw new Error(`no fake answer for ${name}`);
      try {
        return { ok: true, value: await answer(args) };
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const shape: ErrorShape = { code: error.code, message: error.message };
        return { ok: false, error: error.detail ? { ...shape, detail: error.detail } : shape };
      }
    };
  }

  const keyOf = (name: string, args: Record<string, unknown>) =>
    `${name}:${String(args['turnId'] ?? args['taskId'])}`;
  const join = <T>(map: Map<string, Set<T>>, key: string, member: T) => {
    const set = map.get(key) ?? new Set<T>();
    map.set(key, set.add(member));
    return () => void set.delete(member);
  };

  const api = {
    ...groups,
    on: (name: string, listener: (data: unknown) => void) => join(listeners, name, listener),
    open: (name: string, args: Record<string, unknown>, listener: (n: unknown) => void) =>
      join(readers, keyOf(name, args), listener),
    dropped: async (files: readonly unknown[]) =>
      files.map((file) => `/dropped/${(file as { name?: string }).name ?? 'file'}`),
    platform: 'linux',
  } as unknown as Api;

  return {
    api,
    answers,
    calls,
    push: (name, data) => listeners.get(name)?.forEach((listener) => listener(data)),
    emit: (name, id, ...events) => {
      for (const event of events) readers.get(`${name}:${id}`)?.forEach((read) => read(event));
    },
    readers: (name, id) => readers.get(`${name}:${id}`)?.size ?? 0,
  };
}

/** For fake answers that refuse: `() => { throw refusal('not-found') }`. */
export function refusal(code: ErrorShape['code'], detail?: ErrorShape['detail']): ApiError {
  return new ApiError(detail ? { code, message: code, detail } : { code, message: code });
}
