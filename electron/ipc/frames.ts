import type { ErrorShape, Result } from './contract/index.ts';

/**
 * What travels between two processes. Ids are chosen by the asking side and are unique for good, so
 * that a relay can pass frames on unopened and a page that was loaded again never meets old answers.
 */
export type Frame =
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly args: unknown }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'answer'; readonly id: string; readonly result: Result<unknown> }
  | { readonly kind: 'push'; readonly name: string; readonly data: unknown }
  | { readonly kind: 'open'; readonly id: string; readonly name: string; readonly args: unknown }
  | { readonly kind: 'event'; readonly id: string; readonly seq: number; readonly event: unknown }
  /** From the server: the stream is over; `error` when it could not be read. */
  | { readonly kind: 'end'; readonly id: string; readonly error: ErrorShape | null }
  /** From the client: the reader left. */
  | { readonly kind: 'close'; readonly id: string }
  /** Once from a process that serves: it is ready, or why it will not be. */
  | { readonly kind: 'ready'; readonly error: ErrorShape | null };

/** Frames that ask for something: the only ones a window may send. */
export type AskingFrame = Extract<Frame, { kind: 'call' | 'cancel' | 'open' | 'close' }>;

/** The longest id or name that is looked at: longer ones are no frames of ours. */
const maxWord = 200;

/** The frame in a message that arrived, or undefined for anything else. Contents are not looked into. */
export function toFrame(message: unknown): Frame | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const frame = message as Record<string, unknown>;
  switch (frame['kind']) {
    case 'call':
    case 'open':
      return isWord(frame['id']) && isWord(frame['name']) ? (message as Frame) : undefined;
    case 'cancel':
    case 'close':
      return isWord(frame['id']) ? (message as Frame) : undefined;
    case 'end':
      return isWord(frame['id']) && isErrorOrNull(frame['error']) ? (message as Frame) : undefined;
    case 'answer':
      return isWord(frame['id']) && isResult(frame['result']) ? (message as Frame) : undefined;
    case 'event':
      return isWord(frame['id']) && Number.isSafeInteger(frame['seq'])
        ? (message as Frame)
        : undefined;
    case 'push':
      return isWord(frame['name']) ? (message as Frame) : undefined;
    case 'ready':
      return isErrorOrNull(frame['error']) ? (message as Frame) : undefined;
    default:
      return undefined;
  }
}

/** The frame, if it is one that asks. */
export function toAskingFrame(message: unknown): AskingFrame | undefined {
  const frame = toFrame(message);
  return frame?.kind === 'call' ||
    frame?.kind === 'cancel' ||
    frame?.kind === 'open' ||
    frame?.kind === 'close'
    ? frame
    : undefined;
}

/** The frame that refuses an asking frame, or undefined where nothing waits for an answer. */
export function refusal(frame: AskingFrame, error: ErrorShape): Frame | undefined {
  if (frame.kind === 'call') return { kind: 'answer', id: frame.id, result: { ok: false, error } };
  if (frame.kind === 'open') return { kind: 'end', id: frame.id, error };
  return undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxWord;
}

function isErrorOrNull(value: unknown): boolean {
  return value === null || isError(value);
}

function isError(value: unknown): boolean {
  const error = value as { code?: unknown; message?: unknown } | null | undefined;
  return typeof error?.code === 'string' && typeof error.message === 'string';
}

function isResult(value: unknown): boolean {
  const result = value as { ok?: unknown; error?: unknown } | null | undefined;
  return result?.ok === true || (result?.ok === false && isError(result.error));
}
