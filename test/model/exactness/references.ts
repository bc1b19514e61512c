import type { KvType } from '../../../electron/ipc/contract/index.ts';
import type { Lineages } from './lineage.ts';
import { createLineages } from './lineage.ts';
import type { ModelName } from './models.ts';
import { modelFile } from './models.ts';
import type { Reference } from './reference.ts';
import { openReference } from './reference.ts';

/** A fresh evaluation with what it has shown so far. */
export interface Judge {
  readonly reference: Reference;
  readonly lineages: Lineages;
  /** lineage and index -> the token that a fresh evaluation chooses. */
  readonly chosen: Map<string, number>;
  /** lineage -> the digest of its state. */
  readonly digests: Map<number, string>;
}

/** One per model and type of KV cache: what holds for one context holds for all of them. */
export function createJudges(folder: string): {
  get(model: ModelName, kvType: KvType): Promise<Judge>;
  dispose(): Promise<void>;
} {
  const judges = new Map<string, Promise<Judge>>();
  return {
    get(model, kvType) {
      const key = `${model} ${kvType}`;
      const found = judges.get(key);
      if (found) return found;
      const made = (async () => ({
        reference: await openReference({
          ...{ modelPath: await modelFile(model), kvType, folder },
          contextSize: 2048,
        }),
        lineages: createLineages(),
        chosen: new Map<string, number>(),
        digests: new Map<number, string>(),
      }))();
      judges.set(key, made);
      return made;
    },
    async dispose() {
      for (const judge of judges.values()) await (await judge).reference.dispose();
      judges.clear();
    },
  };
}
