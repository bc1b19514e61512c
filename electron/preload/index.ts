import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { toErrorShape } from '../ipc/app-error.ts';
import { createClient } from '../ipc/client.ts';
import { coreCallNames, pushNames, shellCallNames, streamNames } from '../ipc/contract/index.ts';
import type { Api, Calls, PushName, Pushes, StreamName, Streams } from '../ipc/contract/index.ts';
import { droppedChannel, frameChannel } from '../ipc/electron-channels.ts';
import { rendererTransport } from '../ipc/electron-preload.ts';

const client = createClient<{ calls: Calls; pushes: Pushes; streams: Streams }>(
  rendererTransport(ipcRenderer, frameChannel),
);

// Classes of errors do not survive the bridge to the page, so calls give results instead of throwing.
const groups: Record<string, Record<string, (args?: unknown) => Promise<unknown>>> = {};
for (const name of [...coreCallNames, ...shellCallNames]) {
  const [group = '', member = ''] = name.split('.');
  (groups[group] ??= {})[member] = (args) =>
    client.call(name, (args ?? {}) as never).then(
      (value) => ({ ok: true, value }),
      (error: unknown) => ({ ok: false, error: toErrorShape(error) }),
    );
}

const on = (name: PushName, listener: (data: never) => void): (() => void) => {
  if (!pushNames.includes(name)) throw new TypeError(`no such push: ${String(name)}`);
  return client.on(name, listener as (data: unknown) => void);
};

const open: Api['open'] = (name, args, listener, failed) => {
  if (!streamNames.includes(name as StreamName)) throw new TypeError(`no such stream: ${name}`);
  return client.listen(name, args as never, listener as (numbered: unknown) => void, (error) => {
    if (error !== null) failed?.(toErrorShape(error));
  });
};

/** Only files of a real drop or file input have a path; objects made up by the page give none. */
const dropped: Api['dropped'] = (files) => {
  const paths = files.map((file) => {
    try {
      return webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]);
    } catch {
      return '';
    }
  });
  const found = paths.filter((path) => path !== '');
  return ipcRenderer.invoke(droppedChannel, found) as Promise<readonly string[]>;
};

contextBridge.exposeInMainWorld('api', {
  ...groups,
  on,
  open,
  dropped,
  platform: process.platform,
});
