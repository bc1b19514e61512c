import type { ErrorCode, ErrorDetail, ErrorShape } from './contract/index.ts';
import { errorCodes } from './contract/index.ts';

/**
 * The one error class that crosses boundaries. `message` is for logs and the command line and must
 * never hold prompt text, document text, tokens or keys: it travels into log files.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: ErrorDetail | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options?: { detail?: ErrorDetail; cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options?.detail;
  }
}

/** The shape that travels. Anything unexpected becomes 'internal' with its own message. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof AppError) {
    return error.detail === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, detail: error.detail };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return { code: 'cancelled', message: 'cancelled' };
  }
  const system = systemErrorCode(error);
  if (system !== undefined) return { code: system, message: systemWords(error) };
  if (isSystemError(error)) return { code: 'internal', message: systemWords(error) };
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** Rebuilds an Error (with a stack of this side) from a shape that arrived. */
export function fromErrorShape(shape: ErrorShape): AppError {
  const code = (errorCodes as readonly string[]).includes(shape.code) ? shape.code : 'internal';
  return new AppError(
    code,
    shape.message,
    shape.detail === undefined ? {} : { detail: shape.detail },
  );
}

/** Node's own errors of calls to the system. */
function isSystemError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && typeof syscall === 'string';
}

/** What failed and on which file, without its folder: paths name people and projects. */
function systemWords(error: unknown): string {
  const { code, syscall, path } = error as { code: string; syscall?: unknown; path?: unknown };
  const call = typeof syscall === 'string' ? ` in ${syscall}` : '';
  const name = typeof path === 'string' ? (path.split(/[\\/]/).at(-1) ?? '') : '';
  return `${code}${call}${name === '' ? '' : ` of ${name}`}`;
}

function systemErrorCode(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return 'disk-full';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission-denied';
  return undefined;
}
