import type { Backend, BackendReason, Backends } from '../ipc/contract/index.ts';
import { ok } from './cli-commands.ts';
import type { Run } from './cli-commands.ts';

/** `quarry backends`: what can calculate here, and why some of it is not used. Throws AppError. */
export async function backends({ core, request, out }: Run): Promise<number> {
  if (request.try) out.progress('trying what this machine has');
  const found = await core.handlers[request.try ? 'backends.try' : 'backends.list']({});
  out.progress(null);
  out.object({ backends: found });
  for (const backend of found.list) out.print(`${line(backend, found)}\n`);
  return ok;
}

function line(backend: Backend, all: Backends): string {
  const mark = backend.name === all.chosen ? '*' : ' ';
  const dense = backend.denseOnly ? '; dense models only' : '';
  return `${mark} ${backend.name.padEnd(12)} ${words(backend)}${dense}`;
}

function words({ name, reason, devices, memory }: Backend): string {
  if (reason === null) {
    if (devices.length === 0) return 'works';
    const size = memory > 0 ? `, ${(memory / 1024 ** 3).toFixed(1)} GiB` : '';
    return `works: ${devices.join(', ')}${size}`;
  }
  if (reason === 'not-tried' && name === 'cpu') return 'always there';
  return reasons[reason];
}

const reasons: Readonly<Record<BackendReason, string>> = {
  'not-tried': 'not tried yet; quarry backends --try tries all',
  'not-built': 'not built for this system',
  'no-driver': 'no driver was found',
  'no-device': 'no device was found',
  'does-not-load': 'does not load: a library of its driver is missing or too old',
  crashed: 'its driver ended the trial',
  'timed-out': 'the trial did not end in time',
  failed: 'loads, and then does not calculate',
  different: 'gave different answers than the processor',
  'crashed-in-use': 'crashed while a model ran on it; not used until it is tried again',
  platform: 'built for another system',
  release: 'built for another release of llama.cpp; build it again with its recipe',
  changed: 'its files are not those that were built; build it again',
  unreadable: 'its folder has no readable manifest.json; build it again',
};
