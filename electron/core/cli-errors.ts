import { toErrorShape } from '../ipc/app-error.ts';
import { documentFormats } from '../ipc/contract/index.ts';
import type { ErrorCode, ErrorDetail, ErrorShape } from '../ipc/contract/index.ts';

/** A command line that cannot be understood: exit status 2. */
export class UsageError extends Error {}

const size = (bytes: string | number | undefined): string => {
  const value = Number(bytes);
  if (!Number.isFinite(value)) return 'an unknown amount';
  return value < 1024 ** 3
    ? `${(value / 1024 ** 2).toFixed(0)} MiB`
    : `${(value / 1024 ** 3).toFixed(1)} GiB`;
};
const file = (detail: ErrorDetail): string =>
  String(detail['file'] ?? detail['name'] ?? detail['path'] ?? 'the file');
const needed = (detail: ErrorDetail) => size(detail['needed'] ?? detail['neededBytes']);
const available = (detail: ErrorDetail) => size(detail['available'] ?? detail['availableBytes']);

const unusable = (reason: string | number | undefined): string =>
  ({
    none: 'there is no such folder',
    same: 'they are there already',
    inside: 'it lies inside the place they are moved from',
    foreign: 'it holds the models of another Quarry',
    filled: 'other files are in it',
  })[String(reason)] ?? 'choose another one';

const needs = (bytes: string | number | undefined): string =>
  bytes === undefined ? '' : `, it needs ${size(bytes)}`;

function tooLarge(d: ErrorDetail): string {
  const each = Number(d['sessions'] ?? 1) > 1 ? ` for each of ${d['sessions']} conversations` : '';
  const at = d['context'] === undefined ? '' : ` at ${d['context']} tokens${each}`;
  const of = d['total'] === undefined ? '' : ` of ${size(d['total'])}`;
  const ways = [
    Number(d['shorter'] ?? 0) > 0
      ? `a context of ${d['shorter']} tokens fits${needs(d['shorterNeeds'])}`
      : '',
    d['kv'] === undefined
      ? ''
      : `${d['kvContext']} tokens fit with --kv ${d['kv']} (experimental)${needs(d['kvNeeds'])}`,
    d['fewer'] === undefined
      ? ''
      : `${d['fewerContext']} tokens fit with --sessions ${d['fewer']} instead of ${d['sessions']}${needs(d['fewerNeeds'])}`,
    d['unload'] === undefined
      ? ''
      : `"${d['unload']}" is answering and in the way${d['unloadFrees'] === undefined ? '' : `, ending it frees ${size(d['unloadFrees'])}`}`,
    d['smaller'] === undefined ? '' : `${d['smaller']} fits, it needs ${size(d['smallerNeeds'])}`,
    'closing other programs gives memory back',
  ].filter((way) => way !== '');
  const how =
    {
      killed: 'the system ended it while it was loading, for lack of memory; ',
      allocation: 'the system gave it no more memory while it was loading; ',
      memory: 'memory ran out and the system ended the engine; ',
    }[String(d['reason'])] ?? '';
  return `${how}the model needs ${needed(d)}${at}, ${available(d)}${of} are available; ${ways.join('; ')}`;
}

const held = (found: string | number | undefined): string =>
  ({
    zip: 'an archive',
    gzip: 'an archive',
    '7z': 'an archive',
    rar: 'an archive',
    ole: 'an Office document of before 2007',
    image: 'a picture',
    program: 'a program',
    database: 'a database',
  })[String(found)] ?? String(found ?? 'something else');

const recognise = (d: ErrorDetail): string =>
  ({
    missing: 'install Tesseract (Debian: tesseract-ocr) so that it can be recognised',
    language: `Tesseract lacks the languages ${d['languages']}; install them or choose others`,
    failed: 'Tesseract could not read them',
    nothing: 'no text was recognised in them',
  })[String(d['reason'])] ??
  'switch text recognition on (Settings, Reading documents), or add a copy with a text layer';

/** What a person at a terminal reads for each code, with the way out. The window has its own table. */
const words: Readonly<Record<ErrorCode, (detail: ErrorDetail) => string>> = {
  'invalid-argument': () => 'that value is not possible; see --help',
  'not-found': ({ model }) =>
    model === undefined
      ? 'there is no such thing in this profile; `quarry models` lists the models'
      : `no model of this profile is called "${model}"; \`quarry models\` lists them`,
  cancelled: () => 'stopped',
  internal: () => 'something went wrong inside; run again with --verbose and report what it says',
  'turn-interrupted': () => 'the program ended while the answer was being written',
  'core-unavailable': () => 'Quarry is closing; run the command again',
  'path-not-allowed': () => 'that path may not be used',
  'permission-denied': (d) => `${file(d)} may not be read or written; check its permissions`,
  'disk-full': (d) =>
    d['needed'] === undefined
      ? 'the disk is full; make room and run the command again'
      : `the disk is full: ${needed(d)} needed, ${available(d)} free`,
  'database-newer': () => 'this profile was written by a newer Quarry; update, or use --data DIR',
  'database-locked': () =>
    'this profile is open in another Quarry; close it, or use another one with --data DIR',
  'database-corrupt': (d) =>
    `the profile's database is damaged; ${d['backup'] ? `restore the copy ${d['backup']}` : 'use --data DIR for a new profile'}`,
  'model-missing': (d) => `no model file at ${file(d)}; check the path`,
  'model-not-gguf': (d) => `${file(d)} is not a GGUF model; download it again or choose another`,
  'model-truncated': (d) =>
    d['needed'] === undefined
      ? `${file(d)} is cut short; download it again`
      : `${file(d)} is cut short: ${size(d['bytes'])} of ${needed(d)}; download it again`,
  'model-architecture-unknown': (d) =>
    `this version cannot run ${file(d)} (${d['architecture'] ?? `weights of type ${d['tensorType'] ?? '?'}`}); choose a Granite model`,
  'model-too-large': (d) => tooLarge(d),
  'model-load-failed': () => 'the model could not be loaded; run with --verbose to see why',
  'model-not-loaded': () => 'the model is not loaded; run the command again',
  'model-exists': (d) => `this model is already there as "${d['name'] ?? '?'}"`,
  'model-busy': () => 'the model is answering; wait and run the command again',
  'model-is-shape': (d) =>
    `"${d['name'] ?? 'this model'}" has random weights, for measuring memory and speed only; choose another model`,
  'model-not-embedding': (d) =>
    `"${d['name'] ?? 'this model'}" makes no vectors of texts; choose an embedding model`,
  'model-not-writing': (d) =>
    `"${d['name'] ?? 'this model'}" finds passages and does not write; choose another model`,
  'library-missing': (d) =>
    `the disk with the models (${d['path'] ?? '?'}) is not there; connect it and run the command again`,
  'library-busy': () => 'the models are being moved; wait until that is done',
  'folder-unusable': (d) =>
    `the models cannot move to ${d['path'] ?? 'that folder'}: ${unusable(d['reason'])}`,
  'copy-mismatch': () =>
    'a copy held other bytes than its file, so nothing was moved; the other disk may be failing',
  'network-unreachable': () => 'the hub cannot be reached; check the connection and the proxy',
  'download-failed': (d) =>
    ({
      denied: 'the hub does not give this file out without an account',
      missing: 'the hub does not have this file',
      busy: 'the hub is busy; run the command again later',
    })[String(d['reason'])] ?? 'the hub gave an answer that makes no sense; try again later',
  'download-mismatch': () => 'the hub has another file than the catalogue says; it is not used',
  'proxy-invalid': () =>
    'the proxy of the settings cannot be used; change it in the window, or set HTTPS_PROXY instead',
  'authority-invalid': (d) => `${file(d)} holds no certificate that can be read (PEM is needed)`,
  'token-invalid': () => 'the access token is malformed; check HF_TOKEN or the file hub-token',
  'token-unprotected': () => 'no keychain encrypts the token here; use HF_TOKEN',
  'token-file-open': (d) =>
    `${d['path'] ?? 'the token file'} can be read by others; run: chmod 600 ${d['path'] ?? 'FILE'}`,
  'keys-refused': () => 'the newer signing keys were refused; those that are there still hold',
  'engine-start-failed': () =>
    'the engine could not be started; run `npm start` to set it up again',
  'engine-crashed': (d) =>
    d['reason'] === 'memory' && d['needed'] !== undefined
      ? tooLarge(d)
      : 'the engine ended unexpectedly; run the command again',
  'engine-crash-loop': (d) =>
    `the engine ended ${d['times'] ?? 'several'} times in a row with this model; run: quarry verify FILE`,
  'prompt-too-long': () => 'the question is too long for this model; shorten it',
  'context-full': () => 'the context of the model is full; ask a shorter question',
  'whole-too-large': ({ tokens, most }) =>
    `the documents take ${tokens} tokens as a whole and ${most} fit; use passages, or a model or context that holds more`,
  'document-missing': (d) => `no file or folder at ${file(d)}; check the path`,
  'document-unsupported': (d) =>
    `${file(d)} has a format that is not read; what is: ${documentFormats.join(', ')}`,
  'document-empty': (d) => `${file(d)} holds no text`,
  'document-too-large': (d) => `${file(d)} is too large; split it and add the parts`,
  'document-unreadable': (d) =>
    `${file(d)} is damaged or not what its name says, and could not be read; open it in the program that made it and save it again`,
  'document-encrypted': (d) => `${file(d)} is locked with a password; unlock it first`,
  'document-mismatch': (d) =>
    `${file(d)} is named as ${d['format'] ?? 'something else'} but holds ${held(d['found'])}; give it the ending of what it is`,
  'document-needs-ocr': (d) => `${file(d)} is pictures of text; ${recognise(d)}`,
  'parser-timeout': (d) => `reading ${file(d)} took too long`,
  'parser-memory': (d) => `reading ${file(d)} took too much memory`,
  'parser-crashed': (d) => `reading ${file(d)} failed`,
};

/** Plain words for an error, without the program's name in front. */
export function explain(error: ErrorShape, subject?: string): string {
  const detail = error.detail ?? {};
  return words[error.code](
    subject === undefined || detail['file'] !== undefined ? detail : { ...detail, file: subject },
  );
}

export function explainThrown(thrown: unknown): string {
  if (thrown instanceof UsageError) return thrown.message;
  return explain(toErrorShape(thrown));
}
