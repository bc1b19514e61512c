import type { AppInfo } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';
import { Asked } from './asked.svelte.ts';

const known = new WeakMap<Client, Asked<AppInfo>>();

/** Facts of the machine and the app. They do not change while the window is open, so they are asked for once. */
export function machine(api: Client): Asked<AppInfo> {
  let asked = known.get(api);
  if (!asked) {
    asked = new Asked(() => api.app.info()).follow(
      api,
      'shell.core',
      (status) => status.state === 'ready',
    );
    known.set(api, asked);
    void asked.refresh();
  }
  return asked;
}
