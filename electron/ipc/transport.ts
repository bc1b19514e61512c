import type { Frame } from './frames.ts';

/**
 * A two-way line for frames: in order, none twice. Everything above (client, server, relay) knows
 * only this. Adapters: memory-transport, process-transport, electron-main, electron-preload.
 */
export interface Transport {
  /** Sends, or drops silently when the line is closed: the close listener has told or will tell. */
  post(frame: Frame): void;
  /** Frames that arrive before the first listener are lost, except where the adapter says otherwise. */
  onFrame(listener: (frame: Frame) => void): () => void;
  /** Called once when the other side is gone or `close` was called; at once if that was before. */
  onClose(listener: () => void): () => void;
  close(): void;
}

/** The listener keeping that all adapters share. */
export function createListeners(): {
  readonly onFrame: Transport['onFrame'];
  readonly onClose: Transport['onClose'];
  readonly deliver: (frame: Frame) => void;
  readonly closed: () => void;
  readonly isClosed: () => boolean;
} {
  const frameListeners = new Set<(frame: Frame) => void>();
  const closeListeners = new Set<() => void>();
  let isClosed = false;
  return {
    onFrame(listener) {
      frameListeners.add(listener);
      return () => void frameListeners.delete(listener);
    },
    onClose(listener) {
      if (isClosed) queueMicrotask(listener);
      else closeListeners.add(listener);
      return () => void closeListeners.delete(listener);
    },
    deliver(frame) {
      if (isClosed) return;
      for (const listener of [...frameListeners]) listener(frame);
    },
    closed() {
      if (isClosed) return;
      isClosed = true;
      const listeners = [...closeListeners];
      closeListeners.clear();
      frameListeners.clear();
      for (const listener of listeners) listener();
    },
    isClosed: () => isClosed,
  };
}
