import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

/** Packets sent through the namespace's only way out, which leads nowhere (build/offline.mjs makes it). */
function sent(): number {
  const row = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .find((line) => line.trim().startsWith('outside0:'));
  if (row === undefined) throw new Error('not in the namespace');
  return Number(row.trim().split(/\s+/)[10]);
}

test('no connection is made that nobody asked for, through the whole suite', () => {
  test.skip(process.env['QUARRY_OFFLINE'] !== '1', 'needs a network namespace (root on Linux)');
  // The suite ran in this namespace before this file (its name sorts last, one worker).
  expect(sent()).toBe(0);
  // And the counter does count: one deliberate attempt is seen.
  try {
    execFileSync(process.execPath, [
      '-e',
      "const s = require('node:net').connect(9, '198.51.100.7'); s.on('error', () => process.exit(0)); setTimeout(() => process.exit(0), 500)",
    ]);
  } catch {
    // Refused or not, it must have been counted.
  }
  expect(sent()).toBeGreaterThan(0);
});
