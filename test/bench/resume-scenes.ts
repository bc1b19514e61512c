import { setTimeout as delay } from 'node:timers/promises';
import type { QuarrySide, Sample, Side, SideName, Talk } from './peer/sides.ts';
import { answerTokens, question, withQuestion } from './peer/sides.ts';
import { settle } from './peer/processes.ts';
import { createTexts } from './peer/texts.ts';
import type { Cell } from './resume-rows.ts';

export interface Scene {
  readonly size: number;
  readonly quarry: QuarrySide;
  readonly server: Side;
  /** Whether a cell is asked for and not measured yet. */
  readonly wants: (cell: Cell) => boolean;
  readonly record: (cell: Cell, samples: readonly Pair[]) => void;
  readonly say: (text: string) => void;
  /**
   * Where llama-server is known to read everything again: it is waited for so many times as long as Quarry took.
   * Infinity: until it answers.
   */
  readonly giveUp: number;
}

export type Pair = Readonly<Record<SideName, Sample>>;

const turns = 8;
/** Tokens of a question asked on; those of the history share its size. */
const short = 24;
/** What Granite's template puts around a question and its answer. */
const around = 10;
const samplesOfFast = 3;
/** A person reads an answer before asking on: nobody asks while the answer before is still being kept. */
const readingMs = 3000;

export const talkCells: readonly Cell[] = [
  'first',
  'next',
  'regenerate',
  'edit-last',
  'switch',
  'edit-first',
  'restart',
  'restart-regenerate',
  'crash',
  'crash-edit',
];
export const documentCells: readonly Cell[] = ['document-first', 'document', 'document-restart'];

/**
 * Both sides in turn, each while the other rests; who begins changes from time to time, but Quarry does where
 * llama-server may be given up: by its time.
 */
function createAsker({
  quarry,
  server,
  giveUp,
}: Scene): (talk: Talk, again?: boolean) => Promise<Pair> {
  let count = 0;
  return async (talk, again = false) => {
    const found: Partial<Record<SideName, Sample>> = {};
    const limited = again && Number.isFinite(giveUp);
    const order: readonly Side[] = limited || count % 2 === 0 ? [quarry, server] : [server, quarry];
    count += 1;
    for (const side of order) {
      const limit = limited && found.quarry ? Math.ceil(giveUp * found.quarry.ms) : undefined;
      found[side.name] = await side.ask(talk, limit);
      await settle([...quarry.pids(), ...server.pids()]);
    }
    await delay(readingMs);
    const pair = found as Pair;
    if (pair.quarry.prompt !== pair.server.prompt) {
      throw new Error(`prompts of ${pair.quarry.prompt} and ${pair.server.prompt} tokens`);
    }
    return pair;
  };
}

async function textsFor({ quarry, size }: Scene): ReturnType<typeof calibrated> {
  return calibrated(quarry, size);
}

async function calibrated(quarry: QuarrySide, seed: number): Promise<(tokens: number) => string> {
  const texts = createTexts(seed);
  await texts.calibrate((text) =>
    quarry.quarry().engine.countTokens({ messages: [{ role: 'user', content: text }] }),
  );
  return texts.text;
}

async function restartBoth({ quarry, server }: Scene, how: 'quit' | 'crash'): Promise<void> {
  await Promise.all([quarry.restart(how), server.restart(how)]);
  await settle([...quarry.pids(), ...server.pids()]);
}

/** One conversation: a quarter of its tokens in the system prompt, the rest in 8 turns that were held one by one. */
export async function talkScene(scene: Scene): Promise<void> {
  const { size, wants, record, say } = scene;
  const ask = createAsker(scene);
  const text = await textsFor(scene);
  const share = Math.floor((size * 0.75) / turns) - answerTokens - around;
  let talk: Talk = {
    ...{ conversation: 'talk', slot: 0, branch: 'a', turns: [] },
    system: text(size / 4),
  };
  const reading: Pair[] = [];
  for (let at = 0; at < turns; at += 1) {
    talk = withQuestion(talk, text(share));
    const pair = await ask(talk);
    reading.push(pair);
    if (at === 0) sayPlan(scene, pair);
  }
  const sum = (side: SideName): Sample => ({
    ms: reading.reduce((total, pair) => total + pair[side].ms, 0),
    read: reading.reduce((total, pair) => total + pair[side].read, 0),
    prompt: reading.at(-1)?.[side].prompt ?? 0,
  });
  if (wants('first')) record('first', [{ quarry: sum('quarry'), server: sum('server') }]);
  say(`history of ${sum('quarry').prompt} tokens read`);

  const repeat = async (cell: Cell, next: () => Talk, before?: 'quit' | 'crash'): Promise<void> => {
    if (!wants(cell)) return;
    const samples: Pair[] = [];
    for (let at = 0; at < samplesOfFast; at += 1) {
      if (before !== undefined) await restartBoth(scene, before);
      samples.push(await ask(next()));
    }
    record(cell, samples);
  };
  /** Where llama-server reads everything again; these come last, because one that is given up leaves no answer. */
  const once = async (cell: Cell, next: () => Talk, before?: 'quit' | 'crash'): Promise<void> => {
    if (!wants(cell)) return;
    if (before !== undefined) await restartBoth(scene, before);
    record(cell, [await ask(next(), true)]);
  };
  const goOn = (): Talk => (talk = withQuestion(talk, text(short)));
  const again = (): Talk => {
    const last = talk.turns.at(-1)?.user ?? '';
    return (talk = withQuestion(talk, last, talk.turns.length - 1));
  };
  const editLast = (): Talk => (talk = withQuestion(talk, text(short), talk.turns.length - 1));

  await repeat('next', goOn);
  await repeat('regenerate', again);
  await repeat('edit-last', editLast);
  if (wants('switch')) {
    let other: Talk = {
      ...withQuestion(talk, text(short), turns / 2),
      ...{ slot: 1, branch: 'b' },
    };
    await ask(other);
    const samples: Pair[] = [];
    for (let at = 0; at < samplesOfFast; at += 1) {
      samples.push(await ask(goOn()));
      if (at === samplesOfFast - 1) break;
      other = withQuestion(other, text(short));
      samples.push(await ask(other));
    }
    record('switch', samples);
  }
  await repeat('restart', goOn, 'quit');
  await repeat('crash', goOn, 'crash');
  await once('restart-regenerate', again, 'quit');
  await once('crash-edit', editLast, 'crash');
  await once('edit-first', () => ({ ...withQuestion(talk, text(short), 0), branch: 'c' }));
}

/** A document in the prompt as a whole, asked about in several conversations. */
export async function documentScene(scene: Scene): Promise<void> {
  const { size, wants, record } = scene;
  const ask = createAsker(scene);
  const text = await textsFor(scene);
  const documents = [{ doc_id: '1', title: 'Report', text: text(size) }];
  let count = 0;
  const next = (): Talk => ({
    ...{ conversation: `document-${++count}`, slot: 2, branch: 'document', documents },
    ...{ system: 'Answer in one sentence.', turns: [question(text(short))] },
  });
  const first = await ask(next());
  sayPlan(scene, first);
  if (wants('document-first')) record('document-first', [first]);
  if (wants('document')) {
    const samples: Pair[] = [];
    for (let at = 0; at < samplesOfFast; at += 1) samples.push(await ask(next()));
    record('document', samples);
  }
  if (!wants('document-restart')) return;
  await restartBoth(scene, 'quit');
  record('document-restart', [await ask(next(), true)]);
}

/** Says how fast both read, and how long one more reading of all would take. */
function sayPlan({ size, say }: Scene, { quarry, server }: Pair): void {
  const speed = ({ ms, read }: Sample): number => (read * 1000) / ms;
  const whole = ((size / speed(server)) * 1000).toFixed(0);
  say(
    `reading: Quarry ${speed(quarry).toFixed(1)} tokens/s, llama-server ${speed(server).toFixed(1)}; ` +
      `reading everything once takes llama-server ${(Number(whole) / 1000).toFixed(0)} s`,
  );
}
