import type { IpcRenderer } from 'electron';
import { toFrame } from './frames.ts';
import type { Transport } from './transport.ts';
import { createListeners } from './transport.ts';

/** The window's end of the line to MAIN. It closes with the page; nothing has to be told then. */
export function rendererTransport(
  ipc: Pick<IpcRenderer, 'on' | 'send'>,
  channel: string,
): Transport {
  const listeners = createListeners();
  ipc.on(channel, (_event, message: unknown) => {
    const frame = toFrame(message);
    if (frame !== undefined) listeners.deliver(frame);
  });
  return {
    post: (frame) => ipc.send(channel, frame),
    onFrame: listeners.onFrame,
    onClose: listeners.onClose,
    close: () => listeners.closed(),
  };
}
