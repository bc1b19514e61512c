import type { Frame } from './frames.ts';
import type { Transport } from './transport.ts';
import { createListeners } from './transport.ts';

/** Two ends of a line within one process (tests, command line). Frames are cloned, as on any other line. */
export function createMemoryPair(): readonly [Transport, Transport] {
  const left = createListeners();
  const right = createListeners();
  // A close travels behind the frames that were posted before it, as it does between processes.
  const close = (): void =>
    queueMicrotask(() => {
      left.closed();
      right.closed();
    });
  const end = (own: typeof left, other: typeof left): Transport => ({
    post(frame: Frame) {
      if (own.isClosed()) return;
      const copy = structuredClone(frame);
      queueMicrotask(() => other.deliver(copy));
    },
    onFrame: own.onFrame,
    onClose: own.onClose,
    close,
  });
  return [end(left, right), end(right, left)];
}
