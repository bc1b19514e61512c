// npm start: sets up, builds what is newer than its output, opens the app. Where nobody could see a
// window, the same app under a virtual display performs the guided demo.
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { hasDisplay, withDisplay } from './setup/display.mjs';
import { root } from './setup/paths.mjs';
import { giveUp, say } from './setup/say.mjs';
import { runThrough } from './setup/spawn.mjs';
import { needsNoSandbox } from './setup/system.mjs';
import { runTool } from './setup/tools.mjs';

const args = process.argv.slice(2);
try {
  const ready = await bootstrap();
  await build(ready, { ifNewer: true });
  // Unpackaged, the app takes the Node that bootstrap found.
  const node = { QUARRY_NODE: ready.node };
  if (hasDisplay() && !args.includes('--demo')) {
    const sandbox = needsNoSandbox() ? ['--no-sandbox'] : [];
    process.exitCode = await runThrough(ready.electron, [root, ...sandbox, ...args], {
      cwd: root,
      env: { ...ready.env, ...node },
    });
  } else {
    say('no display here: the guided demo runs under a virtual one');
    process.exitCode = await withDisplay((env) =>
      runTool(ready, 'test/e2e/demo.ts', [], { env: { ...env, ...node } }),
    );
  }
} catch (error) {
  giveUp(error);
}
