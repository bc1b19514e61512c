/** @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Counts */

/** @type {Counts} */
export const noCounts = { passed: 0, failed: 0, skipped: 0 };

/** @param {Counts} a @param {Counts} b @returns {Counts} */
export function sum(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/** @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Counts of Vitest's JSON report. A file that could not even be loaded holds no test, and an error
 * outside every test fails none: each counts as one failure all the same.
 * @param {any} report @param {number} status of the process @returns {Counts}
 */
export function vitestCounts(report, status) {
  if (report === undefined) return { ...noCounts, failed: 1 };
  const broken = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === 'failed' &&
      !file.assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  ).length;
  return orStatus(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken,
      skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    },
    status,
  );
}

/**
 * Counts of Playwright's JSON report. A test that passed only on a second try is no pass.
 * @param {any} report @param {number} status of the process @returns {Counts}
 */
export function playwrightCounts(report, status) {
  if (report === undefined) return { ...noCounts, failed: 1 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return orStatus(
    { passed: expected, failed: unexpected + flaky + report.errors.length, skipped },
    status,
  );
}

/** @param {Counts} counts @param {number} status @returns {Counts} */
function orStatus(counts, status) {
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
