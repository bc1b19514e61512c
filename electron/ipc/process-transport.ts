import type { Frame } from './frames.ts';
import { toFrame } from './frames.ts';
import type { Transport } from './transport.ts';
import { createListeners } from './transport.ts';

/** What a `ChildProcess` with an 'ipc' channel and the child's own `process` have in common. */
export interface ProcessPeer {
  readonly connected: boolean;
  send?(message: object, callback: (error: Error | null) => void): boolean;
  disconnect?(): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/**
 * The line between a parent and its child over Node's 'ipc' channel: `processTransport(child)` on
 * one side, `processTransport(process)` on the other. It closes when the other process ends in any
 * way, which is how a child learns that its parent was killed. Node keeps messages that arrive
 * before this is called. Use the default JSON serialization: the two sides may be different Nodes.
 */
export function processTransport(peer: ProcessPeer): Transport {
  const listeners = createListeners();
  peer.on('message', (message) => {
    const frame = toFrame(message);
    if (frame !== undefined) listeners.deliver(frame);
  });
  peer.on('disconnect', () => listeners.closed());
  if (!peer.connected) listeners.closed();

  return {
    post(frame: Frame) {
      if (!peer.connected || peer.send === undefined) return;
      // A send that fails means that the other side is going; 'disconnect' follows and tells.
      peer.send(frame, () => {});
    },
    onFrame: listeners.onFrame,
    onClose: listeners.onClose,
    close() {
      if (peer.connected) peer.disconnect?.();
      listeners.closed();
    },
  };
}
