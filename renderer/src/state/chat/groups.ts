import type { ConversationSummary } from '../../../../electron/ipc/contract/index.ts';
import { daysAgo } from '../../i18n/format.ts';

export interface ConversationGroup {
  readonly key: string;
  /** Fixed groups have a word in the catalogue; months are written by locale from `at`. */
  readonly kind: 'pinned' | 'today' | 'yesterday' | 'week' | 'month';
  readonly at: number;
  readonly items: readonly ConversationSummary[];
}

/** Pinned first, then by the day of the last change, newest first. */
export function groupByDay(
  list: readonly ConversationSummary[],
  now: number,
): readonly ConversationGroup[] {
  const groups = new Map<
    string,
    { kind: ConversationGroup['kind']; items: ConversationSummary[] }
  >();
  const sorted = [...list].sort((a, b) => b.updatedAt - a.updatedAt);
  for (const item of [...sorted.filter((i) => i.pinned), ...sorted.filter((i) => !i.pinned)]) {
    const kind = item.pinned ? 'pinned' : kindOf(daysAgo(item.updatedAt, now));
    const date = new Date(item.updatedAt);
    const key = kind === 'month' ? `${date.getFullYear()}-${date.getMonth()}` : kind;
    const group = groups.get(key) ?? { kind, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups].map(([key, { kind, items }]) => ({
    key,
    kind,
    at: items[0]?.updatedAt ?? now,
    items,
  }));
}

function kindOf(ago: number): ConversationGroup['kind'] {
  if (ago <= 0) return 'today';
  if (ago === 1) return 'yesterday';
  return ago <= 7 ? 'week' : 'month';
}
