// npm run check [types lint unused links catalog format]: everything that needs no test run. All of it is
// done even when one part fails; the last line says which parts did.
import { bootstrap } from './bootstrap.mjs';
import { deadLinks } from './links.mjs';
import { root } from './setup/paths.mjs';
import { giveUp, say } from './setup/say.mjs';
import { runTool } from './setup/tools.mjs';

/** @type {Record<string, (ready: import('./bootstrap.mjs').Ready) => Promise<boolean>>} */
const parts = {
  types: async (ready) => {
    const tsc = await runTool(ready, 'tsc', ['--build']);
    const svelte = await runTool(ready, 'svelte-check', [
      '--tsconfig',
      'tsconfig.renderer.json',
      '--fail-on-warnings',
    ]);
    return tsc === 0 && svelte === 0;
  },
  lint: async (ready) => (await runTool(ready, 'eslint', ['.', '--max-warnings=0'])) === 0,
  unused: async (ready) => (await runTool(ready, 'knip', [])) === 0,
  links: async () => {
    const dead = deadLinks(root);
    for (const { file, line, target, why } of dead) {
      process.stdout.write(`${file}:${line}  ${target}  ${why}\n`);
    }
    return dead.length === 0;
  },
  catalog: async (ready) => (await runTool(ready, 'build/catalog.mjs', ['--check'])) === 0,
  format: async (ready) =>
    (await runTool(ready, 'prettier', ['--check', '--log-level=warn', '.'])) === 0,
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => parts[name] === undefined);
if (unknown !== undefined) {
  process.stderr.write(`check knows ${Object.keys(parts).join(', ')}, not ${unknown}\n`);
  process.exit(2);
}
try {
  const ready = await bootstrap();
  const failed = [];
  for (const name of asked.length > 0 ? asked : Object.keys(parts)) {
    const started = performance.now();
    say(`check: ${name}`);
    const good = (await parts[name]?.(ready)) ?? false;
    say(
      `check: ${name} ${good ? 'ok' : 'FAILED'} (${Math.round((performance.now() - started) / 1000)} s)`,
    );
    if (!good) failed.push(name);
  }
  process.stdout.write(
    failed.length === 0 ? 'checks ok\n' : `checks failed: ${failed.join(', ')}\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  giveUp(error);
}
