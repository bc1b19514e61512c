import type { CoreStatus } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';

/** How the part behind the window is doing. Its announcement carries the state itself. */
export class CoreHealth {
  #status = $state.raw<CoreStatus>({ state: 'starting', restarts: 0, error: null });
  #off: () => void;

  constructor(api: Client) {
    let told = false;
    this.#off = api.on('shell.core', (status) => {
      told = true;
      this.#status = status;
    });
    void api.shell.coreStatus().then(
      (status) => {
        if (!told) this.#status = status;
      },
      () => undefined,
    );
  }

  get status(): CoreStatus {
    return this.#status;
  }

  get ready(): boolean {
    return this.#status.state === 'ready';
  }

  close(): void {
    this.#off();
  }
}
