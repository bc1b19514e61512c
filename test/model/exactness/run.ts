import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answered, Ask, Counts, Scene } from './asks.ts';
import { judgeChoices, runAsks } from './asks.ts';
import { attackFile } from './attack.ts';
import type { Conversation } from './conversation.ts';
import { append, createConversation } from './conversation.ts';
import { keptOnDisk, leftInMemory } from './disk.ts';
import type { Choice, Lineage } from './lineage.ts';
import { createFollower } from './lineage.ts';
import { modelFile } from './models.ts';
import type { Load, Operation, OperationName, Sequence } from './operations.ts';
import { budgets, loadOf } from './operations.ts';
import type { createJudges } from './references.ts';
import type { Rig } from './rig.ts';
import { openRig } from './rig.ts';
import type { Play } from './talks.ts';
import { createTalks } from './talks.ts';

export interface Outcome {
  /** null = everything was as it had to be. */
  readonly failure: string | null;
  readonly operations: Partial<Record<OperationName, number>>;
  readonly counts: Record<string, number>;
}

/** Bytes of a checkpoint, for budgets that hold a whole number of them. */
const stateBytes: Readonly<Record<Sequence['model'], number>> = {
  miniature: 291_856,
  moe: 418_640,
  dense: 0,
};

/** Milliseconds after an answer at which ENGINE has begun to keep it (`restMs` of the keeper, and some). */
const keeperRest = 750;

/** Runs one sequence in a folder of its own. Ends at the first failure. */
export async function runSequence(
  sequence: Sequence,
  judges: ReturnType<typeof createJudges>,
  parent: string,
): Promise<Outcome> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'sequence-'));
  const player = createPlayer(sequence, judges, folder);
  const done: Partial<Record<OperationName, number>> = {};
  let failure: string | null = null;
  let step = -1;
  try {
    await player.open();
    for (const operation of sequence.operations) {
      step += 1;
      await player.play(operation);
      done[operation[0]] = (done[operation[0]] ?? 0) + 1;
      if (player.failures.length > 0) break;
    }
  } catch (error) {
    player.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await player.close().catch((error: unknown) => player.failures.push(String(error)));
    await rm(folder, { recursive: true, force: true });
    for (const path of leftInMemory(join(folder, 'states'))) await rm(path, { recursive: true });
  }
  if (player.failures.length > 0) {
    const where = step < 0 ? 'load' : `${step} (${sequence.operations[step]?.[0]})`;
    failure = `at operation ${where}: ${player.failures.join('; ')}`;
  }
  return { failure, operations: done, counts: player.counts() };
}

function createPlayer(sequence: Sequence, judges: ReturnType<typeof createJudges>, folder: string) {
  const failures: string[] = [];
  const conversations: Conversation[] = [];
  const statesFolder = join(folder, 'states');
  const isHybrid = sequence.model !== 'dense';
  const reads: { sequence: number; lineage: Lineage }[] = [];
  const choices: Choice[] = [];
  const saved: { lineage: Lineage; digest: string }[] = [];
  const held = new Map<string, readonly number[]>();
  const counts: Counts = {
    ...{ answers: 0, choices: 0, states: 0, promptTokens: 0, readTokens: 0 },
    ...{ keptFromDisk: 0, takenOver: 0, notJudged: 0, evictedMeanwhile: 0 },
  };
  let loads = 0;
  let kills = 0;
  let refusals = 0;
  let attacks = 0;
  let leftByProcess = 0;
  let load: Load = sequence.load;
  let modelPath = '';
  let answeredAt = 0;
  let budget = 0;
  let rig: Rig | null = null;
  let judge: Awaited<ReturnType<typeof judges.get>> | null = null;

  const fail = (what: string): void => void failures.push(what);
  const follower = createFollower({
    lineages: () => {
      if (judge === null) throw new Error('nothing is loaded');
      return judge.lineages;
    },
    files: new Map(),
    onRead: (number, lineage) => void reads.push({ sequence: number, lineage }),
    onChoice: (choice) => void choices.push(choice),
    onSaved: (one) => void saved.push(one),
    complain: fail,
  });

  const engine = (): Rig => {
    if (rig === null) throw new Error('nothing is loaded');
    return rig;
  };
  const scene = (): Scene => ({
    rig: engine(),
    judge: judge as NonNullable<typeof judge>,
    followed: follower,
    ...{ reads, choices, saved, held, counts, folder, isHybrid, fail },
    capacity: load.sessions,
    isInside: sequence.rig === 'inside',
    kept: async () =>
      attacks > 0
        ? []
        : keptOnDisk({
            ...{ folder: statesFolder, look: join(folder, 'look'), info: engine().info },
            ...{ modelPath, model: sequence.model, kvType: load.kvType },
          }),
  });

  const open = async (): Promise<void> => {
    judge = await judges.get(sequence.model, load.kvType);
    follower.reset();
    held.clear();
    budget = load.checkpoints * stateBytes[sequence.model];
    modelPath = await modelFile(sequence.model);
    loads += 1;
    rig = await openRig(sequence.rig, {
      request: {
        ...{
          modelPath,
          contextSize: load.contextSize,
          sessions: load.sessions,
          kvType: load.kvType,
        },
        ...{ threads: 1, gpu: false, checkpointBudget: budget },
        states: { folder: statesFolder, model: sequence.model, budget: load.states },
        ...(load.chunk !== null && { readChunk: load.chunk }),
      },
      folder,
      tell: follower.tell,
    });
  };
  const close = async (): Promise<void> => {
    notePeak();
    if (rig === null) return;
    await rig.close();
    // Another KV type has another judge.
    await judgeChoices(scene(), true);
    rig = null;
    const left = leftInMemory(statesFolder);
    // A process that was ended by force cannot; whoever opens the folder next does.
    if (sequence.rig === 'process') leftByProcess += left.length;
    else for (const path of left) fail(`${path} was left in memory`);
  };
  const notePeak = (): void => {
    const { checkpointPeak } = follower;
    if (checkpointPeak > budget)
      fail(`${checkpointPeak} bytes of checkpoints at once, allowed ${budget}`);
  };

  /** No byte over a budget, at this moment. */
  const look = async (): Promise<void> => {
    const { checkpoints, sessions } = await engine().memory();
    const listed = sessions.flatMap((session) => session.checkpoints);
    const sum = listed.reduce((total, { bytes }) => total + bytes, 0);
    if (sum !== checkpoints) fail(`${sum} bytes of checkpoints are listed, ${checkpoints} told`);
    if (checkpoints > budget) fail(`${checkpoints} bytes of checkpoints, allowed are ${budget}`);
    lookAtFolder();
  };
  const lookAtFolder = (): void => {
    const bytes = sizeOf(statesFolder);
    if (bytes > load.states) fail(`${bytes} bytes of states, allowed are ${load.states}`);
  };

  /** Asks, and puts the answers where they belong. Where a prompt is too long its oldest turns go. */
  const answer = async (asks: readonly Ask[]): Promise<void> => {
    let left = asks;
    for (let round = 0; round < 5 && left.length > 0; round += 1) {
      const answers = await runAsks(scene(), left);
      const tooLong: Ask[] = [];
      left.forEach((ask, at) => {
        const given = answers[at] as Answered;
        if ('refused' in given) {
          if (given.refused !== 'prompt-too-long') fail(`refused with ${given.refused}`);
          refusals += 1;
          ask.conversation.left += 2;
          tooLong.push(ask);
        } else if (given.end.tokens.length > 0) {
          const message = { role: 'assistant', content: given.text } as const;
          append(ask.conversation, ask.conversation.leaf, { ...message, tokens: given.end.tokens });
        }
      });
      lookAtFolder();
      answeredAt = performance.now();
      left = tooLong;
    }
    for (const { conversation } of left) removeConversation(conversation);
  };
  const removeConversation = (conversation: Conversation): void => {
    conversations.splice(conversations.indexOf(conversation), 1);
  };
  const rest = async (): Promise<void> => {
    const wait = answeredAt + keeperRest - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    let last = '';
    for (let same = 0; same < 3;) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      engine().follow();
      const now = `${sizeOf(statesFolder)} ${follower.loaded} ${saved.length}`;
      same = now === last ? same + 1 : 0;
      last = now;
    }
  };

  const talks = createTalks(conversations, {
    answer,
    rest,
    forget: (id) => engine().forget(id),
  });
  const { pickConversation, fresh, question, askOf, ask } = talks;
  const plays: Record<OperationName, Play> = {
    ...talks.plays,
    rest,
    async save() {
      await engine().saveStates(load.states);
    },
    async reload(a) {
      if (a % 2 === 0) await rest();
      if (a % 3 === 0) await engine().saveStates(load.states);
      await close();
      await open();
    },
    async change(a, b, c) {
      if (a % 2 === 0) await rest();
      await close();
      const other = loadOf(a >> 2, b, c);
      // One thing at a time half of the time; what was saved before may be used again later.
      load = c % 8 < 4 ? other : { ...load, checkpoints: other.checkpoints, states: other.states };
      await open();
    },
    async kill(a, b, c) {
      kills += 1;
      if (a % 2 === 0) await rest();
      const running = engine();
      if (b % 2 === 0 && conversations.length > 0) {
        const conversation = pickConversation(a | 1);
        const { leaf } = conversation;
        append(conversation, leaf, question(9 * b));
        let killed: Promise<void> | null = null;
        const at = 1 + (c % 8);
        const asked = {
          ...askOf(conversation, c),
          onEvent: (seen: number): void => {
            if (seen >= at) killed ??= running.kill();
          },
        };
        // Its end is the process's; nobody judges it.
        await runAsks({ ...scene(), fail: () => {}, choices: [] }, [asked]).catch(() => {});
        conversation.leaf = leaf;
        killed ??= running.kill();
        await killed;
      } else {
        await running.kill();
      }
      choices.length = 0;
      await close();
      await open();
    },
    async crowd(_a, b, c) {
      for (let at = 0; at < load.sessions; at += 1) {
        const crowd = createConversation(fresh('c'), b + at);
        if (conversations.length < 8) conversations.push(crowd);
        await ask(crowd, c + at, 64 * at + 3);
      }
    },
    async budget(a, b, c) {
      if (c % 3 === 0) {
        load = { ...load, states: budgets[b % budgets.length] ?? 0 };
        await engine().resizeStates(load.states);
        return;
      }
      notePeak();
      budget = ([0, 1, 2, 5, 64][a % 5] ?? 0) * stateBytes[sequence.model] + (b % 3);
      await engine().trim(budget);
      follower.forgetPeak();
      if (c % 2 === 0) await look();
    },
    async forget(a) {
      if (conversations.length === 0) return;
      const conversation = conversations[a % conversations.length] as Conversation;
      removeConversation(conversation);
      held.delete(conversation.id);
      await engine().forget(conversation.id);
    },
    async attack(a, b, c) {
      const isLoaded = c % 3 === 0;
      await rest();
      if (!isLoaded) await close();
      for (let at = 0; at <= b % 3; at += 1) {
        if (attackFile(statesFolder, a + 31 * at, (b >> 2) + at)) attacks += 1;
      }
      if (!isLoaded) await open();
      for (const conversation of conversations.slice(0, 3)) await ask(conversation, b, c);
    },
  };

  return {
    failures,
    open,
    close,
    async play([name, a, b, c]: Operation): Promise<void> {
      await plays[name](a, b, c);
      engine().follow();
      await judgeChoices(scene(), true);
      await look();
    },
    counts: () => ({
      ...counts,
      ...{ loads, kills, refusals, attacks, leftByProcess },
      ...{ evaluated: follower.evaluated, sharedBatches: follower.shared },
      ...{ checkpoints: follower.taken, restored: follower.restored },
      ...{ statesLoaded: follower.loaded, cuts: follower.cuts },
    }),
  };
}

/** Bytes of all files in a folder. */
function sizeOf(folder: string): number {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return 0;
  }
  return entries.reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(path);
    // Gone between the two looks.
    return sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}
