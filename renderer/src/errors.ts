import type { ErrorCode, ErrorShape } from '../../electron/ipc/contract/index.ts';
import { bytes, count, hasKey, t } from './i18n/index.ts';
import type { MessageKey } from './i18n/index.ts';

/** The next step that an error offers. Its button is labelled by `errors.action.<name>`. */
export type ErrorAction =
  'retry' | 'restart-core' | 'open-models' | 'open-library' | 'new-conversation' | 'none';

interface Entry {
  readonly title: MessageKey;
  readonly text: MessageKey;
  readonly action: ErrorAction;
}

export interface Wording {
  readonly title: string;
  readonly text: string;
  readonly action: ErrorAction;
  /** Label of the button, null where there is nothing to offer. */
  readonly label: string | null;
}

const entry = <C extends ErrorCode>(code: C, action: ErrorAction): Entry => ({
  title: `errors.${code}.title` as MessageKey,
  text: `errors.${code}.text` as MessageKey,
  action,
});

/** The one place that says what each error code offers next; its words stand in the catalogue. */
export const errorTable: Readonly<Record<ErrorCode, Entry>> = {
  'invalid-argument': entry('invalid-argument', 'none'),
  'not-found': entry('not-found', 'none'),
  cancelled: entry('cancelled', 'retry'),
  internal: entry('internal', 'retry'),
  'core-unavailable': entry('core-unavailable', 'restart-core'),
  'turn-interrupted': entry('turn-interrupted', 'retry'),
  'path-not-allowed': entry('path-not-allowed', 'none'),
  'permission-denied': entry('permission-denied', 'none'),
  'disk-full': entry('disk-full', 'retry'),
  'database-newer': entry('database-newer', 'none'),
  'database-locked': entry('database-locked', 'restart-core'),
  'database-corrupt': entry('database-corrupt', 'none'),
  'model-missing': entry('model-missing', 'open-models'),
  'model-not-gguf': entry('model-not-gguf', 'open-models'),
  'model-truncated': entry('model-truncated', 'open-models'),
  'model-architecture-unknown': entry('model-architecture-unknown', 'open-models'),
  'model-too-large': entry('model-too-large', 'open-models'),
  'model-load-failed': entry('model-load-failed', 'retry'),
  'model-not-loaded': entry('model-not-loaded', 'retry'),
  'model-exists': entry('model-exists', 'open-models'),
  'model-busy': entry('model-busy', 'retry'),
  'model-is-shape': entry('model-is-shape', 'open-models'),
  'model-not-embedding': entry('model-not-embedding', 'open-models'),
  'model-not-writing': entry('model-not-writing', 'open-models'),
  'library-missing': entry('library-missing', 'open-models'),
  'library-busy': entry('library-busy', 'none'),
  'folder-unusable': entry('folder-unusable', 'none'),
  'copy-mismatch': entry('copy-mismatch', 'none'),
  'network-unreachable': entry('network-unreachable', 'retry'),
  'download-failed': entry('download-failed', 'retry'),
  'download-mismatch': entry('download-mismatch', 'none'),
  'proxy-invalid': entry('proxy-invalid', 'none'),
  'authority-invalid': entry('authority-invalid', 'none'),
  'token-invalid': entry('token-invalid', 'none'),
  'token-unprotected': entry('token-unprotected', 'none'),
  'token-file-open': entry('token-file-open', 'retry'),
  'keys-refused': entry('keys-refused', 'retry'),
  'engine-start-failed': entry('engine-start-failed', 'retry'),
  'engine-crashed': entry('engine-crashed', 'retry'),
  'engine-crash-loop': entry('engine-crash-loop', 'open-models'),
  'prompt-too-long': entry('prompt-too-long', 'new-conversation'),
  'context-full': entry('context-full', 'new-conversation'),
  'whole-too-large': entry('whole-too-large', 'none'),
  'document-missing': entry('document-missing', 'open-library'),
  'document-unsupported': entry('document-unsupported', 'open-library'),
  'document-empty': entry('document-empty', 'open-library'),
  'document-too-large': entry('document-too-large', 'open-library'),
  'document-unreadable': entry('document-unreadable', 'open-library'),
  'document-encrypted': entry('document-encrypted', 'open-library'),
  'document-mismatch': entry('document-mismatch', 'open-library'),
  'document-needs-ocr': entry('document-needs-ocr', 'open-library'),
  'parser-timeout': entry('parser-timeout', 'open-library'),
  'parser-memory': entry('parser-memory', 'open-library'),
  'parser-crashed': entry('parser-crashed', 'open-library'),
};

/** Words for an error that arrived: never its `message`, which is made for logs. */
export function wordingOf(error: ErrorShape): Wording {
  const found = errorTable[error.code] ?? errorTable.internal;
  const values = detailValues(error);
  const labelKey = `errors.action.${found.action}`;
  return {
    title: t(found.title, values),
    text: t(found.text, values),
    action: found.action,
    label: found.action !== 'none' && hasKey(labelKey) ? t(labelKey) : null,
  };
}

/** Errors that come with what would fit instead (`TooLargeHelp`). */
export const isShortOfMemory = ({ code, detail }: ErrorShape): boolean =>
  code === 'model-too-large' || (code === 'engine-crashed' && detail?.['reason'] === 'memory');

const byteFacts = ['bytes', 'needed', 'available', 'limit', 'size', 'total'];

/** Facts of an error as the sentences use them; a missing one becomes '' and `select` picks other words. */
function detailValues(error: ErrorShape): Record<string, string | number> {
  const values: Record<string, string | number> = {
    name: '',
    needed: '',
    available: '',
    version: '',
    architecture: '',
    reason: '',
    format: '',
    found: '',
    languages: '',
    path: '',
    context: '0',
    tokens: '',
    most: '',
    sessions: 0,
    times: 0,
  };
  for (const [key, value] of Object.entries(error.detail ?? {})) {
    values[key] = typeof value === 'number' && byteFacts.includes(key) ? bytes(value) : value;
  }
  for (const name of ['context', 'tokens', 'most']) {
    const value = values[name];
    if (typeof value === 'number') values[name] = count(value);
  }
  values['named'] = values['name'] === '' ? 'no' : 'yes';
  values['sized'] = values['needed'] === '' ? 'no' : 'yes';
  return values;
}
