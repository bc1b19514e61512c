import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say } from './say.mjs';
import { runQuiet } from './spawn.mjs';

// Debian’s and Ubuntu’s names; a second name is the same library after the 64-bit time change.
const libraries = [
  ['libgtk-3-0', 'libgtk-3-0t64'],
  ['libnss3'],
  ['libgbm1'],
  ['libasound2', 'libasound2t64'],
  ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'],
  ['libcups2', 'libcups2t64'],
  ['libdrm2'],
  ['libxss1'],
  ['libxkbcommon0'],
  ['libsecret-1-0'],
];
const display = [['xvfb'], ['fonts-dejavu-core']];
const hangul = [['fonts-nanum']];
const archiver = [['p7zip-full', '7zip']];

/** @typedef {{ missing: string[][], why: string[] }} Lack */

/**
 * What Linux lacks to run and test Electron; nothing elsewhere.
 * @param {string} electron path of the executable @returns {Lack}
 */
export function lacking(electron) {
  /** @type {Lack} */
  const lack = { missing: [], why: [] };
  if (process.platform !== 'linux') return lack;
  const unresolved = missingLibraries(electron);
  if (unresolved.length > 0) {
    lack.missing.push(...libraries);
    lack.why.push(`Electron needs ${unresolved.join(', ')}`);
  }
  if (findProgram('Xvfb') === undefined) {
    lack.missing.push(...display);
    lack.why.push('Xvfb, a virtual display for tests and the demo');
  }
  if (!hasFont(/nanum|noto.*cjk|unfonts|baekmuk/i)) {
    lack.missing.push(...hangul);
    lack.why.push('a font with Korean letters');
  }
  if (findProgram('7za') === undefined && findProgram('7zz') === undefined) {
    lack.missing.push(...archiver);
    lack.why.push('7za, for the tar.gz of npm run package');
  }
  if (findProgram('git') === undefined) {
    lack.missing.push(['git']);
    lack.why.push('git, which tells the checks what belongs to the repository');
  }
  if (process.getuid?.() === 0 && findProgram('ip') === undefined) {
    lack.missing.push(['iproute2']);
    lack.why.push('ip, to cut the network off from the end-to-end tests');
  }
  return lack;
}

/** What building a backend by its recipe lacks (native/recipes); only tests do it. @returns {Lack} */
export function lackingCompiler() {
  const programs = [['cmake'], ['ninja', 'make'], ['c++', 'g++', 'clang++']];
  const isWhole = programs.every((names) => names.some((name) => findProgram(name) !== undefined));
  if (process.platform !== 'linux' || isWhole) return { missing: [], why: [] };
  return {
    missing: [['cmake'], ['ninja-build'], ['g++']],
    why: ['cmake, ninja and a C++ compiler, for the test of a recipe (skipped without them)'],
  };
}

/**
 * Installs what is missing where we may (root on Debian or Ubuntu), else says the one command.
 * Goes on either way: what was missing is named when it is needed.
 * @param {Lack} lack
 */
export function provide(lack) {
  if (lack.missing.length === 0) return;
  say(`missing on this system: ${lack.why.join('; ')}`);
  if (!existsSync('/usr/bin/apt-get')) {
    say(`install with your system’s package manager: ${lack.missing.map((n) => n[0]).join(' ')}`);
    return;
  }
  const root = process.getuid?.() === 0;
  if (root) {
    say('installing them with apt-get (a minute or two)');
    apt(['update', '-qq']);
  }
  const names = lack.missing.map(available);
  if (!root) {
    say(`run once: sudo apt-get install -y --no-install-recommends ${names.join(' ')}`);
    return;
  }
  const done = apt(['install', '-y', '-qq', '--no-install-recommends', ...names]);
  if (!done.ok) {
    say(`apt-get failed: ${done.stderr.trim().split('\n').slice(-3).join(' / ')}`);
    say(`way out: apt-get install -y --no-install-recommends ${names.join(' ')}`);
  }
}

/** @param {string[]} args */
function apt(args) {
  return runQuiet('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 10 * 60_000,
  });
}

/** The first of the names that this release has. @param {string[]} names */
function available(names) {
  const known = names.find((name) => {
    const policy = runQuiet('apt-cache', ['policy', name], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return /Candidate: (?!\(none\))/.test(policy.stdout);
  });
  return known ?? names[0] ?? '';
}

/** @param {string} electron */
function missingLibraries(electron) {
  const listed = runQuiet('ldd', [electron]);
  return [...listed.stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '');
}

/** Absolute path of a program on PATH. @param {string} name */
export function findProgram(name) {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/bin',
    '/usr/local/bin',
    '/usr/sbin',
    '/sbin',
  ];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** @param {RegExp} pattern */
function hasFont(pattern) {
  const fonts = '/usr/share/fonts';
  if (!existsSync(fonts)) return false;
  return readdirSync(fonts, { recursive: true }).some((name) => pattern.test(String(name)));
}

/** True on Linux inside a user namespace or container where Chromium’s sandbox cannot work as root. */
export function needsNoSandbox() {
  if (process.platform !== 'linux') return false;
  if (process.getuid?.() === 0) return true;
  try {
    const path = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
    return readFileSync(path, 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
