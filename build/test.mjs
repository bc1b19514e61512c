// npm test: sets up, builds, runs the unit, integration and model tests (Vitest), packages a test
// build and drives it end to end (Playwright). Last line: "N passed, N failed[, N skipped]".
// --unit or --e2e runs that half only.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { packageApp, packagedExecutable } from './package.mjs';
import { withDisplay } from './setup/display.mjs';
import { offlinePrefix } from './setup/offline.mjs';
import { cache } from './setup/paths.mjs';
import { giveUp, say } from './setup/say.mjs';
import { lackingCompiler, provide } from './setup/system.mjs';
import { runTool } from './setup/tools.mjs';
import { noCounts, playwrightCounts, sum, summary, vitestCounts } from './test-counts.mjs';

const args = process.argv.slice(2);
const unknown = args.find((argument) => !['--unit', '--e2e'].includes(argument));
if (unknown !== undefined) {
  process.stderr.write(`npm test knows --unit and --e2e, not ${unknown}\n`);
  process.exit(2);
}
const all = args.length === 0;
const reports = join(cache, 'reports');

try {
  const ready = await bootstrap();
  if (all || args.includes('--unit')) provide(lackingCompiler());
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  let counts = noCounts;
  // Some tests behind the window start CORE and ENGINE as they are built.
  await build(ready, { ifNewer: true });
  if (all || args.includes('--unit')) counts = sum(counts, await vitest(ready));
  if (all || args.includes('--e2e')) counts = sum(counts, await playwright(ready));
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
  process.stdout.write(`\n${summary(counts)}\n`);
} catch (error) {
  giveUp(error);
}

/** @param {import('./bootstrap.mjs').Ready} ready */
async function vitest(ready) {
  say('unit, integration and model tests (vitest)');
  const file = join(reports, 'vitest.json');
  const status = await runTool(ready, 'vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  return vitestCounts(report(file), status);
}

/** @param {import('./bootstrap.mjs').Ready} ready */
async function playwright(ready) {
  say('packaging the test build');
  await packageApp(ready, { testBuild: true, release: false, archive: false });
  say('end-to-end tests on the packaged app (playwright)');
  const file = join(reports, 'playwright.json');
  const prefix = offlinePrefix();
  say(prefix === undefined ? 'no network namespace here' : 'the network is cut off and watched');
  const status = await withDisplay((display) =>
    runTool(ready, 'playwright', ['test', '--reporter=list,json'], {
      prefix,
      env: {
        ...display,
        ...(prefix === undefined ? {} : { QUARRY_OFFLINE: '1' }),
        PLAYWRIGHT_JSON_OUTPUT_NAME: file,
        QUARRY_PACKAGED: packagedExecutable(),
      },
    }),
  );
  return playwrightCounts(report(file), status);
}

/** @param {string} file @returns {any} undefined where the tool died before it wrote one */
function report(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
