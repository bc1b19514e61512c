import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createRetriever, usualLimits } from '../../../electron/documents/retrieve/index.ts';
import type { Limits, Retriever } from '../../../electron/documents/retrieve/index.ts';
import type { RetrievalData, RetrievalTask } from './data.ts';
import { growPool, openPool, originalOf } from './pool.ts';
import { halfOf, score } from './score.ts';

/** Limits that cut next to nothing off: every passage with any word is scored, a great many are ranked and read. */
const large: Limits = {
  candidates: 3000,
  candidatesEarlier: 1500,
  candidatesKindred: 1000,
  mostScored: Infinity,
  fewScored: Infinity,
  mostWeighed: Infinity,
  mostRead: 1500,
};
const { mostScored, fewScored, mostRead } = usualLimits;

const compared: readonly (readonly [name: string, limits: Partial<Limits>])[] = [
  ['all limits large', large],
  ['usual limits', {}],
  ['  every passage scored', { mostScored: Infinity, fewScored: Infinity }],
  ['  long lists', { ...large, mostScored, fewScored, mostRead }],
  ['  many texts read', { mostRead: large.mostRead }],
];

/** Words of twelve that a made passage has from anywhere: in one that repeats, and in one on the same subject. */
const pools = [
  ['repetitions', 1],
  ['others on the same subjects', 6],
] as const;

type Rank = (
  retriever: Retriever,
  task: RetrievalTask,
  options: { readonly limits: Partial<Limits> },
) => string[];

/**
 * What the ranking's limits lose among many passages, in two pools. Among repetitions (one word of twelve changed) a
 * hit counts as right if it is the passage that answers the task or repeats it: 285 of 100,000 do, so a task is right
 * or wrong as its first hits hold one. Among others on the same subjects (half of the words from elsewhere) only the
 * passage itself counts. The share of hits that are those of large limits needs no judgement at all.
 */
export function measureLimits(
  folder: string,
  sizes: readonly { readonly name: string; readonly size: number }[],
  { passages }: RetrievalData,
  tasks: readonly RetrievalTask[],
  rank: Rank,
): void {
  const original = originalOf(passages);
  for (const { name, size } of sizes) {
    for (const [kind, changed] of pools) {
      const file = join(folder, `limits-${name}-${changed}.db`);
      const opened = openPool(file);
      growPool(opened, passages, size, changed);
      console.log(`\n${name} passages, ${kind}`);
      const isRepeated = changed === 1;
      compare(createRetriever(opened.db), tasks, rank, isRepeated ? original : null);
      opened.close();
      rmSync(file, { force: true });
    }
  }
}

function compare(
  retriever: Retriever,
  tasks: readonly RetrievalTask[],
  rank: Rank,
  originalOf: ((id: string) => string) | null,
): void {
  let best: readonly (readonly string[])[] | undefined;
  for (const [name, limits] of compared) {
    const from = performance.now();
    const found = tasks.map((task) => rank(retriever, task, { limits }));
    const each = (performance.now() - from) / tasks.length;
    best ??= found;
    const same = [5, 10].map((most) => `@${most} ${shared(best ?? found, found, most).toFixed(3)}`);
    const quality = originalOf === null ? judged(tasks, found) : anyRight(tasks, found, originalOf);
    console.log(
      `${name.padEnd(24)} ${quality}; the same hits ${same.join(' ')}; ${each.toFixed(0)} ms a question`,
    );
  }
}

function judged(tasks: readonly RetrievalTask[], found: readonly (readonly string[])[]): string {
  const rankings = new Map(tasks.map((task, at) => [task, found[at] ?? []]));
  const { recall, ndcg } = score(rankings);
  const halves = [0, 1].map((half) =>
    score(new Map([...rankings].filter(([task]) => halfOf(task) === half))).recall[5].toFixed(3),
  );
  return `R@5 ${recall[5].toFixed(3)} (halves ${halves.join(', ')}) @10 ${recall[10].toFixed(3)} nDCG@10 ${ndcg[10].toFixed(3)}`;
}

function anyRight(
  tasks: readonly RetrievalTask[],
  found: readonly (readonly string[])[],
  originalOf: (id: string) => string,
): string {
  const share = (most: number): string => {
    const right = tasks.filter(({ relevant }, at) =>
      found[at]?.slice(0, most).some((id) => relevant.has(originalOf(id))),
    );
    return (right.length / tasks.length).toFixed(3);
  };
  return `one right @1 ${share(1)} @5 ${share(5)} @10 ${share(10)}`;
}

function shared(
  wanted: readonly (readonly string[])[],
  found: readonly (readonly string[])[],
  most: number,
): number {
  const shares = wanted.map((ids, at) => {
    const first = ids.slice(0, most);
    const kept = new Set(found[at]?.slice(0, most));
    return first.length === 0 ? 1 : first.filter((id) => kept.has(id)).length / first.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
