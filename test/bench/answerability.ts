import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerable, evidenceOf, fitted, signsOf } from '../../electron/chat/answerable.ts';
import type { FoundPassage, Signs, Weights } from '../../electron/chat/answerable.ts';
import { saidBefore, searchQuery } from '../../electron/chat/passages.ts';
import { createRetriever } from '../../electron/documents/retrieve/index.ts';
import type { Message } from '../../electron/ipc/contract/index.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';
import { corpusPairs } from './answerability-corpus.ts';
import { flag } from './flags.ts';

interface Task {
  readonly turns: readonly { readonly speaker: string; readonly text: string }[];
  readonly relevant: readonly string[];
  readonly answerability: string;
}
interface Case {
  readonly signs: Signs;
  readonly question: string;
  readonly found: readonly FoundPassage[];
  readonly isThere: boolean;
}

const searched = 12;

/**
 * How well what a search finds tells whether the documents answer: retrieval evidence alone, no model.
 * `--data DIR` holds passages.jsonl and tasks.jsonl. Two sets of labels: those of the data, and the same
 * answerable questions with their relevant passages taken out of the pool. `--corpus` adds the generated corpus's
 * questions, each with and without the document that answers. Weights are fitted on one half of the questions of
 * all sources and measured on the other, both ways round. `--fit` prints weights of all of them.
 */
export async function run(): Promise<boolean> {
  const at = process.argv.indexOf('--data');
  const folder = flag('data') ?? (at < 0 ? undefined : process.argv[at + 1]);
  if (folder === undefined) {
    console.log('left out: --data DIR (passages.jsonl, tasks.jsonl) is missing');
    return true;
  }
  const lines = <T>(name: string): T[] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  const passages = lines<{ id: string; title: string; text: string }>('passages.jsonl');
  const tasks = lines<Task>('tasks.jsonl').filter(
    ({ answerability }) => answerability !== 'CONVERSATIONAL',
  );
  const { db, close } = openDatabase({
    file: ':memory:',
    clock: { now: () => 1 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    backupFolder: '/nowhere',
  });
  db.run(sql`INSERT INTO collections (id, name, created_at) VALUES ('c', 'c', 1)`);
  db.transaction(() => {
    for (const { id, title, text } of passages) {
      db.run(sql`INSERT INTO documents (id, collection_id, name, path, format, bytes, modified_at, sha256,
          state, characters, passages, added_at)
        VALUES (${id}, 'c', ${title}, ${id}, 'txt', 1, 1, ${id}, 'ready', ${text.length}, 1, 1)`);
      db.run(sql`INSERT INTO passages (id, document_id, ordinal, start, "end", text)
        VALUES (${id}, ${id}, 0, 0, ${text.length}, ${text})`);
    }
  });
  const retriever = createRetriever(db);
  const caseOf = (task: Task, without: readonly string[], isThere: boolean): Case => {
    const path = task.turns.map(({ speaker, text }) => ({
      role: speaker === 'user' ? 'user' : 'assistant',
      text,
    })) as Message[];
    const question = searchQuery(path);
    const found = retriever
      .search(path.at(-1)?.text ?? '', {
        ...{ scope: { kind: 'all' }, limit: searched + without.length },
        ...{ said: saidBefore(path), copies: true },
      })
      .filter(({ documentId }) => !without.includes(documentId))
      .slice(0, searched);
    return { question, found, signs: signsOf(question, found), isThere };
  };
  const labelled = tasks.map((task) => ({
    task,
    one: caseOf(task, [], task.answerability !== 'UNANSWERABLE'),
  }));
  const answered = tasks.filter(({ relevant }) => relevant.length > 0);
  const pairs = answered.map((task) => [
    caseOf(task, [], true),
    caseOf(task, task.relevant, false),
  ]);
  close();

  console.log('retrieval evidence alone, no model; full text search in the conversation, by rule');
  const count = (label: string): number =>
    tasks.filter((task) => task.answerability === label).length;
  console.log(
    `labels of the data: ${count('ANSWERABLE')} answerable, ${count('PARTIAL')} partial, ${count('UNANSWERABLE')} unanswerable`,
  );
  report(
    '  as labelled (unanswerable or not), shipped weights',
    labelled.map(({ one }) => one),
    fitted,
  );
  const of = (label: string): number =>
    mean(
      labelled
        .filter(({ task }) => task.answerability === label)
        .map(({ one }) => answerable(one.signs)),
    );
  console.log(
    `  mean evidence: answerable ${of('ANSWERABLE').toFixed(3)}, partial ${of('PARTIAL').toFixed(3)}, unanswerable ${of('UNANSWERABLE').toFixed(3)}`,
  );
  console.log(`relevant passages there or taken away: ${pairs.length} questions, each both ways`);
  const planted = process.argv.includes('--corpus')
    ? (await corpusPairs(searched)).map(({ question, there, away }) =>
        [there, away].map((found): Case => ({
          ...{ question, found, signs: signsOf(question, found) },
          isThere: found === there,
        })),
      )
    : [];
  const halfOf = (of: readonly Case[][], half: number): Case[] =>
    of.filter((_, index) => index % 2 === half).flat();
  const weightsOf = [0, 1].map((half) => fit([...halfOf(pairs, half), ...halfOf(planted, half)]));
  const crossed = (of: readonly Case[][]): Valued[] =>
    weightsOf.flatMap((weights, half) => measured(halfOf(of, 1 - half), weights));
  report('  fitted on one half of all sources, measured on the other', crossed(pairs));
  report('  shipped weights', pairs.flat(), fitted);
  if (planted.length > 0) {
    console.log(`generated corpus: ${planted.length} questions, with and without their document`);
    report('  fitted on one half of all sources, measured on the other', crossed(planted));
    report('  shipped weights', planted.flat(), fitted);
  }
  for (const sign of ['best', 'union', 'sentence', 'depth', 'margin', 'words'] as const) {
    console.log(
      `  ${sign} alone: area under the curve ${area(pairs.flat().map(({ signs, isThere }) => ({ value: signs[sign], isThere }))).toFixed(3)}`,
    );
  }
  const there = [...pairs.flat(), ...planted.flat()].filter(({ isThere }) => isThere);
  const sorted = there.map(({ signs }) => answerable(signs)).toSorted((a, b) => a - b);
  console.log(
    `  a tenth of those with an answer lie under ${sorted[Math.floor(sorted.length / 10)]?.toFixed(3)}`,
  );
  for (const [name, cases] of [
    ['public questions', pairs.flat()],
    ['generated corpus', planted.flat()],
  ] as const) {
    if (cases.length === 0) continue;
    const weak = (isThere: boolean): string => {
      const some = cases.filter((one) => one.isThere === isThere);
      return `${some.filter(({ question, found }) => evidenceOf(question, found) !== 'strong').length} of ${some.length}`;
    };
    console.log(
      `  ${name} called weak: ${weak(false)} with nothing there, ${weak(true)} with an answer there`,
    );
  }
  if (process.argv.includes('--fit')) {
    const weights = fit([...pairs.flat(), ...planted.flat()]);
    console.log(
      `weights of all: ${JSON.stringify(weights, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}`,
    );
  }
  return true;
}

interface Valued {
  readonly value: number;
  readonly isThere: boolean;
}

function measured(cases: readonly Case[], weights: Weights): Valued[] {
  return cases.map(({ signs, isThere }) => ({ value: answerable(signs, weights), isThere }));
}

function report(name: string, cases: readonly (Case | Valued)[], weights: Weights = fitted): void {
  const valued = cases.map((one) =>
    'value' in one ? one : { value: answerable(one.signs, weights), isThere: one.isThere },
  );
  const rate = (isThere: boolean): number => {
    const some = valued.filter((one) => one.isThere === isThere);
    return some.filter(({ value }) => value >= 0.5 === isThere).length / some.length;
  };
  console.log(
    `${name}: area under the curve ${area(valued).toFixed(3)}; of those there ${rate(true).toFixed(3)} kept, ` +
      `of those not there ${rate(false).toFixed(3)} noticed (${valued.length} questions)`,
  );
}

/** Share of pairs of one that is there and one that is not in which the first has the higher value. */
function area(valued: readonly Valued[]): number {
  const there = valued.filter(({ isThere }) => isThere);
  const not = valued.filter(({ isThere }) => !isThere);
  let won = 0;
  for (const { value } of there) {
    for (const other of not) won += value > other.value ? 1 : value === other.value ? 0.5 : 0;
  }
  return won / (there.length * not.length);
}

/** Logistic regression by plain descent, with a small penalty on large weights. */
function fit(cases: readonly Case[]): Weights {
  let weights: Weights = { bias: 0, best: 0, union: 0, sentence: 0, depth: 0, margin: 0, words: 0 };
  const names = ['bias', 'best', 'union', 'sentence', 'depth', 'margin', 'words'] as const;
  for (let step = 0; step < 3000; step += 1) {
    const slope = { ...weights };
    for (const name of names) slope[name as 'bias'] = name === 'bias' ? 0 : weights[name] * 0.001;
    for (const { signs, isThere } of cases) {
      const wrong = answerable(signs, weights) - (isThere ? 1 : 0);
      for (const name of names) {
        (slope as Record<string, number>)[name]! +=
          (wrong * (name === 'bias' ? 1 : signs[name])) / cases.length;
      }
    }
    weights = Object.fromEntries(
      names.map((name) => [name, weights[name] - 0.5 * slope[name]]),
    ) as unknown as Weights;
  }
  return weights;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
