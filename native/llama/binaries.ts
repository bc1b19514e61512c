import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const platforms: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'mac', win32: 'win' };
const suffixes = { cuda: '-cuda', vulkan: '-vulkan', metal: '-metal', none: '' } as const;

/** Ways to calculate that the binding has binaries for. */
export type Gpu = 'metal' | 'cuda' | 'vulkan' | false;

/** A folder of the binding's binaries. */
export interface Binaries {
  readonly folder: string;
  /** llama.cpp's release that they were built from ('v0.4.0'). */
  readonly release: string;
}

/**
 * Where the installed binaries for this system lie, without loading them; null where the binding ships
 * none, or they were left out. Names as the binding's own `compileLLamaCpp.js` has them.
 */
export function findBinaries(gpu: Gpu): Binaries | null {
  const { platform, arch } = process;
  // Macs with Apple's processors have this one set only; with no layer on the card it calculates on the processor.
  const isApple = platform === 'darwin' && arch === 'arm64';
  const suffix = suffixes[isApple && gpu === false ? 'metal' : gpu === false ? 'none' : gpu];
  const name = `${platforms[platform] ?? platform}-${arch === 'arm' ? 'armv7l' : arch}${suffix}`;
  try {
    const packages = join(dirname(fileURLToPath(import.meta.resolve('node-llama-cpp'))), '../..');
    const folder = join(packages, '@node-llama-cpp', name, 'bins', name);
    const { buildOptions } = JSON.parse(
      readFileSync(join(folder, '_nlcBuildMetadata.json'), 'utf8'),
    ) as { buildOptions: { llamaCpp: { release: string } } };
    return { folder, release: buildOptions.llamaCpp.release };
  } catch {
    return null;
  }
}

/**
 * Registers backends of folders with ggml before the binding does: what stands there first is what
 * llama.cpp uses, and the binding looks for no other processor backend once it finds one.
 * (`GGML_BACKEND_PATH` would register a module after all others: a second backend for the
 * processor would never be used.)
 */
export function preload(binaries: Binaries, folders: readonly string[]): void {
  const require = createRequire(import.meta.url);
  const addon = require(join(binaries.folder, 'llama-addon.node')) as {
    loadBackends(folder: string): void;
  };
  for (const folder of folders) addon.loadBackends(folder);
}
