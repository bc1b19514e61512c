import { describe, expect, it } from 'vitest';
import type { TrialResult, TrialRun } from '../../core/ports.ts';
import { distance, judge } from './judge.ts';

type Step = TrialRun['steps'][number];
const step = (...shares: [number, number][]): Step => ({ token: shares[0]?.[0] ?? 0, shares });
const run = (...steps: Step[]): TrialRun => ({ steps });
const works = (...runs: TrialRun[]): TrialResult => ({
  ok: true,
  devices: ['Card'],
  total: 1,
  free: 1,
  runs,
});

const reference = [run(step([5, 0.9], [6, 0.1]), step([7, 0.51], [8, 0.49]), step([9, 1]))];

describe('the answers of a backend against those of the processor', () => {
  it('are taken where they are the same, and where only rounding differs', () => {
    expect(judge(works(...reference), reference)).toBeNull();
    const near = run(step([5, 0.88], [6, 0.12]), step([7, 0.5], [8, 0.5]), step([9, 1]));
    expect(judge(works(near), reference)).toBeNull();
  });

  it('may part where two tokens are as likely: what follows is not compared', () => {
    const parted = run(step([5, 0.9], [6, 0.1]), step([8, 0.52], [7, 0.48]), step([3, 1]));
    expect(judge(works(parted), reference)).toBeNull();
  });

  it('are refused where a driver computes rubbish, at any step, and where it gives no numbers', () => {
    const rubbish = run(step([1, 0.01], [2, 0.01]), ...reference[0]!.steps.slice(1));
    expect(judge(works(rubbish), reference)).toBe('different');
    const later = run(...reference[0]!.steps.slice(0, 2), step([4, 1]));
    expect(judge(works(later), reference)).toBe('different');
    const none = run(step([5, Number.NaN]), ...reference[0]!.steps.slice(1));
    expect(judge(works(none), reference)).toBe('different');
  });

  it('are refused where they end early or a model is missing', () => {
    expect(judge(works(run()), reference)).toBe('different');
    expect(judge(works(run(reference[0]!.steps[0]!)), reference)).toBe('different');
    expect(judge(works(), reference)).toBe('failed');
  });

  it('pass a failed trial on', () => {
    expect(judge({ ok: false, reason: 'crashed' }, reference)).toBe('crashed');
  });

  it('lie 0 to 1 apart', () => {
    expect(distance([[1, 1]], [[1, 1]])).toBe(0);
    expect(distance([[1, 1]], [[2, 1]])).toBe(1);
    expect(distance([[1, 0.75], [2, 0.25]], [[1, 0.5], [2, 0.5]])).toBeCloseTo(0.25); // prettier-ignore
  });
});
