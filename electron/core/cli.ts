/**
 * The command line: the same CORE as behind the window, in this process, with its handlers called
 * directly. `cli-args.ts` says what can be asked.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineLauncher } from '../engine/client.ts';
import { createEmbedderLauncher } from '../engine/embedder-client.ts';
import { createMachineProbe } from '../engine/machine-probe.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import { help, readArguments } from './cli-args.ts';
import type { CliRequest } from './cli-args.ts';
import { backends } from './cli-backends.ts';
import { ask, search } from './cli-commands.ts';
import { UsageError, explainThrown } from './cli-errors.ts';
import { models } from './cli-models.ts';
import { createOutput } from './cli-output.ts';
import type { Output } from './cli-output.ts';
import { verify } from './cli-verify.ts';
import { createCore } from './compose.ts';
import type { Core } from './compose.ts';
import { createIds } from './ids.ts';
import { createLog, silentLog } from './log.ts';
import { createMachine } from './machine.ts';
import { engineVersion } from './versions.ts';

const interrupted = 130;
const readerLeft = 141;
/** Ctrl+C reaches us from the terminal and once more through npm: only a later one is a second one. */
const sameInterruptMs = 1000;

const stopping = new AbortController();
let status: number | undefined;
let throwaway: string | undefined;

/** The last thing to run, however the process ends: a throw-away profile holds document text. */
process.on('exit', () => {
  if (throwaway !== undefined) rmSync(throwaway, { recursive: true, force: true, maxRetries: 3 });
});
for (const [signal, code] of [
  ['SIGINT', interrupted],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  let first = 0;
  process.on(signal, () => {
    if (first !== 0 && Date.now() - first > sameInterruptMs) process.exit(code);
    first ||= Date.now();
    status ??= code;
    stopping.abort();
  });
}
// `quarry … | head`: whoever read our output is gone, so there is nothing left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') status ??= readerLeft;
  stopping.abort();
});
process.stderr.on('error', () => {});

const isJson = process.argv.includes('--json');
const out = createOutput(process.stdout, process.stderr, isJson);
let code: number;
try {
  code = await main(readArguments(process.argv.slice(2)), out);
} catch (error) {
  code = report(error);
}
process.exitCode = status ?? code;
// Streams are flushed before `beforeExit`; what would still hold the process has had its chance.
setTimeout(() => process.exit(), 2000).unref();

async function main(request: CliRequest, output: Output): Promise<number> {
  if (request.command === 'help') {
    process.stdout.write(help);
    return 0;
  }
  if (request.command === 'version') {
    process.stdout.write(`${appVersion()}\n`);
    return 0;
  }
  if (request.command === 'verify') {
    const keys = { shippedFolder: join(resources(), 'trust'), folder: join(own(request), 'keys') };
    return verify(request, output, stopping.signal, keys);
  }
  const core = await open(request);
  try {
    const run = { core, request, out: output, signal: stopping.signal };
    if (request.command === 'ask') return await ask(run);
    if (request.command === 'search') return await search(run);
    if (request.command === 'backends') return await backends(run);
    return await models(run);
  } finally {
    await core.close();
  }
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    if (isJson) out.object({ error: { code: 'usage', message: error.message } });
    out.problem(`${error.message}\nTry: quarry --help`);
    return 2;
  }
  const shape = toErrorShape(error);
  if (status === undefined || shape.code !== 'cancelled') {
    if (isJson) out.object({ error: shape });
    if (status !== readerLeft) out.problem(explainThrown(error));
  }
  if (process.argv.includes('--verbose') && error instanceof Error) {
    process.stderr.write(`${error.stack ?? error.message}\n`);
  }
  return 1;
}

async function open(request: CliRequest): Promise<Core> {
  const clock = { now: () => Date.now() };
  const log = request.verbose ? createLog(clock, (line) => process.stderr.write(line)) : silentLog;
  const dataFolder = await profile(request);
  const isKept = throwaway === undefined || !['ask', 'search'].includes(request.command);
  return createCore({
    clock,
    ids: createIds(clock),
    log,
    machine: createMachine(),
    announcer: { push: () => {} },
    launcher: createEngineLauncher({ nodePath: process.execPath, log }),
    embedderLauncher: createEmbedderLauncher({ nodePath: process.execPath, log }),
    // In a throw-away profile no trial would be remembered: the binding chooses by itself there.
    ...(isKept && { probe: createMachineProbe({ nodePath: process.execPath }) }),
    dataFolder,
    resourcesFolder: resources(),
    appVersion: appVersion(),
    engineVersion: engineVersion(),
  });
}

/** --data, else the user's own profile, whether it exists or not. */
function own({ data }: CliRequest): string {
  return resolve(data ?? (process.env['QUARRY_DATA'] || join(applicationData(), 'Quarry')));
}

/** --data, else the user's own for `models` where there is one, else a throw-away one. */
async function profile(request: CliRequest): Promise<string> {
  if (request.data !== null) return resolve(request.data);
  if (request.command === 'models' || request.command === 'backends') {
    const kept = own(request);
    // What is added must stay; looking alone makes no profile.
    const stays = request.add || ['add', 'move', 'download'].includes(request.action);
    if (stays || existsSync(join(kept, 'quarry.db'))) return kept;
  }
  throwaway = await mkdtemp(join(tmpdir(), 'quarry-'));
  return throwaway;
}

/** Where Electron's `appData` is, for whoever asks without Electron. */
function applicationData(): string {
  if (process.platform === 'win32') {
    return process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
}

/** `resources` beside the nearest folder above that has one: the checkout, or the packaged app. */
function resources(): string {
  const asked = process.env['QUARRY_RESOURCES'];
  if (asked) return resolve(asked);
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'resources');
    if (existsSync(join(candidate, 'miniature', 'miniature.gguf'))) return candidate;
    if (dirname(folder) === folder) {
      throw new AppError('not-found', 'the resources folder is not where it should be');
    }
  }
}

function appVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: unknown;
        version?: unknown;
      };
      if (found.name === 'quarry' && typeof found.version === 'string') return found.version;
    } catch {
      // Not in this folder.
    }
    if (dirname(folder) === folder) return 'unknown';
  }
}
