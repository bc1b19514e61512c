// node build/run.mjs <tool | file.ts> [args]: sets up, then runs it on Node 24. Playwright and the
// scripts under test/ get a display where there is none, but for those that only write files.
import { bootstrap } from './bootstrap.mjs';
import { withDisplay } from './setup/display.mjs';
import { giveUp } from './setup/say.mjs';
import { runTool } from './setup/tools.mjs';

const [what, ...args] = process.argv.slice(2);
if (what === undefined) {
  process.stderr.write('usage: node build/run.mjs <tool | file.ts> [arguments]\n');
  process.exit(2);
}
try {
  const ready = await bootstrap();
  const isScript = what.startsWith('test/') && !what.startsWith('test/shapes/');
  const needsDisplay = what === 'playwright' || isScript;
  process.exitCode = needsDisplay
    ? await withDisplay((env) => runTool(ready, what, args, { env }))
    : await runTool(ready, what, args);
} catch (error) {
  giveUp(error);
}
