// npm run package [-- --release]: the unpacked app in dist/, and a tar.gz of it on Linux.
// QUARRY_TEST_BUILD=1 leaves the inspector on (Playwright needs it) and makes no archive.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';
import { build } from './build.mjs';
import { cache, root } from './setup/paths.mjs';
import { SetupError, giveUp, say } from './setup/say.mjs';
import { findProgram } from './setup/system.mjs';
import { runTool } from './setup/tools.mjs';

/**
 * @param {import('./bootstrap.mjs').Ready} ready
 * @param {{ testBuild: boolean, release: boolean, archive: boolean }} options
 */
export async function packageApp(ready, { testBuild, release, archive }) {
  const runtime = JSON.parse(readFileSync(join(cache, 'electron.json'), 'utf8'));
  if (release && testBuild) {
    throw new SetupError('a release build cannot be a test build', 'unset QUARRY_TEST_BUILD');
  }
  if (release && (!runtime.official || runtime.version !== runtime.wanted)) {
    throw new SetupError(
      `a release ships Electron ${runtime.wanted}, here is only the stand-in ${runtime.version}`,
      'delete .cache/electron and run on a machine that reaches github.com',
    );
  }
  if (!runtime.official) {
    say(
      `this build is for tests only: it carries Electron ${runtime.version}, not ${runtime.wanted}`,
    );
  }
  if (testBuild) say('test build: the inspector stays on (never give it to anyone)');
  await build(ready, { ifNewer: true });
  const kind = testBuild ? 'test' : release ? 'release' : 'local';
  const status = await runTool(ready, 'build/electron-builder.mjs', [], {
    stdio: ['ignore', 2, 2],
    env: {
      QUARRY_BUILD_KIND: kind,
      QUARRY_BUILD_ARCHIVE: archive ? '1' : '',
      // electron-builder's own choice is 9, which takes minutes longer.
      ELECTRON_BUILDER_COMPRESSION_LEVEL: release ? '5' : '1',
      ...sevenZip(),
    },
  });
  if (status !== 0)
    throw new SetupError(`electron-builder ended with ${status}`, 'see its message');
}

/** electron-builder would fetch its own 7za; the system's does the same. @returns {Record<string, string>} */
function sevenZip() {
  if (process.env['ELECTRON_BUILDER_7ZIP_PATH'] !== undefined) return {};
  const found = findProgram('7za') ?? findProgram('7zz');
  return found === undefined ? {} : { ELECTRON_BUILDER_7ZIP_PATH: found };
}

/** Path of the packaged executable on this system. */
export function packagedExecutable() {
  const candidates = {
    linux: ['linux-unpacked/quarry', 'linux-arm64-unpacked/quarry'],
    darwin: ['mac/Quarry.app/Contents/MacOS/Quarry', 'mac-arm64/Quarry.app/Contents/MacOS/Quarry'],
    win32: ['win-unpacked/Quarry.exe', 'win-arm64-unpacked/Quarry.exe'],
  }[/** @type {'linux' | 'darwin' | 'win32'} */ (process.platform)];
  const found = candidates.map((path) => join(root, 'dist', path)).find((path) => existsSync(path));
  if (found === undefined) throw new SetupError('no packaged app in dist/', 'npm run package');
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const testBuild = process.env['QUARRY_TEST_BUILD'] === '1';
    await packageApp(await bootstrap(), {
      testBuild,
      release: process.argv.includes('--release'),
      archive: !testBuild && process.platform === 'linux',
    });
    say(`packaged: ${packagedExecutable()}`);
  } catch (error) {
    giveUp(error);
  }
}
