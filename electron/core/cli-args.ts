import { parseArgs } from 'node:util';
import { documentUses, kvTypes } from '../ipc/contract/index.ts';
import type { DocumentUse, KvType } from '../ipc/contract/index.ts';
import { UsageError } from './cli-errors.ts';

export const help = `Quarry asks IBM Granite models about your own documents, on this machine.

Usage
  quarry ask "question" --docs PATH...   answer from the documents, with citations
  quarry search "words" --docs PATH...   passages of the documents, best first
  quarry models [list]                   the models of your profile
  quarry models add FILE|FOLDER          adds a GGUF file, or all of a folder, where they lie
  quarry models scan FOLDER              model files of LM Studio, Ollama, the Hugging Face cache or
                                         any folder; --add adds those that are new
  quarry models remove ID                forgets a model; deletes only Quarry's own copy
  quarry models download NAME            gets a Granite model from the hub; goes on where it was
  quarry models fit                      which Granite models fit this machine
  quarry models check [ID] [--all]       reads model files again: are they still the same?
  quarry models disk                     what takes room on the disk, and what removing it frees
  quarry models clean [--dry-run]        deletes leftovers in the folder of the models
  quarry models move FOLDER              moves the models to Quarry in that folder; the profile
                                         itself as FOLDER brings them back
  quarry backends [--try]                what runs the models (processor, Vulkan …) and why the
                                         rest does not; --try tries all of it again
  quarry verify FILE|FOLDER              who signed it, and whether its bytes are the signed ones

Options
  --docs PATH...      files or folders (txt, md, html, pdf, docx); put them after the question
  --model FILE        ask: a GGUF file; without it the built-in miniature answers
  --system TEXT       ask: a system prompt
  --mode MODE         ask: auto (default), passages, whole (all of their text) or across (each
                      document by itself, then together)
  --json-schema FILE  ask: the answer is JSON of this JSON Schema and nothing else
  --temperature N     ask: 0 (default, always the likeliest word) to 2
  --threads N         ask: compute threads; measured when left out
  --kv TYPE           ask: memory for text as f16 (default), q8_0 or q4_0: less memory, but
                      experimental, answers can differ
  --signature FILE    verify: the signature; without it model.sig beside the file, or in the folder
  --repository NAME   verify: the repository it comes from (ibm-granite/granite-4.2-3b-GGUF): its own
                      signer is expected; without it any of the identities IBM signs Granite with
  --identity I --issuer U   verify: expect exactly this signer instead
  --limit N           search: at most N passages (default 10)
  --quant NAME        models download: Q4_K_M, Q8_0 …; without it what suits this machine best
  --memory GB         models fit: as if the machine had this much
  --context N         ask: tokens of context (default: what fits); models fit: (default 32768)
  --sessions N        ask, models fit: conversations at once (default: as set in the window, 4)
  --all               models check: every model (as without an ID)
  --dry-run           models clean: only lists what would be deleted
  --add               models scan: add what was found
  --data DIR          a profile to keep documents in, so that they are read only once;
                      ask and search work in a throw-away one without it
  --json              one JSON object on the standard output
  --verbose           what happens, as lines of JSON on the standard error; verify: every step
  --help, --version

Exit status
  0  done; ask: the documents support the answer; verify: signed, and every byte is covered
  1  it did not work; the standard error says why and what to do
  2  the command line was not understood
  3  ask: the documents do not answer this; search, models scan: nothing found
  4  verify: no signature was found, so only the hash is known
  5  verify: the signature was refused, or it does not cover everything that is there;
     models check: a file has changed or is missing
  130, 141  stopped by Ctrl+C (a download is paused then), or the reader of the output left

Only models download uses the network, and only to fetch. HF_ENDPOINT names a mirror.
`;

export type Command = 'ask' | 'search' | 'models' | 'backends' | 'verify';
const modelsActions = [
  'list',
  'add',
  'scan',
  'remove',
  'download',
  'fit',
  'check',
  'disk',
  'clean',
  'move',
] as const;
export type ModelsAction = (typeof modelsActions)[number];

export interface CliRequest {
  readonly command: Command | 'help' | 'version';
  /** The question, the words, the file or the model. */
  readonly subject: string;
  /** What `models` does. */
  readonly action: ModelsAction;
  readonly docs: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
  readonly model: string | null;
  readonly system: string | null;
  /** How ask uses the documents. */
  readonly mode: DocumentUse;
  /** File of a JSON Schema. */
  readonly jsonSchema: string | null;
  readonly temperature: number | null;
  readonly threads: number | null;
  readonly limit: number;
  readonly signature: string | null;
  readonly repository: string | null;
  readonly identity: string | null;
  readonly issuer: string | null;
  /** Gibibytes. */
  readonly memory: number | null;
  readonly context: number | null;
  readonly sessions: number | null;
  /** What the memory for text is kept in. */
  readonly kv: KvType | null;
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly quant: string | null;
  /** models scan: add what was found. */
  readonly add: boolean;
  /** backends: try all of them. */
  readonly try: boolean;
  readonly data: string | null;
}

const options = {
  docs: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  model: { type: 'string' },
  system: { type: 'string' },
  mode: { type: 'string' },
  'json-schema': { type: 'string' },
  temperature: { type: 'string' },
  threads: { type: 'string' },
  limit: { type: 'string' },
  signature: { type: 'string' },
  repository: { type: 'string' },
  identity: { type: 'string' },
  issuer: { type: 'string' },
  memory: { type: 'string' },
  context: { type: 'string' },
  sessions: { type: 'string' },
  kv: { type: 'string' },
  all: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  quant: { type: 'string' },
  add: { type: 'boolean', default: false },
  try: { type: 'boolean', default: false },
  data: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** Which options a command takes, besides json, verbose, data. */
const takes: Readonly<Record<Command, readonly (keyof typeof options)[]>> = {
  ask: [
    ...['docs', 'model', 'system', 'json-schema', 'temperature', 'threads'],
    ...['context', 'sessions', 'kv', 'mode'],
  ] as (keyof typeof options)[],
  search: ['docs', 'limit'],
  models: ['memory', 'context', 'sessions', 'quant', 'all', 'dry-run', 'add'],
  backends: ['try'],
  verify: ['signature', 'repository', 'identity', 'issuer'],
};
const common: readonly string[] = ['json', 'verbose', 'data', 'help', 'version'];

/** Understands a command line. Throws UsageError in plain words. */
export function readArguments(argv: readonly string[]): CliRequest {
  const { values, tokens } = parse(argv);
  const docs: string[] = [];
  const words: string[] = [];
  let afterDocs = false;
  for (const token of tokens) {
    if (token.kind === 'option') {
      afterDocs = token.name === 'docs';
      if (afterDocs && token.value !== undefined) docs.push(token.value);
    } else if (token.kind === 'positional') {
      // `--docs a b c`: everything up to the next option is one more path.
      (afterDocs ? docs : words).push(token.value);
    }
  }
  const [command = 'help', ...said] = words;
  const { action, subject, more } = command === 'models' ? readAction(said) : readSubject(said);
  const given = {
    subject,
    action,
    docs,
    json: values.json,
    verbose: values.verbose,
    model: values.model ?? null,
    system: values.system ?? null,
    mode: toMode(values.mode),
    jsonSchema: values['json-schema'] ?? null,
    temperature: toNumber('--temperature', values.temperature, 0, 2),
    threads: toNumber('--threads', values.threads, 1, 256, true),
    limit: toNumber('--limit', values.limit, 1, 100, true) ?? 10,
    signature: values.signature ?? null,
    repository: values.repository ?? null,
    identity: values.identity ?? null,
    issuer: values.issuer ?? null,
    memory: toNumber('--memory', values.memory, 0.5, 16_384),
    context: toNumber('--context', values.context, 256, 2 ** 20, true),
    sessions: toNumber('--sessions', values.sessions, 1, 64, true),
    kv: toKvType(values.kv),
    all: values.all,
    dryRun: values['dry-run'],
    quant: values.quant ?? null,
    add: values.add,
    try: values.try,
    data: values.data ?? null,
  };
  if (values.help || (words.length === 0 && argv.length === 0))
    return { command: 'help', ...given };
  if (values.version) return { command: 'version', ...given };
  if (words.length === 0) throw new UsageError('a command is missing');
  if (!isCommand(command)) throw new UsageError(`there is no command "${command}"`);
  for (const token of tokens) {
    if (token.kind !== 'option' || common.includes(token.name)) continue;
    if (!(takes[command] as readonly string[]).includes(token.name)) {
      throw new UsageError(`${command} does not take ${token.rawName}`);
    }
  }
  if (command === 'models') checkModels({ action, subject, more }, given);
  checkWords(command, subject, more, given);
  return { command, ...given };
}

interface Said {
  readonly action: ModelsAction;
  readonly subject: string;
  readonly more: readonly string[];
}

function readSubject([subject = '', ...more]: readonly string[]): Said {
  return { action: 'list', subject, more };
}

function readAction([action = 'list', subject = '', ...more]: readonly string[]): Said {
  const known = modelsActions.find((one) => one === action);
  if (known !== undefined) return { action: known, subject, more };
  const all = `${modelsActions.slice(0, -1).join(', ')} and ${modelsActions.at(-1)}`;
  throw new UsageError(`models knows ${all}, not "${action}"`);
}

function checkModels(
  { action, subject, more }: Said,
  given: Pick<CliRequest, 'memory' | 'context' | 'sessions' | 'quant' | 'all' | 'dryRun' | 'add'>,
): void {
  const needed = {
    add: 'file',
    scan: 'folder',
    remove: 'model',
    download: 'model',
    move: 'folder',
  } as const;
  const what = Object.entries(needed).find(([name]) => name === action)?.[1];
  const extra = what !== undefined || action === 'check' ? more[0] : subject || more[0];
  if (extra) throw new UsageError(`"${extra}" is one word too many`);
  if (what !== undefined && subject.trim() === '') {
    throw new UsageError(`models ${action}: the ${what} is missing`);
  }
  if (action !== 'download' && given.quant !== null) {
    throw new UsageError('--quant belongs to models download');
  }
  const { memory, context, sessions } = given;
  if (given.add && action !== 'scan') throw new UsageError('--add belongs to models scan');
  if (action !== 'fit' && (memory ?? context ?? sessions) !== null) {
    throw new UsageError('--memory, --context and --sessions belong to models fit');
  }
  if (given.all && action !== 'check') throw new UsageError('--all belongs to models check');
  if (given.all && subject !== '') throw new UsageError('models check takes a model or --all');
  if (given.dryRun && action !== 'clean') throw new UsageError('--dry-run belongs to models clean');
}

function checkWords(
  command: Command,
  subject: string,
  more: readonly string[],
  given: Pick<CliRequest, 'docs' | 'data' | 'identity' | 'issuer' | 'repository'>,
): void {
  if (command === 'models') return;
  if (command === 'backends') {
    if (subject !== '') throw new UsageError(`"${subject}" is one word too many`);
    return;
  }
  const what = {
    ask: 'the question',
    search: 'what to search for',
    verify: 'the file or folder',
  }[command];
  if (subject.trim() === '') {
    const hint = given.docs.length > 0 ? `; put it before --docs` : '';
    throw new UsageError(`${what} is missing${hint}`);
  }
  if (more.length > 0) {
    throw new UsageError(`"${more[0]}" is one word too many; put quotes around ${what}`);
  }
  if (command !== 'verify' && given.docs.length === 0 && given.data === null) {
    throw new UsageError('--docs PATH... is missing: the files or folders to look into');
  }
  if ((given.identity === null) !== (given.issuer === null)) {
    throw new UsageError('--identity and --issuer belong together');
  }
  if (given.identity !== null && given.repository !== null) {
    throw new UsageError('--repository and --identity both say who must have signed; use one');
  }
  if (given.docs.some((path) => path === '')) throw new UsageError('an empty path after --docs');
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true });
  } catch (error) {
    // Node's sentence names the option; its advice about positionals does not fit here.
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, ''));
  }
}

function toNumber(
  name: string,
  text: string | undefined,
  from: number,
  to: number,
  whole = false,
): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  const fits = text.trim() !== '' && value >= from && value <= to;
  if (!fits || (whole && !Number.isInteger(value))) {
    throw new UsageError(`${name} takes a ${whole ? 'whole ' : ''}number from ${from} to ${to}`);
  }
  return value;
}

function toMode(text: string | undefined): DocumentUse {
  const mode = documentUses.find((one) => one === (text ?? 'auto'));
  if (mode !== undefined) return mode;
  throw new UsageError(`--mode knows ${documentUses.join(', ')}, not "${text}"`);
}

function toKvType(text: string | undefined): KvType | null {
  if (text === undefined) return null;
  const type = kvTypes.find((one) => one === text);
  if (type === undefined) throw new UsageError('--kv takes f16, q8_0 or q4_0');
  return type;
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(takes, word);
}
