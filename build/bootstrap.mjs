// Everything a fresh clone lacks, with only Node >= 20.19 and npm there. Quick when nothing is missing.
// Runs on Node 20.19, before anything is installed: plain JavaScript, no dependencies.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies, lockHash } from './setup/dependencies.mjs';
import { ensureNode24 } from './setup/node24.mjs';
import { cache, here, modules, root } from './setup/paths.mjs';
import { SetupError, giveUp, say } from './setup/say.mjs';
import { runThrough } from './setup/spawn.mjs';
import { findProgram, lacking, provide } from './setup/system.mjs';

/**
 * @typedef {object} Ready
 * @property {string} node path of the Node 24 binary
 * @property {string} electron path of Electron’s executable; empty when not asked for
 * @property {Record<string, string>} env environment for tools: Node 24 first on PATH
 */

const stampFile = join(cache, 'bootstrap.json');

/**
 * @param {{ electron?: boolean }} [need] `electron: false` leaves out the window’s runtime and its
 * system libraries (the command line needs neither)
 * @returns {Promise<Ready>}
 */
export async function bootstrap(need = {}) {
  const electron = need.electron ?? true;
  checkNode();
  mkdirSync(cache, { recursive: true });
  const lock = `${lockHash()} ${setupHash()}`;
  const known = readStamp(lock);
  if (known !== undefined && (!electron || known.electron !== '')) {
    return ready(known.node, known.electron);
  }
  await ensureDependencies();
  const { node } = await ensureNode24();
  const path = electron ? await ensureElectron(node) : '';
  if (electron) provide(lacking(path));
  writeFileSync(stampFile, `${JSON.stringify({ lock, here, node, electron: path }, null, 2)}\n`);
  return ready(node, path);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old`,
    'install Node 20.19 or newer from nodejs.org and run the command again',
  );
}

/** Set-up that learned to bring something new looks again on a machine that it has already set up. */
function setupHash() {
  const hash = createHash('sha256');
  const folder = join(root, 'build/setup');
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

/** What an earlier run left, if it still holds. @param {string} lock */
function readStamp(lock) {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    if (stamp.lock !== lock || stamp.here !== here || !existsSync(stamp.node)) return undefined;
    if (!existsSync(join(modules, '.package-lock.json'))) return undefined;
    if (stamp.electron !== '') {
      if (!existsSync(stamp.electron) || !existsSync(join(cache, 'electron.json')))
        return undefined;
      if (process.platform === 'linux' && findProgram('Xvfb') === undefined) return undefined;
    }
    return /** @type {{ node: string, electron: string }} */ (stamp);
  } catch {
    return undefined;
  }
}

/** @param {string} node */
async function ensureElectron(node) {
  const script = fileURLToPath(new URL('./setup/electron.mjs', import.meta.url));
  const status = await runThrough(node, [script], { cwd: root, stdio: ['ignore', 2, 2] });
  // The child has printed what failed and the way out.
  if (status !== 0) process.exit(1);
  return String(JSON.parse(readFileSync(join(cache, 'electron.json'), 'utf8')).executable);
}

/** @param {string} node @param {string} electron @returns {Ready} */
function ready(node, electron) {
  const path = [dirname(node), join(modules, '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  return { node, electron, env: { .../** @type {any} */ (process.env), PATH: path } };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  try {
    await bootstrap();
    say(`ready (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    giveUp(error);
  }
}
