/**
 * CORE: the program without a window. MAIN starts it on the Node that ships with the app and speaks
 * to it over the 'ipc' channel; when that channel closes, however MAIN ended, CORE ends its engines,
 * closes the database and goes.
 */
import { parseArgs } from 'node:util';
import { createEngineLauncher } from '../engine/client.ts';
import { createEmbedderLauncher } from '../engine/embedder-client.ts';
import { createMachineProbe } from '../engine/machine-probe.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { PushName, Pushes } from '../ipc/contract/index.ts';
import { processTransport } from '../ipc/process-transport.ts';
import { createServer } from '../ipc/server.ts';
import type { Server } from '../ipc/server.ts';
import { coreValidators } from '../ipc/validators.ts';
import type { CoreContract } from '../ipc/validators.ts';
import { createCore } from './compose.ts';
import type { Core } from './compose.ts';
import { createIds } from './ids.ts';
import { createLog } from './log.ts';
import { createMachine } from './machine.ts';
import type { Clock } from './ports.ts';
import { createSystemProxy } from './system-proxy.ts';
import { engineVersion } from './versions.ts';

/** The database and the engines get this long to close when nobody waits for us any more. */
const graceMs = 5_000;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    resources: { type: 'string' },
    'app-version': { type: 'string', default: '0.0.0' },
  },
});
const { data: dataFolder, resources: resourcesFolder } = values;
if (dataFolder === undefined || resourcesFolder === undefined || process.send === undefined) {
  process.stderr.write('usage: started by the app with --data DIR --resources DIR and a channel\n');
  process.exit(2);
}

const clock: Clock = { now: () => Date.now() };
const log = createLog(clock, (line) => process.stderr.write(line));
const transport = processTransport(process);
let core: Core | undefined;
let server: Server<CoreContract> | undefined;
let leaving = false;
const systemProxy = createSystemProxy((data) => server?.push('private.askProxy', data));
/** Ours and the private one: the line takes both, each with its own data. */
const push = (name: PushName, data: Pushes[PushName]): void => server?.push(name, data as never);

/** Closes what is open and ends the process, at the latest after the grace. */
async function leave(reason: string): Promise<void> {
  if (leaving) return;
  leaving = true;
  log.info('core.leaving', { reason });
  setTimeout(() => process.exit(1), graceMs).unref();
  await core?.close();
  process.exit(0);
}

function crashed(kind: string): (error: unknown) => void {
  return (error) => {
    log.error(kind, traceOf(error));
    process.exit(70);
  };
}
process.on('uncaughtException', crashed('core.uncaught'));
process.on('unhandledRejection', crashed('core.unhandled'));
// When MAIN is killed its end of our stderr goes first: a log line must not bring us down then.
process.stderr.on('error', () => {});
// Ctrl+C in a terminal reaches all of its processes at once; MAIN decides and asks us in order.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => void leave('SIGTERM'));
transport.onClose(() => void leave('channel closed'));

try {
  const started = await createCore({
    clock,
    ids: createIds(clock),
    log,
    machine: createMachine(),
    announcer: { push },
    launcher: createEngineLauncher({ nodePath: process.execPath, log }),
    embedderLauncher: createEmbedderLauncher({ nodePath: process.execPath, log }),
    probe: createMachineProbe({ nodePath: process.execPath }),
    dataFolder,
    resourcesFolder,
    appVersion: values['app-version'],
    engineVersion: engineVersion(),
    systemProxy: systemProxy.ask,
    goOnWithDownloads: true,
    followFolders: true,
  });
  core = started;
  // MAIN may have gone while the database was opened.
  if (leaving) await started.close();
  server = createServer<CoreContract>(transport, {
    calls: {
      ...started.handlers,
      'private.proxy': systemProxy.answered,
      'private.shutdown': async () => {
        leaving = true;
        await started.close();
        log.info('core.leaving', { reason: 'asked' });
        // The answer is on its way before this runs, and the channel empties before it closes.
        setTimeout(() => {
          process.disconnect();
          process.exitCode = 0;
          setTimeout(() => process.exit(0), 500).unref();
        });
        return null;
      },
    },
    streams: started.streams,
    validate: coreValidators,
    onInternal: (name, error) => log.error('call.internal', { name, ...traceOf(error) }),
  });
  log.info('core.ready', { ms: Math.round(performance.now()) });
  transport.post({ kind: 'ready', error: null });
} catch (error) {
  const shape = toErrorShape(error);
  log.error('core.start', { code: shape.code, ...traceOf(error) });
  process.send({ kind: 'ready', error: shape }, () => process.exit(3));
}

/** Where an error comes from. Messages stay out, except our own: others can quote what was read. */
function traceOf(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const facts: Record<string, string> = {
    error: error.name,
    stack: frames
      .slice(0, 8)
      .map((line) => line.trim())
      .join(' < '),
  };
  if (error instanceof AppError) facts['message'] = error.message;
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string') facts['code'] = code;
  return facts;
}
