import type { IpcRenderer } from 'electron';
import type { WindowEnd } from '../../electron/ipc/electron-main.ts';

type Listener = (event: unknown, message: unknown) => unknown;

/** A window's two ends as far as the Electron transport uses them. Messages are cloned and come later. */
export interface FakeElectron {
  readonly contents: WindowEnd;
  readonly renderer: Pick<IpcRenderer, 'on' | 'send' | 'invoke'>;
  /** Sends a message as another frame would; resolves to what that frame is answered. */
  sendAs(frame: { readonly origin: string }, channel: string, message: unknown): Promise<unknown>;
  destroy(): void;
}

export function createFakeElectron(origin = 'quarry://app'): FakeElectron {
  const mainFrame = { origin };
  const onMain = new Map<string, Listener>();
  const handlers = new Map<string, Listener>();
  const onPage = new Map<string, Listener>();
  const onDestroyed: (() => void)[] = [];
  let isDestroyed = false;
  const later = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) =>
      setImmediate(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error as Error);
        }
      }),
    );
  const toPage = (channel: string, message: unknown): void => {
    const copy: unknown = structuredClone(message);
    void later(() => onPage.get(channel)?.({}, copy));
  };

  const contents = {
    mainFrame,
    ipc: {
      on: (channel: string, listener: Listener) => void onMain.set(channel, listener),
      handle: (channel: string, listener: Listener) => void handlers.set(channel, listener),
    },
    isDestroyed: () => isDestroyed,
    send: toPage,
    on: (_event: string, listener: () => void) => void onDestroyed.push(listener),
  };
  const renderer = {
    on: (channel: string, listener: Listener) => void onPage.set(channel, listener),
    send(channel: string, message: unknown) {
      const copy: unknown = structuredClone(message);
      void later(() => {
        if (!isDestroyed) onMain.get(channel)?.({ senderFrame: mainFrame, reply: toPage }, copy);
      });
    },
    invoke: (channel: string, message: unknown) =>
      later(() => handlers.get(channel)?.({ senderFrame: mainFrame }, structuredClone(message))),
  };
  return {
    contents: contents as unknown as WindowEnd,
    renderer: renderer as unknown as FakeElectron['renderer'],
    sendAs: (frame, channel, message) =>
      new Promise((resolve, reject) => {
        const handler = handlers.get(channel);
        if (handler !== undefined) {
          later(() => handler({ senderFrame: frame }, message)).then(resolve, reject);
          return;
        }
        const event = {
          senderFrame: frame,
          reply: (_channel: string, answer: unknown) => resolve(answer),
        };
        onMain.get(channel)?.(event, message);
      }),
    destroy() {
      isDestroyed = true;
      for (const listener of onDestroyed) listener();
    },
  };
}
