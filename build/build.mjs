// Sources to out/: MAIN, preload and renderer by electron-vite; CORE, ENGINE and the document parser
// each as one file of its own, because they are processes and threads that are started by path.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { root } from './setup/paths.mjs';
import { SetupError, giveUp, say } from './setup/say.mjs';
import { runTool } from './setup/tools.mjs';

/**
 * Builds everything; with `ifNewer` only when a source is newer than what was built.
 * @param {import('./bootstrap.mjs').Ready} ready @param {{ ifNewer?: boolean }} [options]
 */
export async function build(ready, options = {}) {
  if (options.ifNewer === true && isBuilt()) return;
  say('building (electron-vite, then CORE and ENGINE)');
  const quiet = ['--logLevel', 'warn'];
  for (const [tool, args] of /** @type {const} */ ([
    ['electron-vite', ['build', ...quiet]],
    ['build/bundle.mjs', []],
  ])) {
    const status = await runTool(ready, tool, [...args], { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new SetupError(`${tool} ended with ${status}`, 'see its message above');
  }
}

function isBuilt() {
  const outputs = [
    'out/main/index.js',
    'out/preload/index.cjs',
    'out/renderer/index.html',
    'out/core/process.js',
    'out/core/cli.js',
    'out/engine/process.js',
    'out/engine/embedder-process.js',
    'out/engine/measure-process.js',
    'out/documents/parser.js',
    'out/storage/write-back.js',
  ];
  let oldest = Infinity;
  for (const output of outputs) {
    const stats = statSync(join(root, output), { throwIfNoEntry: false });
    if (stats === undefined) return false;
    oldest = Math.min(oldest, stats.mtimeMs);
  }
  const sources = ['electron', 'native', 'renderer', 'build'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))),
  );
  const configs = ['package-lock.json', 'electron.vite.config.ts', 'tsconfig.base.json'];
  return [...sources, ...configs].every((file) => statSync(join(root, file)).mtimeMs < oldest);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build(await bootstrap());
  } catch (error) {
    giveUp(error);
  }
}
