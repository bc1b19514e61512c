import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, root } from './paths.mjs';
import { SetupError, say } from './say.mjs';
import { runThrough } from './spawn.mjs';

/** Content hash of the lock file: what the stamp is compared with. */
export function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** Installs what package-lock.json names, unless node_modules already is exactly that. */
export async function ensureDependencies() {
  if (installedAsLocked()) return;
  say('installing npm packages as locked (a few minutes the first time)');
  const npm = npmCommand();
  const quiet = ['--loglevel=error', '--progress=false'];
  // Not `npm ci`: it refuses a lock file without the optional packages of other systems, and a
  // registry copy that lacks those makes npm write just such a one. `--no-save` keeps to the lock too.
  // Install scripts stay off: nothing we use needs one, bootstrap fetches the two runtimes itself.
  const status = await runThrough(
    npm.command,
    [...npm.args, 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', ...quiet],
    { cwd: root, stdio: ['ignore', 2, 2], shell: npm.shell },
  );
  if (status !== 0) {
    throw new SetupError(
      `npm install ended with status ${status}`,
      'see npm’s own message above. Without a connection to the npm registry set-up cannot go on; if node_modules is half written, delete it and run the command again',
    );
  }
}

function installedAsLocked() {
  const hidden = join(modules, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  /** @type {Record<string, { version?: string, optional?: boolean }>} */
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  /** @type {Record<string, { version?: string }>} */
  const got = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const installed = got[path];
    if (installed === undefined) return entry.optional === true;
    return installed.version === entry.version && existsSync(join(root, path));
  });
}

/** The npm that started us, else the one on PATH. */
export function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script?.endsWith('.js') && existsSync(script)) {
    return { command: process.execPath, args: [script], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}
