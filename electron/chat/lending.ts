import type { EngineLease } from '../engine/port.ts';
import type { Message, TurnStats } from '../ipc/contract/index.ts';
import type { ConversationRecord } from '../storage/repositories/conversations.ts';
import { saveModel } from '../storage/repositories/messages.ts';
import type { TurnJob, TurnPorts } from './turn.ts';

/** The model of one turn, lent at most once and given back once. */
export interface Lending {
  /** Loads it if need be; a loading is told. */
  lend(): Promise<EngineLease>;
  /** Lends it to write with: what else is read for the conversation ends, and the answer is its. */
  begin(): Promise<EngineLease>;
  /** What the turn waited for. */
  told(): Pick<TurnStats, 'loadMs' | 'switchedFrom'>;
  /** The reason of an error, as far as the engine's owner knows it. */
  explain(cause: unknown): Promise<unknown>;
  release(): void;
}

export function lendTo(
  ports: TurnPorts,
  job: TurnJob,
  turn: { readonly conversation: ConversationRecord; readonly path: readonly Message[] },
): Lending {
  let lent: Promise<EngineLease> | null = null;
  let lease: EngineLease | null = null;
  let loadMs: number | undefined;
  let begun = false;

  const acquire = async (): Promise<EngineLease> => {
    let told = -1;
    const askedAt = ports.clock.now();
    lease = await ports.provider.acquire(turn.conversation.modelId, {
      signal: job.signal,
      onLoading: (modelId, fraction) => {
        const percent = Math.floor(fraction * 100);
        if (percent === told) return;
        told = percent;
        job.events.append({ type: 'loading', modelId, fraction });
      },
    });
    // Nothing was told of a loading where the model was ready.
    loadMs = told < 0 ? undefined : Math.max(0, ports.clock.now() - askedAt);
    return lease;
  };
  const lend = (): Promise<EngineLease> => (lent ??= acquire());

  return {
    lend,
    async begin() {
      const one = await lend();
      if (begun) return one;
      begun = true;
      await job.takeOver();
      saveModel(ports.db, job.answerId, one.modelId, one.modelName);
      return one;
    },
    told() {
      const writer = turn.path.findLast(
        ({ role, modelId }) => role === 'assistant' && modelId !== null,
      );
      const switchedFrom = writer?.modelId === lease?.modelId ? null : writer?.modelName;
      return { ...(loadMs !== undefined && { loadMs }), ...(switchedFrom && { switchedFrom }) };
    },
    explain: async (cause) => lease?.explain?.(cause),
    release: () => lease?.release(),
  };
}
