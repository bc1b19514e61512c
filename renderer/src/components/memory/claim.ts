import type {
  KvType,
  MemoryComparison,
  ModelRef,
} from '../../../../electron/ipc/contract/index.ts';

/** "Over 70 % less" (granite.md §7.1): true for long texts or many conversations, false for short chats. */
export const claimedPercent = -70;
const askedSessions = [1, 4, 16] as const;
/** A short chat. */
const shortContext = 4096;

export interface ClaimRow {
  readonly sessions: number;
  /** The shortest drawn context at which the claim holds; null = at none that both models take. */
  readonly comparison: MemoryComparison | null;
}

export interface Claim {
  readonly rows: readonly ClaimRow[];
  /** One short chat, where the claim does not hold. */
  readonly short: MemoryComparison;
}

export interface ClaimWish {
  readonly one: ModelRef;
  readonly other: ModelRef;
  readonly kvType: KvType;
}

type Compare = (
  args: ClaimWish & { readonly contextSize: number; readonly sessions: number },
) => Promise<MemoryComparison>;

/** Looks for the set-ups in which the claim is true here, by prediction; their measurements come along. */
export async function findClaim(compare: Compare, wish: ClaimWish): Promise<Claim | null> {
  const at = (contextSize: number, sessions: number) => compare({ ...wish, contextSize, sessions });
  const rows: ClaimRow[] = [];
  let short: MemoryComparison | null = null;
  for (const sessions of askedSessions) {
    const drawn = await at(shortContext, sessions);
    short ??= drawn;
    const first = firstTrue(drawn);
    rows.push({ sessions, comparison: first === null ? null : await at(first, sessions) });
  }
  return short && { rows, short };
}

/** The first drawn context at which `one` takes so much less than `other`. */
export function firstTrue({ contexts, one, other }: MemoryComparison): number | null {
  if (!other) return null;
  const index = contexts.findIndex((_, at) => {
    const [mine, theirs] = [one.totals[at], other.totals[at]];
    return (
      mine !== undefined &&
      theirs !== undefined &&
      ((mine - theirs) / theirs) * 100 <= claimedPercent
    );
  });
  return index < 0 ? null : (contexts[index] ?? null);
}
