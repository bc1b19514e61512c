import { createHash } from 'node:crypto';
import type { RetrievalTask } from './data.ts';

export interface Score {
  readonly tasks: number;
  /** Share of the relevant passages among the first k, mean over the tasks. */
  readonly recall: Readonly<Record<1 | 3 | 5 | 10, number>>;
  /** Järvelin and Kekäläinen 2002, with linear gain and log2 discount. */
  readonly ndcg: Readonly<Record<5 | 10, number>>;
}

/** Ranked ids of each task, best first. */
export type Rankings = ReadonlyMap<RetrievalTask, readonly string[]>;

/** Tasks without relevant passages do not count. */
export const judged = (tasks: readonly RetrievalTask[]): RetrievalTask[] =>
  tasks.filter(({ relevant }) => relevant.size > 0);

export function score(rankings: Rankings): Score {
  const recall = { 1: 0, 3: 0, 5: 0, 10: 0 };
  const ndcg = { 5: 0, 10: 0 };
  for (const [task, ids] of rankings) {
    for (const k of [1, 3, 5, 10] as const) {
      const found = ids.slice(0, k).filter((id) => task.relevant.has(id)).length;
      recall[k] += found / task.relevant.size / rankings.size;
    }
    const best = [...task.relevant.values()].sort((a, b) => b - a);
    for (const k of [5, 10] as const) {
      const ideal = discounted(best.slice(0, k));
      const got = discounted(ids.slice(0, k).map((id) => task.relevant.get(id) ?? 0));
      ndcg[k] += got / ideal / rankings.size;
    }
  }
  return { tasks: rankings.size, recall, ndcg };
}

const discounted = (gains: readonly number[]): number =>
  gains.reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);

/** Which half of the tasks one belongs to, by its conversation: what fits one half is checked on the other. */
export const halfOf = ({ conversation }: RetrievalTask): 0 | 1 =>
  (createHash('md5').update(conversation).digest()[15] ?? 0) % 2 === 0 ? 0 : 1;
