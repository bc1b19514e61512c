import type { IpcMainEvent, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron';
import type { AppError } from './app-error.ts';
import { toErrorShape } from './app-error.ts';
import { droppedChannel, frameChannel } from './electron-channels.ts';
import type { Frame } from './frames.ts';
import { refusal, toAskingFrame } from './frames.ts';
import type { Transport } from './transport.ts';
import { createListeners } from './transport.ts';

/** What is used of a WebContents: tests give a fake one. */
export interface WindowEnd {
  readonly mainFrame: WebFrameMain;
  readonly ipc: Pick<WebContents['ipc'], 'on' | 'handle'>;
  isDestroyed(): boolean;
  send(channel: string, frame: Frame): void;
  on(event: 'destroyed', listener: () => void): unknown;
}

/**
 * MAIN's end of the line to one window. Only asking frames from the window's main frame at our own
 * origin are heard; from anywhere else they are answered with `refused`, never with silence or null.
 */
export function windowTransport(
  contents: WindowEnd,
  options: {
    readonly origin: string;
    readonly refused: () => AppError;
    readonly dropped: (paths: readonly string[]) => readonly string[];
  },
): Transport {
  const listeners = createListeners();
  const isOurs = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    event.senderFrame !== null &&
    event.senderFrame === contents.mainFrame &&
    event.senderFrame.origin === options.origin;

  contents.ipc.on(frameChannel, (event, message: unknown) => {
    const frame = toAskingFrame(message);
    if (frame === undefined) return;
    if (isOurs(event)) return listeners.deliver(frame);
    const answer = refusal(frame, toErrorShape(options.refused()));
    if (answer !== undefined) event.reply(frameChannel, answer);
  });
  contents.ipc.handle(droppedChannel, (event, paths: unknown) => {
    if (!isOurs(event)) throw options.refused();
    const named = Array.isArray(paths) ? paths : [];
    return options.dropped(named.filter((path): path is string => typeof path === 'string'));
  });
  contents.on('destroyed', () => listeners.closed());

  return {
    post(frame) {
      if (!contents.isDestroyed()) contents.send(frameChannel, frame);
    },
    onFrame: listeners.onFrame,
    onClose: listeners.onClose,
    close: () => listeners.closed(),
  };
}
