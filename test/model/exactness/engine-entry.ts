import { writeSync, openSync } from 'node:fs';
import { listen } from './trace.ts';

// ENGINE's process as it ships, with every step of llama.cpp written to a file at once: what stands there
// when the process is killed has happened.
const path = process.env['QUARRY_EXACTNESS_TRACE'];
if (path !== undefined) {
  const file = openSync(path, 'a');
  listen((event) => writeSync(file, `${JSON.stringify(event)}\n`));
}
await import('../../../electron/engine/process.ts');
