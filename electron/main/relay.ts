import { AppError, toErrorShape } from '../ipc/app-error.ts';
import {
  coreCallNames,
  pathCallNames,
  pushNames,
  shellCallNames,
  streamNames,
} from '../ipc/contract/index.ts';
import type { PushName, Pushes } from '../ipc/contract/index.ts';
import type { Frame } from '../ipc/frames.ts';
import { refusal, toAskingFrame } from '../ipc/frames.ts';
import { createServer } from '../ipc/server.ts';
import type { CallHandlers } from '../ipc/shape.ts';
import type { Transport } from '../ipc/transport.ts';
import { createListeners } from '../ipc/transport.ts';
import { foundIn, pathsIn, shellValidators } from '../ipc/validators.ts';
import type { ShellContract } from '../ipc/validators.ts';

export interface Relay {
  push<N extends PushName>(name: N, data: Pushes[N]): void;
  /** The page is going (reload, crash): whatever it had open is closed in CORE. */
  pageGone(): void;
  close(): void;
}

const core = new Set<string>(coreCallNames);
const shell = new Set<string>(shellCallNames);
const streams = new Set<string>(streamNames);
const pushes = new Set<string>(pushNames);
const withPaths = new Set<string>(pathCallNames);

/**
 * Passes frames between one window and CORE. Names decide where a frame goes; of the contents only
 * the paths of calls that open files are looked at: the window may name no file that a person did not
 * choose. What MAIN answers itself is served here too.
 */
export function createRelay(ends: {
  readonly window: Transport;
  readonly core: Transport;
  readonly shell: CallHandlers<ShellContract>;
  readonly isGranted: (path: string) => boolean;
  /** Files that CORE found in a folder which a person chose count as chosen, too. */
  readonly grant: (paths: readonly string[]) => void;
  readonly onInternal?: (name: string, error: unknown) => void;
}): Relay {
  /** Calls and streams under way in CORE, by id. */
  const open = new Map<string, 'call' | 'open'>();
  /** Scans among them. */
  const scans = new Set<string>();
  const own = createListeners();
  createServer<ShellContract>(
    {
      post: (frame) => ends.window.post(frame),
      onFrame: own.onFrame,
      onClose: own.onClose,
      close: own.closed,
    },
    {
      calls: ends.shell,
      streams: {},
      validate: shellValidators,
      ...(ends.onInternal && { onInternal: ends.onInternal }),
    },
  );

  const problem = (frame: Frame & { kind: 'call' | 'open' }): AppError | undefined => {
    const known = frame.kind === 'open' ? streams.has(frame.name) : core.has(frame.name);
    if (!known) {
      return new AppError('invalid-argument', `no such ${frame.kind}`, {
        detail: { call: frame.name },
      });
    }
    if (frame.kind === 'open' || !withPaths.has(frame.name)) return undefined;
    const paths = pathsIn(frame.args);
    if (paths === undefined) {
      return new AppError('invalid-argument', `${frame.name}: paths`, {
        detail: { call: frame.name, field: 'paths' },
      });
    }
    const refused = paths.filter((path) => !ends.isGranted(path));
    if (refused.length === 0) return undefined;
    return new AppError('path-not-allowed', 'a path that no dialog or drop has given', {
      detail: { path: refused[0] ?? '', count: refused.length },
    });
  };

  const offWindow = ends.window.onFrame((message) => {
    const frame = toAskingFrame(message);
    if (frame === undefined) return;
    if (frame.kind === 'cancel' || frame.kind === 'close') {
      if (open.has(frame.id)) ends.core.post(frame);
      else own.deliver(frame);
      if (frame.kind === 'close') open.delete(frame.id);
      return;
    }
    if (frame.kind === 'call' && shell.has(frame.name)) return own.deliver(frame);
    const error = problem(frame);
    if (error !== undefined) {
      const answer = refusal(frame, toErrorShape(error));
      if (answer !== undefined) ends.window.post(answer);
      return;
    }
    open.set(frame.id, frame.kind);
    if (frame.kind === 'call' && frame.name === 'models.scan') scans.add(frame.id);
    ends.core.post(frame);
  });

  const offCore = ends.core.onFrame((frame) => {
    if (frame.kind === 'push') {
      if (pushes.has(frame.name)) ends.window.post(frame);
      return;
    }
    if (frame.kind === 'answer' || frame.kind === 'end') {
      if (frame.kind === 'answer' && scans.delete(frame.id)) ends.grant(foundIn(frame.result));
      if (open.delete(frame.id)) ends.window.post(frame);
    } else if (frame.kind === 'event' && open.has(frame.id)) {
      ends.window.post(frame);
    }
  });

  const pageGone = (): void => {
    const left = [...open];
    open.clear();
    scans.clear();
    for (const [id, kind] of left) {
      // A call that was sent is finished: half an import because of a reload would help nobody.
      if (kind === 'open') ends.core.post({ kind: 'close', id });
    }
  };
  const close = (): void => {
    pageGone();
    offWindow();
    offCore();
    own.closed();
  };
  ends.window.onClose(close);

  return {
    push: (name, data) => ends.window.post({ kind: 'push', name, data }),
    pageGone,
    close,
  };
}
