import type { Timestamp } from './conversations.ts';

/**
 * What calculates: 'cpu', 'metal', 'cuda', 'vulkan', or a module that a recipe of Quarry has built on this
 * machine ('own:cpu', 'own:rocm', 'own:hexagon').
 */
export type BackendName = string;

/** Why a backend is not used. The words stand in `i18n/en/backends.ts`. */
export type BackendReason =
  /** Nothing is known yet: a better one works, or nobody asked. */
  | 'not-tried'
  /** There are no binaries of it for this system, or they were left out. */
  | 'not-built'
  /** The system has no driver for it, so that no trial was made. */
  | 'no-driver'
  /** It loads and finds no device that it can use. */
  | 'no-device'
  /** Its binaries do not load: a library of the driver is missing or too old. */
  | 'does-not-load'
  /** The trial's process ended: the driver crashed. */
  | 'crashed'
  /** The trial did not end in time and was stopped. */
  | 'timed-out'
  /** It loads and then says that it cannot calculate. */
  | 'failed'
  /** Its answers were not those of the processor. */
  | 'different'
  /** It passed the trial, and ended a model's process later. */
  | 'crashed-in-use'
  /** Of own modules: built for another system, for another release of llama.cpp, or changed since. */
  | 'platform'
  | 'release'
  | 'changed'
  | 'unreadable';

export interface Backend {
  readonly name: BackendName;
  /** null = it passed its trial. */
  readonly reason: BackendReason | null;
  /** As its driver names them. */
  readonly devices: readonly string[];
  /** Bytes of the devices' memory together; 0 where it has none of its own. */
  readonly memory: number;
  /** null = never. */
  readonly triedAt: Timestamp | null;
  /** It lacks what hybrid models need: they go to the processor. */
  readonly denseOnly: boolean;
}

export interface Backends {
  /** 'auto', or the backend that the person wants. */
  readonly choice: BackendName;
  /** What the next model will be loaded on. Where `choice` does not work it is another one. */
  readonly chosen: BackendName;
  /** In the order they are tried. */
  readonly list: readonly Backend[];
  readonly isTrying: boolean;
}
