import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createRetriever } from '../../electron/documents/retrieve/index.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { ChatPrompt, Engine } from '../../electron/engine/port.ts';
import { flag, number } from './flags.ts';
import { readRetrievalData } from './retrieval/data.ts';
import type { RetrievalTask } from './retrieval/data.ts';
import { fillPool, openPool } from './retrieval/pool.ts';
import { judged, score } from './retrieval/score.ts';

/** Passages that are judged: of more the first five hardly change. */
const judgedPassages = 10;
const passageLength = 1200;
/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const ticks = 100;

/**
 * `npm run bench rerank -- --model=FILE.gguf --data=DIR [--tasks=N]`: what it costs and brings to ask a model for
 * every found passage whether it answers (yes or no, one token), the yes ones first. Cost is tokens and processor
 * time of ENGINE for a question, on one thread: the clock of a busy machine says nothing.
 */
export async function run(): Promise<boolean> {
  const modelPath = flag('model');
  const folder = flag('data');
  if (modelPath === undefined || folder === undefined) {
    console.log('left out: --model=FILE.gguf and --data=DIR are needed');
    return process.argv[2] === undefined;
  }
  const data = readRetrievalData(folder);
  const tasks = judged(data.tasks).slice(0, number('tasks', 10));
  const pool = openPool(':memory:');
  fillPool(pool, data.passages);
  const retriever = createRetriever(pool.db);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const engine = await createEngineLauncher({ nodePath: process.execPath, log }).launch({
    ...{ modelPath, contextSize: 2048, sessions: 1, threads: 1, gpu: false },
    checkpointBudget: 64 << 20,
  });
  console.log(`${basename(modelPath)}, one thread, ${tasks.length} questions`);
  if (/miniature|-Q4_K_M/.test(basename(modelPath))) {
    console.log('plumbing and cost only: this model judges nothing');
  }
  const before = new Map<RetrievalTask, string[]>();
  const after = new Map<RetrievalTask, string[]>();
  let tokens = 0;
  let yeses = 0;
  const begun = processorSeconds(engine);
  try {
    for (const task of tasks) {
      const question = task.questions.at(-1) ?? '';
      const hits = retriever.search(question, {
        ...{ scope: { kind: 'all' }, limit: judgedPassages, copies: true },
        said: { questions: task.questions.slice(0, -1), answers: task.answers },
      });
      const found: { readonly id: string; readonly yes: boolean }[] = [];
      for (const { documentId, text } of hits) {
        const judgement = await judge(engine, question, text);
        tokens += judgement.tokens;
        if (judgement.yes) yeses += 1;
        found.push({ id: documentId, yes: judgement.yes });
      }
      before.set(
        task,
        found.map(({ id }) => id),
      );
      const first = [...found.filter(({ yes }) => yes), ...found.filter(({ yes }) => !yes)];
      after.set(
        task,
        first.map(({ id }) => id),
      );
    }
    const seconds = begun === null ? null : (processorSeconds(engine) ?? 0) - begun;
    const perQuestion = tokens / tasks.length;
    console.log(
      `cost of a question: ${perQuestion.toFixed(0)} tokens read` +
        (seconds === null
          ? ''
          : `, ${(seconds / tasks.length).toFixed(1)} s of processor time (${((1000 * seconds) / tokens).toFixed(1)} ms a token)`),
    );
    console.log(`said yes: ${yeses}`);
    for (const [name, rankings] of [
      ['as found', before],
      ['yes first', after],
    ] as const) {
      const { recall, ndcg } = score(rankings);
      console.log(
        `${name.padEnd(10)} R@1 ${recall[1].toFixed(3)} @3 ${recall[3].toFixed(3)} @5 ${recall[5].toFixed(3)} nDCG@10 ${ndcg[10].toFixed(3)}`,
      );
    }
  } finally {
    await engine.close();
    pool.close();
  }
  return true;
}

const promptOf = (question: string, passage: string): ChatPrompt => ({
  messages: [
    {
      role: 'user',
      content:
        `Passage: ${passage.slice(0, passageLength)}\n\nQuestion: ${question}\n\n` +
        'Does the passage answer the question? Write yes or no.',
    },
  ],
});

async function judge(
  engine: Engine,
  question: string,
  passage: string,
): Promise<{ readonly yes: boolean; readonly tokens: number }> {
  let text = '';
  let tokens = 0;
  const events = engine.generate(
    {
      ...{ sessionId: 'rerank', prompt: promptOf(question, passage), maxTokens: 1 },
      sampling: { temperature: 0, topP: 1, topK: 0 },
    },
    new AbortController().signal,
  );
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'end') tokens = event.stats.readTokens;
  }
  return { yes: /^\s*y/i.test(text), tokens };
}

/** Of ENGINE's process since it started; null where the system does not tell. */
function processorSeconds({ info }: Engine): number | null {
  try {
    const stat = readFileSync(`/proc/${info.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    return null;
  }
}
