import { setTimeout as delay } from 'node:timers/promises';
import os from 'node:os';
import { AppError } from '../ipc/app-error.ts';
import { processTransport } from '../ipc/process-transport.ts';
import { createServer } from '../ipc/server.ts';
import type { EmbedderContract } from './embedder-channel.ts';
import { pack } from './embedder-channel.ts';
import type { EmbedderHost } from './embedder-host.ts';
import { openEmbedderHost } from './embedder-host.ts';

// The process of one embedding model. As in process.ts, but what it does is nearly always background work.

/** Behind CORE and the models that write (nice 5): their every token would wait for a core. */
const niceness = 15;

/** Milliseconds that the end waits for the text under way; CORE ends the process by force some time later. */
const graceMs = 1000;

let host: EmbedderHost | null = null;
let loading = false;

try {
  os.setPriority(niceness);
} catch {
  // A system that forbids it loses no answer by it.
}

createServer<EmbedderContract>(processTransport(process), {
  calls: {
    async load(request) {
      if (loading) throw new AppError('model-busy', 'this process has its model');
      loading = true;
      host = await openEmbedderHost(request);
      return host.info;
    },
    embed: async (request, { signal }) => pack(await loaded().embed(request, signal)),
    memory: () => loaded().memory(),
    async close() {
      await Promise.race([host?.close(), delay(graceMs)]);
      process.exit(0);
    },
  },
  streams: {},
});

// `process.exit` would wait for the text that is being evaluated; nobody is left to wait for it.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

function loaded(): EmbedderHost {
  if (!host) throw new AppError('model-not-loaded', 'no model is loaded in this process');
  return host;
}
