import { defineConfig } from '@playwright/test';

// The packaged app, one at a time: two apps with a model each would fight for the cores.
export default defineConfig({
  testDir: 'test/e2e',
  outputDir: '.cache/playwright',
  globalSetup: './test/support/temporary.ts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] === 'true',
  retries: 0,
  timeout: 180_000,
  expect: { timeout: 30_000 },
});
