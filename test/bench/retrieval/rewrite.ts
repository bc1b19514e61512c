import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { accept, dependsOnBefore } from '../../../electron/chat/rewrite/accept.ts';
import { askModel } from '../../../electron/chat/rewrite/ask.ts';
import type { Rewriting } from '../../../electron/chat/rewrite/ask.ts';
import { dialogues } from '../../../electron/chat/rewrite/dialogues.ts';
import { figuresOf, verdictOn } from '../../../electron/chat/rewrite/probe.ts';
import { usualLimitMs } from '../../../electron/chat/rewrite/index.ts';
import type { Retriever, Said } from '../../../electron/documents/retrieve/index.ts';
import { createEngineLauncher } from '../../../electron/engine/client.ts';
import type { Engine } from '../../../electron/engine/port.ts';
import type { RetrievalTask } from './data.ts';
import { score } from './score.ts';

/** No limit that counts: the bench wants to see what a model writes, and tells how long it took. */
const patientMs = 120_000;

const saidIn = ({ questions, answers }: RetrievalTask): Said => ({
  questions: questions.slice(0, -1),
  answers,
});
const questionOf = ({ questions }: RetrievalTask): string => questions.at(-1) ?? '';

/**
 * `--rewrite=FILE.gguf [--tasks=N]`: follow-ups as the last turn alone, by rule, and with the model's wording, which
 * is asked for and accepted as the program does it. `--wordings=FILE` (JSON lines of {id, text}) takes wordings
 * that somebody has written in place of a model's.
 */
export async function rewritten(
  retriever: Retriever,
  tasks: readonly RetrievalTask[],
  from: {
    readonly model: string | undefined;
    readonly wordings: string | undefined;
    readonly most: number;
  },
): Promise<void> {
  const follow = tasks
    .filter((task) => dependsOnBefore(questionOf(task), saidIn(task)))
    .slice(0, from.most);
  console.log(`\n${follow.length} follow-up questions of ${tasks.length} tasks`);
  const wordings =
    from.model === undefined
      ? written(from.wordings ?? '', follow)
      : await byModel(from.model, follow);
  const used = follow.filter((task) => (wordings.get(task)?.text ?? null) !== null);
  const why = new Map<string, number>();
  for (const { refused } of wordings.values()) {
    if (refused !== null) why.set(refused, (why.get(refused) ?? 0) + 1);
  }
  console.log(
    `wordings used: ${used.length}; not used: ${[...why].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`,
  );
  const text = (task: RetrievalTask): string | null => wordings.get(task)?.text ?? null;
  const ways: readonly (readonly [string, (task: RetrievalTask) => [string, Said?]])[] = [
    ['last turn alone: without rewriting', (task) => [questionOf(task)]],
    ['by rule', (task) => [questionOf(task), saidIn(task)]],
    ['wording alone, conversation left out', (task) => [text(task) ?? questionOf(task)]],
    [
      'wording beside the question',
      (task) => [[questionOf(task), text(task) ?? ''].join('\n'), saidIn(task)],
    ],
    [
      'wording as one more question before: as the program does it',
      (task) => {
        const said = saidIn(task);
        const more = text(task);
        return [
          questionOf(task),
          more === null ? said : { ...said, questions: [...said.questions, more] },
        ];
      },
    ],
  ];
  for (const [name, way] of ways) {
    const rankings = new Map(
      follow.map((task) => {
        const [query, said] = way(task);
        const hits = retriever.search(query, {
          ...{ scope: { kind: 'all' }, limit: 10, copies: true },
          ...(said && { said }),
        });
        return [task, hits.map(({ documentId }) => documentId)];
      }),
    );
    const { recall, ndcg } = score(rankings);
    console.log(
      `${name.padEnd(60)} R@1 ${recall[1].toFixed(3)} @3 ${recall[3].toFixed(3)} @5 ${recall[5].toFixed(3)} ` +
        `@10 ${recall[10].toFixed(3)}  nDCG@5 ${ndcg[5].toFixed(3)} @10 ${ndcg[10].toFixed(3)}`,
    );
  }
}

function written(file: string, tasks: readonly RetrievalTask[]): Map<RetrievalTask, Rewriting> {
  console.log(`wordings of ${basename(file)}: written beforehand, so nothing is told about time`);
  const known = new Map(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; text: string })
      .map(({ id, text }) => [id, text]),
  );
  return new Map(
    tasks.map((task): [RetrievalTask, Rewriting] => {
      const accepted = accept(known.get(task.id) ?? '', questionOf(task), saidIn(task));
      return 'text' in accepted
        ? [task, { text: accepted.text, refused: null, ms: 0 }]
        : [task, { text: null, refused: accepted.refused, ms: 0 }];
    }),
  );
}

async function byModel(
  modelPath: string,
  tasks: readonly RetrievalTask[],
): Promise<Map<RetrievalTask, Rewriting>> {
  if (/miniature|-Q4_K_M/.test(basename(modelPath))) {
    console.log(
      'The miniature and the shape models are no language models to speak of: this run checks the plumbing and the time it takes, not what a model can do.',
    );
  }
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const launcher = createEngineLauncher({ nodePath: process.execPath, log });
  const engine = await launcher.launch({
    ...{ modelPath, contextSize: 2048, sessions: 2, threads: 1, gpu: false },
    checkpointBudget: 64 << 20,
  });
  try {
    const wordings = new Map<RetrievalTask, Rewriting>();
    for (const task of tasks) {
      wordings.set(task, await wordOf(engine, questionOf(task), saidIn(task)));
    }
    const test: Rewriting[] = [];
    // Those of the built-in test take the most of the time: left out with a few tasks.
    if (tasks.length >= dialogues.length) {
      for (const { question, said } of dialogues) test.push(await wordOf(engine, question, said));
      const figures = figuresOf(test);
      console.log(
        `built-in test: needed words by rule ${figures.byRule.toFixed(2)}, by model ${figures.byModel.toFixed(2)}, ` +
          `misled ${figures.wrong.toFixed(2)}, median ${figures.medianMs.toFixed(0)} ms: ${verdictOn(figures, usualLimitMs)}`,
      );
    }
    const times = [...wordings.values()].map(({ ms }) => ms).toSorted((a, b) => a - b);
    const at = (share: number): string =>
      (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(0);
    const over = times.filter((ms) => ms > usualLimitMs).length;
    console.log(
      `one thread: a wording takes p50 ${at(0.5)} p95 ${at(0.95)} ms; ${over} of ${times.length} over the limit of ${usualLimitMs} ms`,
    );
    return wordings;
  } finally {
    await engine.close();
  }
}

const wordOf = (engine: Engine, question: string, said: Said): Promise<Rewriting> =>
  askModel(
    { clock: { now: () => performance.now() } },
    { engine },
    {
      ...{ question, said, limitMs: patientMs, signal: new AbortController().signal },
      ...{ sessionId: 'rewrite', conversationId: null },
    },
  );
