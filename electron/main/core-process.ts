import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createClient } from '../ipc/client.ts';
import type { Client } from '../ipc/client.ts';
import type { CoreState, CoreStatus, ErrorShape } from '../ipc/contract/index.ts';
import type { Frame } from '../ipc/frames.ts';
import { refusal, toAskingFrame } from '../ipc/frames.ts';
import { processTransport } from '../ipc/process-transport.ts';
import type { Transport } from '../ipc/transport.ts';
import { createListeners } from '../ipc/transport.ts';
import type { CoreContract } from '../ipc/validators.ts';

export interface CoreProcess {
  readonly status: CoreStatus;
  /** For announcing; called at every change. */
  onStatus(listener: (status: CoreStatus) => void): () => void;
  /**
   * A line to CORE that outlives CORE: frames wait while it starts, and what was open when it died is
   * answered with 'core-unavailable'. Never closes before `shutdown`.
   */
  readonly transport: Transport;
  /** MAIN's own calls. */
  readonly client: Client<CoreContract>;
  readonly pid: number | undefined;
  /** Starts it again after it was given up, at once and with a fresh count. */
  restart(): void;
  /** Asks CORE to end, waits, then kills. Resolves when no process is left. Idempotent. */
  shutdown(): Promise<void>;
}

export interface CoreProcessOptions {
  /** Starts the process with stdio ['ignore', 'ignore', 'pipe', 'ipc']. */
  readonly spawn: () => ChildProcess;
  /** Pauses before the second, third … start in milliseconds; after the last one it is given up. */
  readonly pauses?: readonly number[];
  /** A run longer than this many milliseconds was a good one: the count of failures starts again. */
  readonly goodAfterMs?: number;
  /** How long CORE may take to end before it is killed, in milliseconds. */
  readonly graceMs?: number;
  /** CORE's log lines. */
  readonly onLine: (line: string) => void;
  readonly log: (event: string, facts: Readonly<Record<string, string | number>>) => void;
}

/** Errors told at the start that another start would only meet again: a person has to act first. */
const lasting: readonly string[] = [
  'database-newer',
  'database-corrupt',
  'permission-denied',
  'disk-full',
];

/** Starts CORE, watches it, starts it again with growing pauses. Knows no Electron. */
export function createCoreProcess(options: CoreProcessOptions): CoreProcess {
  const { pauses = [200, 1_000, 3_000, 8_000], goodAfterMs = 30_000, graceMs = 8_000 } = options;
  const line = createListeners();
  const statusListeners = new Set<(status: CoreStatus) => void>();
  /** Frames that wait for CORE to be ready, and what CORE still owes an answer, by id. */
  let queue: Frame[] = [];
  const owed = new Map<string, Frame & { readonly kind: 'call' | 'open' }>();
  let status: CoreStatus = { state: 'starting', restarts: 0, error: null };
  let child: ChildProcess | undefined;
  let peer: Transport | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let ending: Promise<void> | undefined;

  const setStatus = (state: CoreState, error: ErrorShape | null): void => {
    status = { state, error, restarts: status.restarts + (state === 'restarting' ? 1 : 0) };
    options.log('core.state', { state, restarts: status.restarts, code: error?.code ?? '' });
    for (const listener of [...statusListeners]) listener(status);
  };

  const refuse = (frame: Frame, error: ErrorShape): void => {
    const asking = toAskingFrame(frame);
    const answer = asking === undefined ? undefined : refusal(asking, error);
    if (answer !== undefined) line.deliver(answer);
  };

  const refuseAll = (error: ErrorShape): void => {
    const frames = [...owed.values(), ...queue];
    owed.clear();
    queue = [];
    for (const frame of frames) refuse(frame, error);
  };

  const send = (frame: Frame): void => {
    if (frame.kind === 'call' || frame.kind === 'open') owed.set(frame.id, frame);
    if (frame.kind === 'close') owed.delete(frame.id);
    peer?.post(frame);
  };

  const start = (): void => {
    timer = undefined;
    const startedAt = Date.now();
    const started = options.spawn();
    const transport = processTransport(started);
    let startError: ErrorShape | null = null;
    let gone = false;
    child = started;
    peer = transport;
    if (started.stderr !== null) splitLines(started.stderr, options.onLine);

    transport.onFrame((frame) => {
      if (frame.kind === 'ready') {
        startError = frame.error;
        if (frame.error !== null) return;
        setStatus('ready', null);
        const waiting = queue;
        queue = [];
        for (const frame of waiting) send(frame);
        return;
      }
      if (frame.kind === 'answer' || frame.kind === 'end') owed.delete(frame.id);
      line.deliver(frame);
    });

    const ended = (facts: Readonly<Record<string, string | number>>): void => {
      if (gone) return;
      gone = true;
      child = undefined;
      peer = undefined;
      if (ending !== undefined) return;
      options.log('core.ended', { ...facts, ranMs: Date.now() - startedAt });
      if (status.state === 'ready' && Date.now() - startedAt > goodAfterMs) failures = 0;
      const pause = pauses[failures];
      failures += 1;
      const error: ErrorShape = startError ?? { code: 'core-unavailable', message: 'CORE ended' };
      if (pause === undefined || lasting.includes(error.code)) {
        setStatus('failed', error);
        refuseAll(error);
        return;
      }
      // What was only queued can still be answered by the next one; what was under way cannot.
      const lost = [...owed.values()];
      owed.clear();
      setStatus('restarting', startError);
      for (const frame of lost) refuse(frame, error);
      timer = setTimeout(start, pause);
    };
    started.on('error', (cause) => ended({ reason: cause.message }));
    started.on('exit', (code, signal) => ended({ code: code ?? '', signal: signal ?? '' }));
  };

  const transport: Transport = {
    post(frame) {
      if (ending !== undefined) return refuse(frame, unavailable);
      if (status.state === 'ready') return send(frame);
      if (status.state === 'failed') return refuse(frame, status.error ?? unavailable);
      if (frame.kind === 'call' || frame.kind === 'open') queue.push(frame);
      else if (frame.kind === 'close' || frame.kind === 'cancel') {
        queue = queue.filter((waiting) => !('id' in waiting) || waiting.id !== frame.id);
      }
    },
    onFrame: line.onFrame,
    onClose: line.onClose,
    close: () => line.closed(),
  };
  const client = createClient<CoreContract>(transport);

  const shutdown = async (): Promise<void> => {
    clearTimeout(timer);
    const running = child;
    if (running !== undefined && running.exitCode === null && running.signalCode === null) {
      const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      const kill = setTimeout(() => running.kill('SIGKILL'), graceMs);
      peer?.post({ kind: 'call', id: 'shutdown', name: 'private.shutdown', args: {} });
      await gone;
      clearTimeout(kill);
    }
    refuseAll(unavailable);
    line.closed();
  };

  start();
  return {
    get status() {
      return status;
    },
    onStatus(listener) {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    transport,
    client,
    get pid() {
      return child?.pid;
    },
    restart() {
      if (status.state !== 'failed' || ending !== undefined) return;
      failures = 0;
      setStatus('restarting', null);
      start();
    },
    shutdown: () => (ending ??= shutdown()),
  };
}

const unavailable: ErrorShape = { code: 'core-unavailable', message: 'CORE is not running' };

function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
