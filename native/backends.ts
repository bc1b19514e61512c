import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openLlama } from './llama/binding.ts';
import { findBinaries } from './llama/binaries.ts';
import type { GreedyRun } from './llama/greedy.ts';

/** A module that a recipe has built; see recipes/README.md. */
export interface OwnModule {
  /** 'own:cpu', 'own:rocm'. */
  readonly name: string;
  /** Holds `manifest.json` and the module it names. */
  readonly folder: string;
}

/** What the manifest of an own module says of it. */
export interface Manifest {
  readonly recipe: string;
  /** llama.cpp's release; its interface to modules changes without notice between releases. */
  readonly release: string;
  readonly platform: string;
  readonly arch: string;
  /** Its name in the folder. */
  readonly file: string;
  readonly sha256: string;
  /** Other files that it needs in the folder, with their hashes. */
  readonly beside?: Readonly<Record<string, string>>;
  /** It calculates on the processor and stands in for the binding's own module. */
  readonly replacesProcessor: boolean;
  /** It lacks what hybrid models need (Hexagon: SSM_SCAN): none is ever sent to it. */
  readonly denseOnly: boolean;
}

/** Why a module is not loaded: made for another system, of another release, not the built bytes. */
export type Refusal = 'platform' | 'release' | 'changed' | 'unreadable';

/**
 * Checks an own module before it is loaded: ggml itself compares only a version number of its module
 * interface (2 for years), so the release must be that of the binaries to the letter.
 */
export async function checkModule({ folder }: OwnModule): Promise<Manifest | Refusal> {
  const manifest = readManifest(folder);
  if (manifest === null) return 'unreadable';
  if (manifest.platform !== process.platform || manifest.arch !== process.arch) return 'platform';
  if (manifest.release !== findBinaries(false)?.release) return 'release';
  const files = { ...manifest.beside, [manifest.file]: manifest.sha256 };
  for (const [name, sha256] of Object.entries(files)) {
    if (basename(name) !== name) return 'unreadable';
    const path = join(folder, name);
    if (!existsSync(path) || (await hashOf(path)) !== sha256) return 'changed';
  }
  return manifest;
}

function readManifest(folder: string): Manifest | null {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const texts = [found.recipe, found.release, found.platform, found.arch, found.file];
    const isWhole = [...texts, found.sha256].every((value) => typeof value === 'string');
    return isWhole && typeof found.replacesProcessor === 'boolean' ? found : null;
  } catch {
    return null;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export interface TrialRequest {
  readonly backend: string;
  readonly module?: OwnModule;
  /** GGUF files that are evaluated, one after the other. */
  readonly models: readonly string[];
}

/** What a trial found out. A crash or a hang gives none. */
export type TrialAnswer =
  | {
      readonly ok: true;
      /** As the driver names them; none for the processor. */
      readonly devices: readonly string[];
      /** Bytes of the devices' memory. */
      readonly total: number;
      readonly free: number;
      readonly runs: readonly GreedyRun[];
    }
  | {
      readonly ok: false;
      readonly reason: 'not-built' | 'no-device' | 'does-not-load' | 'failed' | Refusal;
    };

const prompt =
  '<|start_of_role|>user<|end_of_role|>Hello, who are you?<|end_of_text|>\n' +
  '<|start_of_role|>assistant<|end_of_role|>';
const steps = 12;

/** Evaluates models with one backend. For a process that is thrown away: a driver may end or hold it. */
export async function runTrial(request: TrialRequest): Promise<TrialAnswer> {
  const { backend, module } = request;
  const gpu = backend === 'metal' || backend === 'cuda' || backend === 'vulkan' ? backend : false;
  if (findBinaries(gpu) === null) return { ok: false, reason: 'not-built' };
  if (module !== undefined) {
    const checked = await checkModule(module);
    if (typeof checked === 'string') return { ok: false, reason: checked };
  }
  let llama;
  try {
    llama = await openLlama({ gpu, ...(module && { module }) });
  } catch {
    // The binding tells no more: a library of the driver is missing, or is too old.
    return { ok: false, reason: 'does-not-load' };
  }
  const { devices, total, free } = await llama.graphics();
  const wantsDevice = module === undefined ? gpu !== false : module.name !== 'own:cpu';
  if (wantsDevice && devices.length === 0) return { ok: false, reason: 'no-device' };
  try {
    const runs: GreedyRun[] = [];
    for (const path of request.models) runs.push(await llama.greedy(path, prompt, steps));
    return { ok: true, devices, total, free, runs };
  } catch {
    return { ok: false, reason: 'failed' };
  }
}
