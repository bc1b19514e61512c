import { describe, expect, it } from 'vitest';
import { comparison } from '../../samples.fake.ts';
import { findClaim, firstTrue } from './claim.ts';

/** Lines like Micro's and H-Micro's, in megabytes: weights, and what a token takes times conversations. */
const hybrid = (context: number, sessions: number) => 2000 + sessions * (57 + context * 0.008);
const dense = (context: number, sessions: number) => 2100 + sessions * context * 0.08;
const contexts = [4096, 32_768, 131_072];

const compare = (contextSize: number, sessions: number) => {
  const [one, other] = [hybrid(contextSize, sessions), dense(contextSize, sessions)];
  return comparison({
    contextSize,
    sessions,
    contexts,
    oneTotals: contexts.map((context) => hybrid(context, sessions)),
    otherTotals: contexts.map((context) => dense(context, sessions)),
    differencePercent: ((one - other) / other) * 100,
  });
};

describe('“more than 70% less” (granite.md §7.1)', () => {
  it('is shown with the set-up in which it is true, and the short chat in which it is not', async () => {
    const claim = await findClaim(async (args) => compare(args.contextSize, args.sessions), {
      one: { catalogId: 'h' },
      other: { catalogId: 'd' },
      kvType: 'f16',
    });
    expect(claim?.rows.map(({ comparison: found }) => found?.contextSize)).toEqual([
      131_072, 32_768, 32_768,
    ]);
    for (const row of claim?.rows ?? []) {
      expect(row.comparison?.differencePercent).toBeLessThanOrEqual(-70);
      expect(row.comparison?.sessions).toBe(row.sessions);
    }
    expect(claim?.short.differencePercent).toBeGreaterThan(-20);
  });

  it('is true nowhere for two models that take the same', () => {
    const same = compare(4096, 1);
    expect(firstTrue({ ...same, other: same.one })).toBeNull();
    expect(firstTrue({ ...same, other: null })).toBeNull();
  });
});
