import { describe, expect, it } from 'vitest';
import { noCounts, playwrightCounts, sum, summary, vitestCounts } from './test-counts.mjs';

const vitest = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
};
const playwright = { stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 2 }, errors: [] };

describe('counts of a test run', () => {
  it('come from the report', () => {
    expect(vitestCounts(vitest, 0)).toEqual({ passed: 5, failed: 0, skipped: 1 });
    expect(playwrightCounts(playwright, 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
  });

  it('hold a failure where there is no report', () => {
    expect(vitestCounts(undefined, 0).failed).toBe(1);
    expect(playwrightCounts(undefined, 0).failed).toBe(1);
  });

  it('hold a failure for a file that could not be loaded', () => {
    const testResults = [...vitest.testResults, { status: 'failed', assertionResults: [] }];
    expect(vitestCounts({ ...vitest, testResults }, 1).failed).toBe(1);
  });

  it('count a failed test once, not also its file', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
    expect(vitestCounts({ ...vitest, numFailedTests: 1, testResults }, 1).failed).toBe(1);
  });

  it('hold a failure where only the exit status tells of one', () => {
    expect(vitestCounts(vitest, 1).failed).toBe(1);
    expect(playwrightCounts(playwright, 1).failed).toBe(1);
  });

  it('take a test that passed on a second try for a failure', () => {
    const stats = { ...playwright.stats, flaky: 1 };
    expect(playwrightCounts({ stats, errors: [] }, 0).failed).toBe(1);
  });

  it('add up to the last line', () => {
    const total = sum(vitestCounts(vitest, 0), playwrightCounts(playwright, 0));
    expect(summary(total)).toBe('8 passed, 0 failed, 3 skipped');
    expect(summary(sum(noCounts, { passed: 1, failed: 2, skipped: 0 }))).toBe('1 passed, 2 failed');
  });
});
