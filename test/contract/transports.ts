import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createMemoryPair } from '../../electron/ipc/memory-transport.ts';
import { windowTransport } from '../../electron/ipc/electron-main.ts';
import { rendererTransport } from '../../electron/ipc/electron-preload.ts';
import { frameChannel } from '../../electron/ipc/electron-channels.ts';
import { processTransport } from '../../electron/ipc/process-transport.ts';
import type { Transport } from '../../electron/ipc/transport.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import { createFakeElectron } from '../support/fake-electron.ts';
import { servePeer } from './peer.ts';

export interface Line {
  /** The asking side. */
  readonly transport: Transport;
  /** Ends both sides; resolves when nothing is left. */
  close(): Promise<void>;
}

/** Every transport that a test can have, each with the peer serving at its other end. */
export const lines: Readonly<Record<string, () => Promise<Line>>> = {
  async memory() {
    const [transport, other] = createMemoryPair();
    servePeer(other, () => other.close());
    return { transport, close: async () => transport.close() };
  },

  async process() {
    const peer = new URL('./peer.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [peer], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const gone = once(child, 'exit');
    const transport = processTransport(child);
    return {
      transport,
      async close() {
        transport.close();
        await gone;
      },
    };
  },

  async electron() {
    const fake = createFakeElectron();
    const main = windowTransport(fake.contents, {
      origin: 'quarry://app',
      refused: () => new AppError('permission-denied', 'not ours'),
      dropped: (paths) => paths,
    });
    const transport = rendererTransport(fake.renderer, frameChannel);
    // A page cannot see that MAIN died (it dies with it), so the fake tells it.
    servePeer(main, () => {
      main.close();
      transport.close();
    });
    return { transport, close: async () => fake.destroy() };
  },
};
