import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KvType } from '../../../electron/ipc/contract/index.ts';
import { answerSelfTest } from '../../../native/llama/self-test.ts';
import type { Choice, Lineage } from './lineage.ts';
import { tokensOf } from './lineage.ts';
import { stateDigest } from './state-digest.ts';
import { listen } from './trace.ts';
import type { RawContext } from './trace.ts';

/**
 * The fresh evaluation: contexts that only ever read forward from nothing, in the batches of a lineage.
 * Nothing is restored, loaded or gone back to here; one that is on the way to a lineage goes on there.
 */
export interface Reference {
  /** The likeliest token of a step's result, evaluated afresh. */
  choose(choice: Choice): Promise<number>;
  /** `stateDigest` of a state of this lineage. */
  digest(lineage: Lineage): Promise<string>;
  /** Text of tokens, control tokens too. */
  text(tokens: readonly number[]): string;
  tokenize(text: string): number[];
  /** Tokens evaluated so far. */
  readonly evaluated: number;
  dispose(): Promise<void>;
}

interface Library {
  getLlama(options: object): Promise<Llama>;
  LlamaLogLevel: { error: unknown };
}
interface Llama {
  loadModel(options: object): Promise<Model>;
  readonly _bindings: {
    AddonSampler: new (model: unknown) => { applyConfig(options: object): void; dispose(): void };
  };
  dispose(): Promise<void>;
}
interface Model {
  readonly _model: unknown;
  createContext(options: object): Promise<{ readonly _ctx: RawContext; dispose(): Promise<void> }>;
  detokenize(tokens: readonly number[], specials: boolean): string;
  tokenize(text: string, specials: boolean): number[];
}

interface World {
  readonly context: RawContext;
  at: Lineage | null;
  used: number;
}

/** Sequences of a world; the one in the middle is the lineage's, with room for others on both sides. */
const width = 9;
const own = 4;
const worldCount = 6;
/** What the others read: any token does, see `exactness.test.ts`. */
const filler = 65;
const kvNames = { f16: undefined, q8_0: 'Q8_0', q4_0: 'Q4_0' } as const;

/** @param folder For files that are gone again at once. */
export async function openReference(options: {
  readonly modelPath: string;
  readonly kvType: KvType;
  readonly contextSize: number;
  readonly folder: string;
}): Promise<Reference> {
  const { modelPath, kvType, contextSize, folder } = options;
  listen(null);
  answerSelfTest();
  const library = (await import('node-llama-cpp')) as unknown as Library;
  const llama = await library.getLlama({
    ...{ gpu: false, build: 'never', progressLogs: false, skipDownload: true, maxThreads: 1 },
    logLevel: library.LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath, gpuLayers: 0, useMmap: false });
  const sampler = new llama._bindings.AddonSampler(model._model);
  sampler.applyConfig({ temperature: 0 });
  const worlds: World[] = [];
  let evaluated = 0;
  let clock = 0;
  const cache = kvNames[kvType];

  const open = async (): Promise<World> => {
    listen(null);
    const { _ctx: context } = await model.createContext({
      ...{ contextSize, sequences: width, batchSize: 512, flashAttention: true },
      ...{ threads: { ideal: 1, min: 1 }, ignoreMemorySafetyChecks: true },
      ...(cache && { experimentalKvCacheKeyType: cache, experimentalKvCacheValueType: cache }),
      failedCreationRemedy: false,
    });
    const world = { context, at: null, used: 0 };
    worlds.push(world);
    return world;
  };

  /** @returns places of the results of the last step. */
  const advance = async (world: World, to: Lineage): Promise<number[]> => {
    const { context } = world;
    const { step, parent } = to;
    world.at = to;
    if (step.kind === 'cut') {
      if (context.removeTokenCellsFromSequence(own, to.end, parent?.end ?? 0)) return [];
      throw new Error('this model cannot be cut');
    }
    const { tokens, logits, sequences, place, others } = step;
    const rows = tokens.length;
    let places: number[] = [];
    context.initBatch(rows * sequences);
    for (let at = 0; at < sequences; at += 1) {
      if (at === place) {
        const given = [Uint32Array.from(tokens), Uint32Array.from(logits)] as const;
        places = [...context.addToBatch(own, to.end - rows, ...given)];
      } else {
        const sequence = own + at - place;
        context.disposeSequence(sequence);
        const given = [new Uint32Array(rows).fill(filler), Uint32Array.from(others[at] ?? [])];
        context.addToBatch(sequence, 0, given[0] as Uint32Array, given[1] as Uint32Array);
      }
    }
    await context.decodeBatch();
    evaluated += rows * sequences;
    return places;
  };

  const reach = async (target: Lineage): Promise<{ world: World; places: number[] }> => {
    const path: Lineage[] = [];
    for (let at: Lineage | null = target; at !== null; at = at.parent) path.push(at);
    const index = (world: World): number => (world.at === null ? -1 : path.indexOf(world.at));
    // The results of a step that was made before are gone: it must be made again.
    const ready = worlds.filter((world) => index(world) > 0);
    ready.sort((a, b) => index(a) - index(b));
    let world = ready[0];
    if (world === undefined) {
      worlds.sort((a, b) => a.used - b.used);
      world = worlds.length < worldCount ? await open() : (worlds[0] as World);
      world.context.disposeSequence(own);
      world.at = null;
    }
    world.used = ++clock;
    const from = world.at === null ? path.length : index(world);
    let places: number[] = [];
    for (const step of path.slice(0, from).toReversed()) places = await advance(world, step);
    return { world, places };
  };

  return {
    get evaluated() {
      return evaluated;
    },
    async choose({ lineage, index }) {
      const { world, places } = await reach(lineage);
      const result = await world.context.sampleToken(places[index] as number, sampler);
      return Number(Array.isArray(result) ? result[0] : result);
    },
    async digest(lineage) {
      const held = worlds.find((world) => world.at === lineage);
      const { context } = held ?? (await reach(lineage)).world;
      const path = join(folder, `reference-${process.pid}.state`);
      await context.saveSequenceStateToFile(path, own, Uint32Array.from(tokensOf(lineage)));
      const digest = stateDigest(readFileSync(path)).whole;
      rmSync(path);
      return digest;
    },
    text: (tokens) => model.detokenize(tokens, true),
    tokenize: (text) => model.tokenize(text, true),
    async dispose() {
      sampler.dispose();
      await llama.dispose();
    },
  };
}
