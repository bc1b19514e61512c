import { setTimeout as pause } from 'node:timers/promises';
import { createFinder } from '../../../electron/documents/retrieve/fused.ts';
import type { FindOptions } from '../../../electron/documents/retrieve/fused.ts';
import { createRetriever } from '../../../electron/documents/retrieve/index.ts';
import { createVectors } from '../../../electron/documents/vectors/index.ts';
import { createEmbedderLauncher } from '../../../electron/engine/embedder-client.ts';
import type { EmbedderProvider } from '../../../electron/engine/embedder-port.ts';
import type { Writer } from '../../../electron/storage/sql.ts';
import type { RetrievalTask } from './data.ts';
import type { Rankings } from './score.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export interface MeaningStage {
  readonly name: string;
  readonly rankings: Rankings;
}

/**
 * The same questions by words, by the vectors of an embedding model, and by both, through the program's own search.
 * The model runs in its own process with one thread.
 */
export async function meaningStages(
  db: Writer,
  tasks: readonly RetrievalTask[],
  options: { readonly file: string; readonly most: number },
): Promise<readonly MeaningStage[]> {
  const { file, most } = options;
  const launcher = createEmbedderLauncher({ nodePath: process.execPath, log: quiet });
  const embedder = await launcher.launch({ modelPath: file, threads: 1, gpu: false });
  const look = { modelId: file, modelName: file, fingerprint: file };
  const provider: EmbedderProvider = {
    look: () => look,
    lack: () => null,
    acquire: () => Promise.resolve({ ...look, embedder, release: () => {} }),
    onChange: () => () => {},
  };
  const vectors = createVectors({
    ...{ db, log: quiet, provider, announcer: { push: () => {} } },
    isBusy: () => false,
  });
  try {
    const from = performance.now();
    vectors.wake();
    for (let told = from; vectors.state().vectors !== 'ready'; await pause(200)) {
      const { done, total, problem } = vectors.state();
      if (problem !== undefined) throw new Error(`bench retrieval: ${problem.code}`);
      if (performance.now() - told > 30_000) {
        told = performance.now();
        console.log(`  ${done} of ${total} passages have a vector`);
      }
    }
    const { total } = vectors.state();
    const seconds = (performance.now() - from) / 1000;
    console.log(
      `${total} vectors of ${embedder.info.dimensions} made in ${seconds.toFixed(0)} s, one thread (${(total / seconds).toFixed(1)} a second)`,
    );
    const finder = createFinder(createRetriever(db), vectors.search);
    const stages: readonly (readonly [string, Partial<FindOptions>])[] = [
      ['full text', { lists: { words: true, vectors: false } }],
      ['vectors', { lists: { words: false, vectors: true }, allNear: true }],
      ['fused, as the program searches', {}],
      ['fused, also what does not stand out', { allNear: true }],
    ];
    const signal = new AbortController().signal;
    const made: MeaningStage[] = [];
    for (const [name, more] of stages) {
      const rankings = new Map<RetrievalTask, readonly string[]>();
      for (const task of tasks) {
        const said = { questions: task.questions.slice(0, -1), answers: task.answers };
        const search = {
          scope: { kind: 'all' },
          limit: most,
          copies: true,
          said,
          ...more,
        } as const;
        const { passages } = await finder.find(task.questions.at(-1) ?? '', search, signal);
        rankings.set(
          task,
          passages.map(({ documentId }) => documentId),
        );
      }
      made.push({ name, rankings });
    }
    return made;
  } finally {
    await vectors.close();
    await embedder.close();
  }
}
