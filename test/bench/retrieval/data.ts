import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A passage of a test collection. */
export interface PoolPassage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** A question with what was said before it and the passages that answer it. */
export interface RetrievalTask {
  readonly id: string;
  /** Questions, oldest first; the last one is asked now. */
  readonly questions: readonly string[];
  /** Answers between them, oldest first. */
  readonly answers: readonly string[];
  /** Passage id -> gain, above 0. */
  readonly relevant: ReadonlyMap<string, number>;
  /** Tasks of one conversation are never parted when the tasks are halved. */
  readonly conversation: string;
}

export interface RetrievalData {
  readonly passages: readonly PoolPassage[];
  readonly tasks: readonly RetrievalTask[];
}

/**
 * Reads a folder with passages.jsonl and tasks.jsonl (conversations), or a BEIR folder with corpus.jsonl,
 * queries.jsonl and qrels/*.tsv (test.tsv where it exists, all of them otherwise). Throws an Error that names
 * what is missing.
 */
export function readRetrievalData(folder: string): RetrievalData {
  if (existsSync(join(folder, 'passages.jsonl'))) return readConversations(folder);
  if (existsSync(join(folder, 'corpus.jsonl'))) return readBeir(folder);
  throw new Error(`${folder} holds neither passages.jsonl nor corpus.jsonl`);
}

function lines<T>(folder: string, name: string): T[] {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}

interface ConversationRow {
  readonly id: string;
  readonly turns: readonly { readonly speaker: string; readonly text: string }[];
  readonly relevant: readonly string[];
}

function readConversations(folder: string): RetrievalData {
  const tasks = lines<ConversationRow>(folder, 'tasks.jsonl').map(
    ({ id, turns, relevant }): RetrievalTask => ({
      id,
      questions: turns.filter(({ speaker }) => speaker === 'user').map(({ text }) => text),
      answers: turns.filter(({ speaker }) => speaker !== 'user').map(({ text }) => text),
      relevant: new Map(relevant.map((passage) => [passage, 1])),
      conversation: id.replace(/<::>.*$/, ''),
    }),
  );
  return { passages: lines<PoolPassage>(folder, 'passages.jsonl'), tasks };
}

function readBeir(folder: string): RetrievalData {
  const passages = lines<{ _id: string; title?: string; text: string }>(folder, 'corpus.jsonl').map(
    ({ _id, title = '', text }) => ({ id: _id, title, text }),
  );
  const folderOfJudgements = join(folder, 'qrels');
  const found = existsSync(folderOfJudgements)
    ? readdirSync(folderOfJudgements).filter((name) => name.endsWith('.tsv'))
    : [];
  if (found.length === 0) throw new Error(`${folderOfJudgements} holds no .tsv file`);
  const gains = new Map<string, Map<string, number>>();
  for (const name of found.includes('test.tsv') ? ['test.tsv'] : found) {
    for (const line of readFileSync(join(folderOfJudgements, name), 'utf8').split('\n').slice(1)) {
      const [query, passage, gain] = line.trim().split('\t');
      if (query === undefined || passage === undefined || !(Number(gain) > 0)) continue;
      const known = gains.get(query) ?? new Map<string, number>();
      gains.set(query, known.set(passage, Number(gain)));
    }
  }
  const tasks = lines<{ _id: string; text: string }>(folder, 'queries.jsonl').flatMap(
    ({ _id, text }): RetrievalTask[] => {
      const relevant = gains.get(_id);
      return relevant === undefined
        ? []
        : [{ id: _id, questions: [text], answers: [], relevant, conversation: _id }];
    },
  );
  return { passages, tasks };
}
