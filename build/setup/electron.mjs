// Runs on Node 24 (its helpers ask for it): started by bootstrap.mjs as a process of its own.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fallbackElectron } from './electron-fallback.mjs';
import { cache, here, modules } from './paths.mjs';
import { SetupError, giveUp, say } from './say.mjs';
import { runQuiet } from './spawn.mjs';

/**
 * What stands in .cache/electron.json.
 * @typedef {object} ElectronRuntime
 * @property {string} version of the runtime itself
 * @property {string} wanted the version package.json names
 * @property {string} executable
 * @property {string} dist folder for electron-builder’s electronDist
 * @property {boolean} official false = the stand-in for machines that cannot reach Electron’s host
 */

const record = join(cache, 'electron.json');

/** @returns {Promise<ElectronRuntime>} */
async function ensureElectron() {
  const home = join(modules, 'electron');
  const wanted = String(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version);
  const official = officialPath(home, wanted);
  if (official !== undefined) return official;

  const standIn = knownStandIn(wanted);
  if (standIn !== undefined) return standIn;

  const tried = await tryOfficial(home, wanted);
  const installed = officialPath(home, wanted);
  if (installed !== undefined) return installed;

  say(`Electron ${wanted} could not be fetched: ${tried}`);
  if (here !== 'linux-x64') {
    throw new SetupError(
      `no Electron runtime for ${here}`,
      'connect to the internet (github.com) and run the command again, or set ELECTRON_MIRROR to a mirror you trust',
    );
  }
  return { ...(await fallbackElectron()), wanted };
}

/** @param {string} home @param {string} wanted @returns {ElectronRuntime | undefined} */
function officialPath(home, wanted) {
  const dist = join(home, 'dist');
  try {
    const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
    const executable = join(dist, readFileSync(join(home, 'path.txt'), 'utf8'));
    if (version !== wanted || !existsSync(executable)) return undefined;
    return { version, wanted, executable, dist, official: true };
  } catch {
    return undefined;
  }
}

/** A stand-in chosen within the last week is kept without asking the host again. @param {string} wanted @returns {ElectronRuntime | undefined} */
function knownStandIn(wanted) {
  try {
    const outcome = JSON.parse(readFileSync(outcomeFile(wanted), 'utf8'));
    const runtime = JSON.parse(readFileSync(record, 'utf8'));
    const recent = Date.now() - Date.parse(outcome.at) < 7 * 24 * 3600_000;
    return recent && runtime.wanted === wanted && existsSync(runtime.executable)
      ? runtime
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} wanted */
function outcomeFile(wanted) {
  return join(cache, 'electron', wanted, 'official-install.json');
}

/**
 * @param {string} home @param {string} wanted
 * @returns {Promise<string>} why it failed; empty when it did not
 */
async function tryOfficial(home, wanted) {
  const outcome = outcomeFile(wanted);
  const mirrored = ['ELECTRON_MIRROR', 'HTTPS_PROXY', 'https_proxy'].some((n) => process.env[n]);
  if (!mirrored) {
    say(`looking for Electron ${wanted} on its host`);
    const reason = await unreachable(
      `https://github.com/electron/electron/releases/download/v${wanted}/SHASUMS256.txt`,
    );
    if (reason !== undefined) return remember(outcome, reason);
  }
  say(`fetching Electron ${wanted}`);
  const result = runQuiet(process.execPath, [join(home, 'install.js')], {
    cwd: home,
    timeout: 15 * 60_000,
  });
  return remember(outcome, result.ok ? '' : (result.stderr.trim().split('\n')[0] ?? 'unknown'));
}

/** @param {string} url @returns {Promise<string | undefined>} */
async function unreachable(url) {
  try {
    const answer = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(8_000),
    });
    return answer.status < 400 ? undefined : `its host answered ${answer.status}`;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return `its host cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}

/** @param {string} file @param {string} reason */
function remember(file, reason) {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ reason, at: new Date().toISOString() }, null, 2)}\n`);
  return reason;
}

try {
  const runtime = await ensureElectron();
  writeFileSync(record, `${JSON.stringify(runtime, null, 2)}\n`);
  say(`Electron ${runtime.version}${runtime.official ? '' : ' (stand-in, for tests only)'} ready`);
} catch (error) {
  giveUp(error);
}
