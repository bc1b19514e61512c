import type { TrialResult, TrialRun } from '../../core/ports.ts';
import type { BackendReason } from '../../ipc/contract/index.ts';

/**
 * How far two backends' shares of the next token may lie apart: half the sum of the differences. Other
 * kernels add in another order and keep halves in between; a driver that computes rubbish is near 1.
 * The largest seen between Vulkan (lavapipe) and the processor: see test/model/backends.test.ts.
 */
export const tolerated = 0.1;

/**
 * Whether a trial went as the processor's did. Steps are compared up to the first one where both are
 * near and another token is barely likelier: what follows it may rightly differ.
 * @returns null = it works.
 */
export function judge(result: TrialResult, reference: readonly TrialRun[]): BackendReason | null {
  if (!result.ok) return result.reason;
  if (result.runs.length !== reference.length) return 'failed';
  const isSame = result.runs.every((run, index) => agrees(run, reference[index]!));
  return isSame ? null : 'different';
}

function agrees(run: TrialRun, reference: TrialRun): boolean {
  if (run.steps.length !== reference.steps.length || run.steps.length === 0) return false;
  for (const [index, step] of run.steps.entries()) {
    const expected = reference.steps[index]!;
    // Also false for what is no number.
    if (!(distance(step.shares, expected.shares) <= tolerated)) return false;
    if (step.token !== expected.token) return true;
  }
  return true;
}

type Shares = TrialRun['steps'][number]['shares'];

/** Total variation distance of two lists of shares: 0 = the same, 1 = nothing in common. */
export function distance(one: Shares, other: Shares): number {
  const left = new Map(one);
  const right = new Map(other);
  let sum = 0;
  for (const token of new Set([...left.keys(), ...right.keys()])) {
    sum += Math.abs((left.get(token) ?? 0) - (right.get(token) ?? 0));
  }
  return sum / 2;
}
