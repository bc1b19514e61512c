import { describe, expect, it } from 'vitest';
import { groupByDay } from './groups.ts';

const now = new Date(2026, 10, 22, 15).getTime();
const item = (id: string, at: Date, pinned = false) => ({
  id,
  title: id,
  pinned,
  modelId: null,
  createdAt: 0,
  updatedAt: at.getTime(),
  messageCount: 1,
});

describe('groupByDay', () => {
  it('puts pinned first, then days, then months, newest first', () => {
    const groups = groupByDay(
      [
        item('month', new Date(2026, 9, 1)),
        item('today', new Date(2026, 10, 22, 0, 1)),
        item('yesterday', new Date(2026, 10, 21, 23, 59)),
        item('pin', new Date(2025, 0, 1), true),
        item('week', new Date(2026, 10, 16)),
        item('later', new Date(2026, 10, 22, 14)),
      ],
      now,
    );
    expect(groups.map(({ kind, items }) => [kind, items.map(({ id }) => id)])).toEqual([
      ['pinned', ['pin']],
      ['today', ['later', 'today']],
      ['yesterday', ['yesterday']],
      ['week', ['week']],
      ['month', ['month']],
    ]);
  });
});
