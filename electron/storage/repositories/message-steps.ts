import type { AnswerStep, Message, ToolArguments } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** One stretch of an answer that the model wrote without a break, and what its calls were answered. */
export interface StoredRound {
  /** As the model wrote it, markup and all. */
  readonly raw: string;
  /** The ids of `raw`; empty where it must not go back as it was, because it holds reasoning. */
  readonly tokens: readonly number[];
  readonly modelId: string;
  /** See `EngineInfo.vocabulary`. */
  readonly vocabulary: string;
  /** Without markup, for another model. */
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: ToolArguments }[];
  /** One for each call, in their order. */
  readonly results: readonly string[];
}

export function saveSteps(
  db: Writer,
  messageId: string,
  steps: readonly AnswerStep[],
  rounds: readonly StoredRound[],
): void {
  const json = (list: readonly unknown[]): string | null =>
    list.length === 0 ? null : JSON.stringify(list);
  db.run(
    sql`UPDATE messages SET steps = ${json(steps)}, rounds = ${json(rounds)}
        WHERE id = ${messageId}`,
  );
}

/** Of the messages that have some. */
export function roundsOf(
  db: Reader,
  messageIds: readonly string[],
): ReadonlyMap<string, readonly StoredRound[]> {
  const rows = db.all<{ id: string; rounds: string }>(
    sql`SELECT id, rounds FROM messages WHERE rounds IS NOT NULL
        AND id IN (SELECT value FROM json_each(${JSON.stringify(messageIds)}))`,
  );
  return new Map(rows.map(({ id, rounds }) => [id, JSON.parse(rounds) as StoredRound[]]));
}

/** Steps that a turn left waiting or running when it ended come to nothing. */
export function settledSteps(steps: readonly AnswerStep[]): AnswerStep[] {
  return steps.map((step) => {
    if (step.kind === 'thinking') return { ...step, ms: step.ms ?? 0 };
    const isOpen = step.kind === 'tool' && (step.state === 'asking' || step.state === 'running');
    return isOpen ? { ...step, state: 'ended' as const } : step;
  });
}

/** After a crash: nobody can answer for a call that was waiting any more. */
export function settleSteps(db: Writer, { id, steps }: Message): void {
  if (steps === undefined) return;
  db.run(sql`UPDATE messages SET steps = ${JSON.stringify(settledSteps(steps))} WHERE id = ${id}`);
}
