import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRetriever } from '../../../electron/documents/retrieve/index.ts';
import type { Retriever, SearchOptions } from '../../../electron/documents/retrieve/index.ts';
import { warmingSteps } from '../../../electron/documents/retrieve/warm.ts';
import { measureCorpora } from './corpus.ts';
import { readRetrievalData } from './data.ts';
import type { RetrievalData, RetrievalTask } from './data.ts';
import { measureLimits } from './large.ts';
import { fillPool, growPool, openPool } from './pool.ts';
import { halfOf, judged, score } from './score.ts';
import type { Rankings } from './score.ts';
import { meaningStages } from './vectors.ts';
import { rewritten } from './rewrite.ts';

const most = 10;
const usualSizes = '1k,10k,100k';

const parts = ['likelihood', 'earlier', 'subject', 'told', 'order', 'kindred', 'units'] as const;

const alone = ['likelihood', 'order', 'kindred', 'units'] as const;

/** What the ranking is made of, each line with one part more than the line before. */
const stages: readonly (readonly [
  name: string,
  options: Partial<SearchOptions>,
  alone: boolean,
])[] = [
  ['bm25 of the last question', { parts: only() }, true],
  ['+ query likelihood', { parts: only('likelihood') }, true],
  ['+ words in their order', { parts: only('likelihood', 'order') }, true],
  ['+ kindred words', { parts: only('likelihood', 'order', 'kindred') }, true],
  ['+ units: without rewriting', { parts: only(...alone) }, true],
  ['in its conversation: + earlier questions', { parts: only(...alone, 'earlier') }, false],
  ['+ subject', { parts: only(...alone, 'earlier', 'subject') }, false],
  ['+ what was told: rewritten by rule', {}, false],
];
function only(...kept: readonly (typeof parts)[number][]): NonNullable<SearchOptions['parts']> {
  return Object.fromEntries(parts.map((part) => [part, kept.includes(part)]));
}

/**
 * `npm run bench retrieval -- --data=DIR [--sizes=1k,10k,100k,1M] [--embedding=FILE.gguf]`: how good the search is and
 * how long it takes. DIR holds passages.jsonl and tasks.jsonl (as mtrag-dev), or is a BEIR folder. `--corpus=6,7,8`
 * measures generated corpora of these seeds instead, or as well. With `--rewrite=FILE.gguf` or `--wordings=FILE`
 * instead: what follow-ups gain by being put in other words (rewrite.ts). With `--limits=10k,100k` instead: what the
 * ranking's limits lose among so many passages (large.ts). All of it goes through the program's own
 * retriever over a database of its own.
 */
export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3).filter((arg) => arg !== '--'),
    options: {
      data: { type: 'string' },
      sizes: { type: 'string', default: usualSizes },
      corpus: { type: 'string' },
      embedding: { type: 'string' },
      rewrite: { type: 'string' },
      wordings: { type: 'string' },
      tasks: { type: 'string' },
      limits: { type: 'string' },
    },
  });
  if (values.corpus !== undefined) await measureCorpora(values.corpus.split(',').map(Number));
  if (values.data === undefined) {
    if (values.corpus !== undefined) return true;
    console.log(
      'bench retrieval: give --data=DIR (passages.jsonl and tasks.jsonl, or a BEIR folder) or --corpus=6,7,8',
    );
    // Part of `npm run bench` without a name, where there is no data.
    return process.argv[2] === undefined;
  }
  const data = readRetrievalData(values.data);
  const tasks = judged(data.tasks);
  console.log(
    `${data.passages.length} passages, ${data.tasks.length} tasks, ${tasks.length} with relevant passages`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-retrieval-'));
  try {
    const opened = openPool(join(folder, 'pool.db'));
    fillPool(opened, data.passages);
    const retriever = createRetriever(opened.db);
    const { rewrite, wordings } = values;
    if (rewrite !== undefined || wordings !== undefined) {
      const most = values.tasks === undefined ? Infinity : Number(values.tasks);
      await rewritten(retriever, tasks, { model: rewrite, wordings, most });
      opened.close();
      return true;
    }
    if (values.limits !== undefined) {
      opened.close();
      const sizes = values.limits.split(',').map((name) => ({ name, size: sizeOf(name) }));
      measureLimits(folder, sizes, data, tasks, rank);
      return true;
    }
    quality(retriever, tasks);
    if (values.embedding !== undefined) {
      console.log('\nby words and by meaning');
      // A model of random weights (test/shapes) knows no meaning; its figures say nothing about any other's.
      console.log(
        '  quality only with trained weights: with random ones this shows that the parts work together',
      );
      const stages = await meaningStages(opened.db, tasks, { file: values.embedding, most });
      for (const { name, rankings } of stages) console.log(row(name, rankings));
    }
    opened.close();
    for (const size of values.sizes.split(',').filter(Boolean)) speed(folder, size, data, tasks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}

function rank(
  retriever: Retriever,
  { questions, answers }: RetrievalTask,
  options: Partial<SearchOptions> = {},
  alone = false,
): string[] {
  const said = { questions: questions.slice(0, -1), answers };
  return retriever
    .search(questions.at(-1) ?? '', {
      scope: { kind: 'all' },
      limit: most,
      copies: true,
      ...(!alone && { said }),
      ...options,
    })
    .map(({ documentId }) => documentId);
}

function quality(retriever: Retriever, tasks: readonly RetrievalTask[]): void {
  console.log('\nrecall and nDCG; halves: R@5 and nDCG@10 of the conversations in each half alone');
  const show = (name: string, options: Partial<SearchOptions>, alone: boolean): void => {
    const rankings: Rankings = new Map(
      tasks.map((task) => [task, rank(retriever, task, options, alone)]),
    );
    console.log(row(name, rankings));
  };
  for (const [name, options, alone] of stages) show(name, options, alone);
  console.log('all, but without one part:');
  for (const part of parts) show(`- ${part}`, { parts: { [part]: false } }, false);
}

function row(name: string, rankings: Rankings): string {
  const { recall, ndcg } = score(rankings);
  const halves = [0, 1].map((half) => {
    const own = score(new Map([...rankings].filter(([task]) => halfOf(task) === half)));
    return `${own.recall[5].toFixed(3)}/${own.ndcg[10].toFixed(3)} (${own.tasks})`;
  });
  const numbers = (of: Readonly<Record<number, number>>): string =>
    Object.entries(of)
      .map(([k, value]) => `@${k} ${value.toFixed(3)}`)
      .join(' ');
  return `${name.padEnd(42)} R ${numbers(recall)}  nDCG ${numbers(ndcg)}  halves ${halves.join(' ')}`;
}

function speed(
  folder: string,
  name: string,
  { passages }: RetrievalData,
  tasks: readonly RetrievalTask[],
): void {
  const size = sizeOf(name);
  const opened = openPool(join(folder, `${name}.db`));
  const filled = performance.now();
  growPool(opened, passages, size);
  const seconds = (performance.now() - filled) / 1000;
  const retriever = createRetriever(opened.db);
  const measure = (ask: (task: RetrievalTask) => void): string => {
    const took = tasks.map((task) => {
      const from = performance.now();
      const used = process.cpuUsage();
      ask(task);
      const { user, system } = process.cpuUsage(used);
      return { wall: performance.now() - from, cpu: (user + system) / 1000 };
    });
    const at = (of: 'wall' | 'cpu', share: number): string => {
      const sorted = took.map((each) => each[of]).sort((x, y) => x - y);
      return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(
        1,
      );
    };
    // Processor time beside it: on a machine that does other things the clock measures those too.
    return `p50 ${at('wall', 0.5)} p95 ${at('wall', 0.95)} ms (processor ${at('cpu', 0.5)}, ${at('cpu', 0.95)})`;
  };
  // As the program does it in the seconds after its start.
  for (const _ of warmingSteps(opened.db, retriever));
  const cold = measure((task) => rank(retriever, task));
  const warm = measure((task) => rank(retriever, task));
  const typed = measure(({ questions }) => {
    const typing = (questions.at(-1) ?? '').slice(0, 24);
    retriever.search(typing, { scope: { kind: 'all' }, limit: 20, prefixLast: true });
  });
  console.log(
    `${name} passages (written in ${seconds.toFixed(0)} s): in a conversation, first time ${cold}; again ${warm}; while typing ${typed}`,
  );
  opened.close();
  rmSync(join(folder, `${name}.db`), { force: true });
}

function sizeOf(name: string): number {
  const match = /^(\d+)([kM]?)$/.exec(name);
  if (match === null) throw new Error(`--sizes: ${name} is no size; write 1k, 10k, 100k or 1M`);
  return Number(match[1]) * (match[2] === 'k' ? 1000 : match[2] === 'M' ? 1_000_000 : 1);
}
