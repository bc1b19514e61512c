import type { EngineProcess } from './child.ts';
import { startEngineProcess } from './child.ts';
import type { EngineLauncherOptions } from './client.ts';
import type { EmbedderContract } from './embedder-channel.ts';
import { unpack } from './embedder-channel.ts';
import type { Embedder, EmbedderInfo, EmbedderLauncher } from './embedder-port.ts';
import { endProcess, entryOf, launchSafely, loadIn } from './launch.ts';

/** Starts one process per loaded embedding model. `entry` is that of embedder-process.ts. */
export function createEmbedderLauncher(options: EngineLauncherOptions): EmbedderLauncher {
  const { nodePath, log, entry = entryOf('embedder-process'), graceMs = 3000 } = options;
  return {
    launch: (request, { signal } = {}) =>
      launchSafely(
        request,
        async (asked) => {
          const child = startEngineProcess<EmbedderContract>({ nodePath, entry, log });
          const info = await loadIn(child, () => child.client.call('load', asked), signal);
          log.info('embedder.loaded', {
            pid: info.pid,
            backend: info.backend,
            threads: info.threads,
            loadMs: Math.round(info.loadMs),
          });
          return createEmbedder(child, info, graceMs);
        },
        { log, ...(signal && { signal }) },
      ),
  };
}

function createEmbedder(
  child: EngineProcess<EmbedderContract>,
  info: EmbedderInfo,
  graceMs: number,
): Embedder {
  const { client } = child;
  let closing: Promise<void> | null = null;
  return {
    info,
    async embed(request, signal) {
      if (request.texts.length === 0) return { vectors: [], cut: [] };
      const packed = await child.ask(() => client.call('embed', request, { signal }));
      return unpack(packed, info.dimensions);
    },
    memory: () => child.ask(() => client.call('memory', null)),
    onExit(listener) {
      let isWanted = true;
      void child.gone.then((exit) => {
        if (isWanted) listener(exit);
      });
      return () => {
        isWanted = false;
      };
    },
    close() {
      closing ??= endProcess(child, () => client.call('close', null), graceMs);
      return closing;
    },
  };
}
