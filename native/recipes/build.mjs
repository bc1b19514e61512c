// node native/recipes/build.mjs RECIPE [--profile DIR] [--jobs N] [--check]
// Builds a module of ggml from the very source that the binding's binaries were built from: the git
// bundle inside node-llama-cpp, with the binding's patches. README.md beside this file says what for.
// Exit status: 0 built (or was), 1 it did not work, 2 not understood, 3 something to install first.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cache, modules } from '../../build/setup/paths.mjs';
import { runQuiet, runThrough } from '../../build/setup/spawn.mjs';
import { findProgram } from '../../build/setup/system.mjs';
import { recipes } from './recipes.mjs';

const out = join(cache, 'recipes');
const llama = join(modules, 'node-llama-cpp/llama');
const system = `${process.platform}-${process.arch}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string' },
    jobs: { type: 'string', default: String(Math.max(1, cpus().length)) },
    check: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const recipe = Object.hasOwn(recipes, name) ? recipes[name] : undefined;
if (recipe === undefined || positionals.length !== 1) {
  say('node native/recipes/build.mjs RECIPE [--profile DIR] [--jobs N] [--check]');
  for (const [id, { about }] of Object.entries(recipes)) say(`  ${id.padEnd(8)} ${about}`);
  process.exit(2);
}
process.exitCode = await main(name, recipe);

/** @param {string} id @param {import('./recipes.mjs').Recipe} wanted */
async function main(id, wanted) {
  const release = JSON.parse(
    readFileSync(join(llama, 'binariesGithubRelease.json'), 'utf8'),
  ).release;
  const lacks = needsOf(wanted).filter((need) => !need.isThere);
  if (!wanted.systems.includes(system)) {
    lacks.push({
      name: `one of ${wanted.systems.join(', ')}`,
      isThere: false,
      way: `this is ${system}`,
    });
  }
  if (lacks.length > 0) {
    for (const lack of lacks) say(`missing: ${lack.name}. ${lack.way}`);
    return 3;
  }
  if (values.check) {
    say(`${id}: everything is there to build it for llama.cpp ${release}`);
    return 0;
  }
  const folder = join(out, id);
  const inputs = inputsOf(wanted, release);
  if (isBuilt(folder, inputs)) say(`${id}: was built before from the same source (${folder})`);
  else {
    const status = await build(id, wanted, release, inputs, folder);
    if (status !== 0) return status;
  }
  if (values.profile !== undefined) install(folder, join(resolve(values.profile), 'backends', id));
  return 0;
}

/** @param {import('./recipes.mjs').Recipe} wanted */
function needsOf(wanted) {
  const has = (/** @type {string[]} */ ...programs) =>
    programs.some((program) => findProgram(program) !== undefined);
  const apt = 'apt-get install -y --no-install-recommends git cmake ninja-build g++';
  return [
    { name: 'git', isThere: has('git'), way: apt },
    { name: 'cmake', isThere: has('cmake'), way: apt },
    { name: 'ninja or make', isThere: has('ninja', 'make'), way: apt },
    { name: 'a C++ compiler', isThere: has('c++', 'g++', 'clang++'), way: apt },
    ...wanted.needs(),
  ];
}

/**
 * Everything that decides the result, as a hash: an equal one need not be built again.
 * @param {import('./recipes.mjs').Recipe} wanted @param {string} release
 */
function inputsOf(wanted, release) {
  const compiler = runQuiet('c++', ['--version']).stdout.split('\n')[0];
  const parts = [release, system, compiler, cpus()[0]?.model, wanted.target, ...wanted.options()];
  const hash = createHash('sha256').update(JSON.stringify(parts));
  for (const patch of patches()) hash.update(readFileSync(patch));
  return hash.digest('hex');
}

/** @param {string} folder @param {string} inputs */
function isBuilt(folder, inputs) {
  try {
    const kept = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    return kept.inputs === inputs && hashOf(join(folder, kept.file)) === kept.sha256;
  } catch {
    return false;
  }
}

/**
 * @param {string} id @param {import('./recipes.mjs').Recipe} wanted @param {string} release
 * @param {string} inputs @param {string} folder
 */
async function build(id, wanted, release, inputs, folder) {
  const begun = performance.now();
  const source = await sourceOf(release);
  if (source === null) return 1;
  const work = join(out, `build-${id}`);
  rmSync(work, { recursive: true, force: true });
  const generator = findProgram('ninja') === undefined ? [] : ['-G', 'Ninja'];
  const configured = await runThrough(
    'cmake',
    [
      ...['-S', join(source, 'ggml'), '-B', work, ...generator],
      // As the binding's own binaries are built; a module links the library by its plain name.
      ...['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_SHARED_LIBS=ON', '-DGGML_BACKEND_DL=ON'],
      ...['-DGGML_NATIVE=OFF', '-DGGML_OPENMP=OFF', '-DGGML_LLAMAFILE=ON', '-DGGML_CCACHE=OFF'],
      ...['-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON', '-DGGML_BUILD_TESTS=OFF'],
      ...['-DGGML_BUILD_EXAMPLES=OFF', '-DCMAKE_SKIP_RPATH=ON'],
      ...wanted.options(),
    ],
    { stdio: ['ignore', 2, 2] },
  );
  if (configured !== 0) return 1;
  const jobs = String(Math.max(1, Number(values.jobs) || 1));
  const built = await runThrough(
    'cmake',
    ['--build', work, '--target', wanted.target, '-j', jobs],
    {
      stdio: ['ignore', 2, 2],
    },
  );
  if (built !== 0) return 1;

  const file = `${process.platform === 'win32' ? '' : 'lib'}${wanted.module}${process.platform === 'win32' ? '.dll' : '.so'}`;
  const files = listFiles(work);
  const made = files.find((path) => path.endsWith(`/${file}`) || path.endsWith(`\\${file}`));
  if (made === undefined) {
    say(`the build ended well and there is no ${file}`);
    return 1;
  }
  const fresh = `${folder}.part`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  copyFileSync(made, join(fresh, file));
  /** @type {Record<string, string>} */
  const beside = {};
  for (const path of files) {
    const base = path.split(/[\\/]/).at(-1) ?? '';
    if (wanted.beside?.test(base) !== true) continue;
    copyFileSync(path, join(fresh, base));
    beside[base] = hashOf(join(fresh, base));
  }
  const manifest = {
    recipe: id,
    release,
    commit: runQuiet('git', ['-C', source, 'rev-parse', 'HEAD']).stdout.trim(),
    interface: interfaceOf(source),
    platform: process.platform,
    arch: process.arch,
    ...{ file, sha256: hashOf(join(fresh, file)), beside },
    denseOnly: wanted.denseOnly,
    replacesProcessor: wanted.replacesProcessor,
    inputs,
  };
  writeFileSync(join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  rmSync(work, { recursive: true, force: true });
  say(
    `${id}: ${join(folder, file)} for llama.cpp ${release}, ${Math.round((performance.now() - begun) / 1000)} s`,
  );
  return 0;
}

/** The source of that release with the binding's patches; null where git fails. @param {string} release */
async function sourceOf(release) {
  const source = join(out, `source-${release}`);
  if (existsSync(join(source, '.patched'))) return source;
  rmSync(source, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const bundle = join(llama, 'gitRelease.bundle');
  const git = (/** @type {string[]} */ ...args) =>
    runThrough('git', args, { stdio: ['ignore', 2, 2] });
  const quiet = ['-c', 'advice.detachedHead=false'];
  if ((await git(...quiet, 'clone', '-q', bundle, source)) !== 0) return null;
  for (const patch of patches()) {
    if ((await git('-C', source, 'apply', patch)) !== 0) return null;
  }
  // The bundle leaves it out; ggml's own CMake file wants it for an installation that nobody makes.
  const missing = join(source, 'ggml/ggml.pc.in');
  if (!existsSync(missing)) writeFileSync(missing, '');
  writeFileSync(join(source, '.patched'), '');
  return source;
}

function patches() {
  const folder = join(llama, 'patches');
  return readdirSync(folder)
    .filter((file) => /\.(diff|patch)$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** ggml's number of its interface to modules. @param {string} source */
function interfaceOf(source) {
  const header = readFileSync(join(source, 'ggml/src/ggml-backend-impl.h'), 'utf8');
  return Number(/#define GGML_BACKEND_API_VERSION (\d+)/.exec(header)?.[1]);
}

/** @param {string} from @param {string} to */
function install(from, to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  // The manifest last: without it the folder counts as nothing.
  const files = readdirSync(from).filter((file) => file !== 'manifest.json');
  for (const file of [...files, 'manifest.json']) copyFileSync(join(from, file), join(to, file));
  say(`copied to ${to}; it is tried at the next load, or now: quarry backends --try`);
}

/** @param {string} folder @returns {string[]} */
function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @param {string} path */
function hashOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`[recipe] ${line}\n`);
}
