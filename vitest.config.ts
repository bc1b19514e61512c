import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Three projects: Node for everything behind the window, jsdom for the renderer, and the tests that
// load the miniature through llama.cpp, which run one file at a time (engine.md §6, threads).
export default defineConfig({
  test: {
    globalSetup: './test/support/temporary.ts',
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'electron/**/*.test.ts',
            'native/**/*.test.ts',
            'build/**/*.test.ts',
            'test/{contract,integration,migrations,architecture,support,shapes}/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'renderer',
          environment: 'jsdom',
          include: ['renderer/src/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'model',
          environment: 'node',
          include: ['test/model/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
