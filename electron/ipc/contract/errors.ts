/**
 * Every error that crosses a process boundary carries one of these codes.
 * The wording a person reads stands in one table in the renderer (`renderer/src/errors.ts`);
 * `message` below is for logs and the command line and never holds prompt or document text.
 */
export const errorCodes = [
  // calls and processes
  'invalid-argument',
  'not-found',
  'cancelled',
  'internal',
  'core-unavailable',
  'turn-interrupted',
  'path-not-allowed',
  'permission-denied',
  'disk-full',
  // storage
  'database-newer',
  'database-locked',
  'database-corrupt',
  // models and engine
  'model-missing',
  'model-not-gguf',
  'model-truncated',
  'model-architecture-unknown',
  'model-too-large',
  'model-load-failed',
  'model-not-loaded',
  'model-exists',
  'model-busy',
  'model-is-shape',
  'model-not-embedding',
  'model-not-writing',
  'library-missing',
  'library-busy',
  'folder-unusable',
  'copy-mismatch',
  'network-unreachable',
  'download-failed',
  'download-mismatch',
  'proxy-invalid',
  'authority-invalid',
  'token-invalid',
  'token-unprotected',
  'token-file-open',
  'keys-refused',
  'engine-start-failed',
  'engine-crashed',
  'engine-crash-loop',
  'prompt-too-long',
  'context-full',
  'whole-too-large',
  // documents
  'document-missing',
  'document-unsupported',
  'document-empty',
  'document-too-large',
  'document-unreadable',
  'document-encrypted',
  'document-mismatch',
  'document-needs-ocr',
  'parser-timeout',
  'parser-memory',
  'parser-crashed',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Facts the wording can use: file names, sizes in bytes, versions. Never document or prompt text. */
export type ErrorDetail = Readonly<Record<string, string | number>>;

export interface ErrorShape {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: ErrorDetail;
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorShape };
