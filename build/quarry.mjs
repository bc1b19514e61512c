// npm run -s quarry -- …: the command line, on Node 24. Only what it needs is set up, and stdout
// stays its own.
import { bootstrap } from './bootstrap.mjs';
import { giveUp } from './setup/say.mjs';
import { runThrough } from './setup/spawn.mjs';
import { root } from './setup/paths.mjs';
import { join } from 'node:path';

try {
  const ready = await bootstrap({ electron: false });
  const cli = join(root, 'electron/core/cli.ts');
  process.exitCode = await runThrough(ready.node, [cli, ...process.argv.slice(2)], {
    // Paths in the arguments are meant from where the person stands.
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
    env: ready.env,
  });
} catch (error) {
  giveUp(error);
}
