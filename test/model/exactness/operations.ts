import type { KvType } from '../../../electron/ipc/contract/index.ts';
import { seededBelow } from '../../support/seeded.ts';
import type { ModelName } from './models.ts';
import { modelNames } from './models.ts';
import type { RigKind } from './rig.ts';

/** What may happen to a conversation, and how often. */
const weights = {
  /** A question behind the last answer. */
  ask: 22,
  /** The last question again. */
  again: 12,
  /** Any earlier question, in other words. */
  edit: 10,
  /** The words of an answer changed by hand, and a question behind it. */
  rewrite: 4,
  /** On from any message. */
  branch: 8,
  /** To another branch's end, and a question there. */
  switch: 8,
  /** Away from a branch and back to it without a rest, then one of its questions in other words. */
  zigzag: 5,
  /** Two or three conversations at once. */
  together: 14,
  /** A question while a title is made in the background. */
  background: 6,
  /** Stopped in mid-prefill or mid-answer; what was written stays. */
  stop: 9,
  /** Long enough that nothing is left to be done. */
  rest: 5,
  save: 4,
  /** The model is closed and loaded again in the same way. */
  reload: 5,
  /** … with another context, other sessions, another KV type or other budgets. */
  change: 5,
  /** SIGKILL, half of them in mid-answer. A process of its own only. */
  kill: 5,
  /** Another conversation that begins like one at rest: with its documents, or with all that was said in it. */
  join: 8,
  /** As many short conversations as there are sessions. */
  crowd: 3,
  /** Another budget for checkpoints, or for states. */
  budget: 5,
  /** The oldest turns are left out of the prompt. */
  trim: 4,
  /** A conversation is removed. */
  forget: 2,
  /** Saved files are cut, flipped, exchanged or removed, and the conversation goes on. */
  attack: 4,
} as const;

export type OperationName = keyof typeof weights;
export const operationNames = Object.keys(weights) as OperationName[];

/** Numbers are read modulo what there is to choose from, so that one can be left out and the rest still runs. */
export type Operation = readonly [name: OperationName, a: number, b: number, c: number];

export interface Load {
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  /** In states of a recurrent part. */
  readonly checkpoints: number;
  /** Bytes on disk. */
  readonly states: number;
  /** Tokens of a chunk; null = as measured at load. */
  readonly chunk: number | null;
}

export interface Sequence {
  readonly seed: number;
  readonly model: ModelName;
  readonly rig: RigKind;
  readonly load: Load;
  readonly operations: readonly Operation[];
}

const kvTypes: readonly KvType[] = ['f16', 'f16', 'q8_0', 'q4_0'];
export const budgets = [1 << 30, 1 << 30, 4 << 20, 1 << 20, 300_000, 0];

export function loadOf(a: number, b: number, c: number): Load {
  return {
    contextSize: [512, 1024, 2048][a % 3] ?? 512,
    sessions: 1 + (b % 4),
    kvType: kvTypes[c % 4] ?? 'f16',
    checkpoints: [64, 8, 3, 1, 0][(a >> 4) % 5] ?? 64,
    states: budgets[(b >> 4) % 6] ?? 0,
    chunk: [null, 16, 64, 128][(c >> 4) % 4] ?? null,
  };
}

/** @param models Names to choose from. */
export function drawSequence(
  seed: number,
  models: readonly ModelName[] = modelNames,
  rig?: RigKind,
): Sequence {
  const below = seededBelow(seed * 2654435761 + 12345);
  const number = (): number => below(1 << 16);
  const kind = rig ?? (below(8) === 0 ? 'process' : 'inside');
  const names = operationNames.filter((name) => name !== 'kill' || kind === 'process');
  const draw = (): OperationName => {
    let left = below(names.reduce((sum, name) => sum + weights[name], 0));
    return names.find((name) => (left -= weights[name]) < 0) ?? 'ask';
  };
  // The miniature takes as long as the two others together.
  const mix = models.flatMap((name) => (name === 'miniature' ? [name] : [name, name]));
  const model = mix[seed % mix.length] ?? 'moe';
  const load = loadOf(number(), number(), number());
  const first: Operation = ['ask', number(), number(), number()];
  const rest = Array.from({ length: 4 + below(8) }, (): Operation => {
    return [draw(), number(), number(), number()];
  });
  return { seed, model, rig: kind, load, operations: [first, ...rest] };
}
