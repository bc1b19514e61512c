import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

// Only the window: MAIN, preload, renderer. CORE and ENGINE are bundled by build/bundle.mjs.
// Targets are older than our Electron so that the same output also runs on the stand-in runtime of
// machines that cannot reach Electron's host (build/setup/electron-fallback.mjs).
const root = import.meta.dirname;

export default defineConfig({
  main: {
    build: {
      target: 'node20.18',
      // Nothing from node_modules stands beside MAIN in the package: all of it goes into the bundle.
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve(root, 'electron/main/index.ts') },
        output: { format: 'es', codeSplitting: false },
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve(root, 'electron/preload/index.ts') },
        // A sandboxed preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    publicDir: false,
    plugins: [svelte()],
    build: {
      target: 'chrome130',
      minify: true,
      license: { fileName: 'licences.md' },
      // Read from the disk beside it: one big file more or less costs nothing.
      chunkSizeWarningLimit: 1500,
      rolldownOptions: {
        input: resolve(root, 'renderer/index.html'),
        checks: { bundlerTimings: false },
      },
    },
  },
});
