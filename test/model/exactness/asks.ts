import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../electron/ipc/app-error.ts';
import type { EngineEvent, EngineMemory, GenerateRequest } from '../../../electron/engine/port.ts';
import type { Conversation } from './conversation.ts';
import { promptOf } from './conversation.ts';
import type { KeptState } from './disk.ts';
import type { Choice, Followed, Lineage } from './lineage.ts';
import { equal, tokensOf } from './lineage.ts';
import type { Judge } from './references.ts';
import type { Rig } from './rig.ts';
import { digestHeld } from './trace.ts';

/** One answer that is asked for. */
export interface Ask {
  readonly conversation: Conversation;
  readonly maxTokens: number;
  /** Greedy where null. */
  readonly sampledWith: number | null;
  readonly isBackground?: boolean;
  /** Stopped at the event with this number. */
  readonly stopAt?: number;
  /** Called at every event. */
  onEvent?(seen: number): void;
}

type End = Extract<EngineEvent, { type: 'end' }>;
export type Answered = { readonly end: End; readonly text: string } | { readonly refused: string };

/** What an operation goes on with, and what it may find. */
export interface Scene {
  readonly rig: Rig;
  readonly judge: Judge;
  readonly followed: Followed;
  /** Filled by the follower; emptied by who looks at them. */
  readonly reads: { readonly sequence: number; readonly lineage: Lineage }[];
  readonly choices: Choice[];
  readonly saved: { readonly lineage: Lineage; readonly digest: string }[];
  /** Sessions that a context has. */
  readonly capacity: number;
  /** Usable states on disk. */
  kept(): Promise<readonly KeptState[]>;
  readonly isHybrid: boolean;
  readonly isInside: boolean;
  readonly folder: string;
  /** session -> what it held when last looked at. */
  readonly held: Map<string, readonly number[]>;
  readonly counts: Counts;
  fail(what: string): void;
}

export interface Counts {
  answers: number;
  choices: number;
  states: number;
  promptTokens: number;
  readTokens: number;
  keptFromDisk: number;
  /** Answers that went on where another conversation had been. */
  takenOver: number;
  notJudged: number;
  /** Answers that had to read what was on disk when they were asked for. */
  evictedMeanwhile: number;
}

export async function runAsks(scene: Scene, asks: readonly Ask[]): Promise<Answered[]> {
  const { rig, followed } = scene;
  const before = await rig.memory();
  const disk = await scene.kept();
  rig.follow();
  scene.reads.length = 0;
  const evaluated = followed.evaluated;
  const answers = await runTogether(rig, asks);
  const lengths = await settle(rig, answers);
  rig.follow();
  const ended = asks.flatMap((ask, at) => {
    const answer = answers[at] as Answered;
    if ('refused' in answer) return [];
    const { reason, stats } = answer.end;
    // A stop is told at once; the batch that was under way still enters the state.
    const stopped = reason === 'aborted' ? lengths.get(ask.conversation.id) : undefined;
    const used = stopped === undefined ? stats.contextUsed : Math.max(stopped, stats.contextUsed);
    return [{ ask, ...answer, used, isLost: reason === 'aborted' && stopped === undefined }];
  });

  const expected = ended.reduce((sum, { end, used }) => sum + used - end.stats.keptTokens, 0);
  const isTold = ended.every(({ end, isLost }) => !isLost && end.stats.promptTokens > 0);
  if (isTold && followed.evaluated - evaluated !== expected) {
    scene.fail(`${followed.evaluated - evaluated} tokens were evaluated, told were ${expected}`);
  }
  const after = await scene.kept();
  const isNew = ({ conversation }: Ask): boolean =>
    !before.sessions.some(({ sessionId }) => sessionId === conversation.id);
  // Who is refused or stopped too early does not tell whether it took over another's place.
  const mayTakeOver = asks.some((ask) => {
    const told = ended.find((one) => one.ask === ask && one.end.stats.promptTokens > 0);
    return isNew(ask) && (told === undefined || told.end.stats.keptFrom === 'memory');
  });
  const newcomers = new Set(asks.filter(isNew).map(({ conversation }) => conversation.id)).size;
  const isCrowded = before.sessions.length + newcomers > scene.capacity;
  const isAlone = asks.length === 1;
  const mayLose = !isAlone && (isCrowded || mayTakeOver);
  for (const one of ended) await judgeAnswer(scene, one, { before, disk, after, mayLose, isAlone });
  await judgeChoices(
    scene,
    asks.every(({ sampledWith }) => sampledWith === null),
  );
  return answers;
}

/** All at once. Background work that has not begun when the others are through is stopped. */
async function runTogether(rig: Rig, asks: readonly Ask[]): Promise<Answered[]> {
  const runs = asks.map((ask) => ({ ask, stopping: new AbortController(), hasBegun: false }));
  const answers = runs.map((run) =>
    runAsk(rig, run.ask, run.stopping, () => {
      run.hasBegun = true;
    }),
  );
  await Promise.all(answers.filter((_, at) => asks[at]?.isBackground !== true));
  for (const { ask, hasBegun, stopping } of runs) {
    if (ask.isBackground === true && !hasBegun) stopping.abort();
  }
  return Promise.all(answers);
}

/** Waits until nothing runs, if something was stopped. @returns tokens of each session then. */
async function settle(
  rig: Rig,
  answers: readonly Answered[],
): Promise<ReadonlyMap<string, number>> {
  const isStopped = (answer: Answered): boolean =>
    !('refused' in answer) && answer.end.reason === 'aborted';
  if (!answers.some(isStopped)) return new Map();
  for (;;) {
    const { sessions } = await rig.memory();
    if (!sessions.some(({ isRunning }) => isRunning)) {
      return new Map(sessions.map(({ sessionId, tokens }) => [sessionId, tokens]));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function runAsk(
  rig: Rig,
  ask: Ask,
  stopping: AbortController,
  onBegun: () => void,
): Promise<Answered> {
  const { conversation, maxTokens, sampledWith, isBackground = false, stopAt } = ask;
  const request: GenerateRequest = {
    sessionId: conversation.id,
    prompt: promptOf(conversation),
    maxTokens,
    sampling:
      sampledWith === null
        ? { temperature: 0, topP: 1, topK: 0 }
        : { temperature: 1, topP: 1, topK: 40, seed: sampledWith },
    ...(isBackground && { priority: 'background' as const }),
    ...(conversation.documentSet !== null && { documentSet: conversation.documentSet }),
  };
  let end: End | null = null;
  let text = '';
  let seen = 0;
  if (stopAt === 0) stopping.abort();
  try {
    await rig.generate(request, stopping.signal, (event) => {
      seen += 1;
      if (event.type !== 'queued') onBegun();
      if (event.type === 'text') text += event.text;
      if (event.type === 'end') end = event;
      if (seen === stopAt) stopping.abort();
      ask.onEvent?.(seen);
    });
  } catch (error) {
    if (error instanceof AppError) return { refused: error.code };
    throw error;
  }
  if (end === null) throw new Error('the answer had no end');
  return { end, text };
}

/** What stood before and after answers that were asked for together. */
interface Around {
  readonly before: EngineMemory;
  readonly disk: readonly KeptState[];
  readonly after: readonly KeptState[];
  /** Whoever came at the same time may have been given another's place. */
  readonly mayLose: boolean;
  readonly isAlone: boolean;
}

/** The answer came from the prompt that was asked for, and no more was read than had to be. */
async function judgeAnswer(
  scene: Scene,
  one: { readonly ask: Ask; readonly end: End; readonly used: number },
  around: Around,
): Promise<void> {
  const { before, disk, after, mayLose, isAlone } = around;
  const { judge, counts, held } = scene;
  const { reference } = judge;
  const { conversation } = one.ask;
  const { stats, tokens: written, reason } = one.end;
  const { promptTokens, keptTokens, readTokens } = stats;
  const { used } = one;
  const isStopped = reason === 'aborted';
  // Stopped before it began.
  if (promptTokens === 0) return;
  counts.answers += 1;
  const { messages, documents } = promptOf(conversation, ({ tokens, ...message }) =>
    tokens ? { ...message, content: reference.text(tokens) } : message,
  );
  const rendered = await scene.rig.render({ messages, ...(documents && { documents }) });
  const isWhole = used >= promptTokens;
  const isPromptOf = (tokens: readonly number[]): boolean => {
    const text = plain(reference.text(tokens.slice(0, promptTokens)));
    return isWhole ? text === plain(rendered) : plain(rendered).startsWith(text);
  };
  const tokensRead = scene.reads
    .filter(({ lineage }) => lineage.end === used)
    .map((read) => ({ ...read, tokens: tokensOf(read.lineage) }));
  const found = tokensRead.findLast(({ tokens }) => isPromptOf(tokens));
  if (found === undefined) {
    if (used === keptTokens) return;
    scene.fail(`no sequence holds the prompt of ${conversation.id} with ${used} tokens`);
    return;
  }
  const { tokens, lineage, sequence } = found;
  const earlier = held.get(conversation.id);
  held.set(conversation.id, tokens);
  if (isWhole) {
    const inState = tokens.slice(promptTokens);
    // After a stop nobody is told what was still on its way.
    const told = Math.min(inState.length, isStopped ? written.length : Infinity);
    const hasWritten = equal(inState.slice(0, told), written.slice(0, inState.length));
    if (!hasWritten) scene.fail('the state holds another answer than was told');
    const path = new Set<number>();
    for (let at: Lineage | null = lineage; at !== null; at = at.parent) path.add(at.id);
    const chosen = scene.choices
      .filter((choice) => path.has(choice.lineage.id))
      .map(({ token }) => token);
    const more = chosen.length - written.length;
    if (!equal(chosen.slice(0, written.length), written) || more > (isStopped ? 2 : 1)) {
      scene.fail('the tokens that were drawn are not those that were told');
    }
  }

  const prompt = tokens.slice(0, Math.min(promptTokens, used));
  if (isWhole) {
    counts.promptTokens += promptTokens;
    counts.readTokens += promptTokens - keptTokens;
    const session = before.sessions.find(({ sessionId }) => sessionId === conversation.id);
    let most = 0;
    if (session !== undefined && !mayLose) {
      if (earlier === undefined || earlier.length !== session.tokens) counts.notJudged += 1;
      else most = inSession(earlier, session, prompt, scene.isHybrid);
    }
    const within = (list: readonly KeptState[]): number =>
      Math.max(0, ...list.map(({ tokens }) => usable(tokens, prompt, scene.isHybrid)));
    // One that was evicted meanwhile is none.
    const stayed = new Set(after.map(({ id }) => id));
    const onDisk = within(disk.filter(({ id }) => stayed.has(id)));
    if (keptTokens < Math.max(most, within(disk)) - 1) counts.evictedMeanwhile += 1;
    if (keptTokens < Math.max(most, onDisk) - 1) {
      const where = `${most} were kept in memory, ${onDisk} on disk`;
      const had = `${session?.tokens} in the session`;
      scene.fail(`${readTokens} of ${promptTokens} tokens were read, ${where} (${had})`);
    }
    const isTakenOver = session === undefined && stats.keptFrom === 'memory';
    if (isTakenOver) counts.takenOver += 1;
    else if (keptTokens > most) counts.keptFromDisk += 1;
    if (!isStopped && keptTokens + readTokens < promptTokens - 1)
      scene.fail('the tokens do not add up');
  }
  if (!isStopped && !isWhole) scene.fail('an answer to half a prompt');

  const isHeld = scene.followed.sequences.get(sequence) === lineage;
  if (scene.isInside && isHeld && isAlone) {
    const path = join(scene.folder, 'held.state');
    const digest = await digestHeld(scene.followed.context, sequence, tokens, path);
    rmSync(path, { force: true });
    if (digest !== null) scene.saved.push({ lineage, digest });
  }
}

/** Tokens of a session's own that a prompt can begin with. */
function inSession(
  tokens: readonly number[],
  { checkpoints }: EngineMemory['sessions'][number],
  prompt: readonly number[],
  isHybrid: boolean,
): number {
  const same = shared(tokens, prompt);
  if (!isHybrid) return Math.min(same, prompt.length - 1);
  const places = [...checkpoints.map(({ position }) => position), tokens.length];
  const limit = Math.min(same, prompt.length - 1);
  return Math.max(0, ...places.filter((position) => position <= limit));
}

function usable(state: readonly number[], prompt: readonly number[], isHybrid: boolean): number {
  const same = shared(state, prompt);
  if (!isHybrid) return Math.min(same, prompt.length - 1);
  return same === state.length && same < prompt.length ? same : 0;
}

function shared(left: readonly number[], right: readonly number[]): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

/** Every greedy choice and every state, against a fresh evaluation in the same batches. */
export async function judgeChoices(scene: Scene, isGreedy: boolean): Promise<void> {
  const { judge, counts } = scene;
  for (const choice of isGreedy ? scene.choices : []) {
    const key = `${choice.lineage.id} ${choice.index}`;
    const known = judge.chosen.get(key);
    const fresh = known ?? (await judge.reference.choose(choice));
    judge.chosen.set(key, fresh);
    counts.choices += 1;
    if (fresh === choice.token) continue;
    scene.fail(`at ${choice.lineage.end} came ${choice.token}, a fresh evaluation says ${fresh}`);
    break;
  }
  scene.choices.length = 0;
  for (const { lineage, digest } of scene.saved.splice(0)) {
    const fresh = judge.digests.get(lineage.id) ?? (await judge.reference.digest(lineage));
    judge.digests.set(lineage.id, fresh);
    counts.states += 1;
    if (fresh === digest) continue;
    scene.fail(`the state at ${lineage.end} is not the one of a fresh evaluation`);
    break;
  }
}

/** Halves of characters are shown in more than one way. */
function plain(text: string): string {
  return text.replaceAll('\uFFFD', '');
}
