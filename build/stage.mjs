// Lays out what a package holds, in folders electron-builder then copies.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { coreEntries, coreExternals } from './core-bundle.mjs';
import { ensureNode24 } from './setup/node24.mjs';
import { exe, modules, root } from './setup/paths.mjs';

/**
 * @typedef {object} Staged
 * @property {string} app what becomes the asar
 * @property {string} core CORE, ENGINE, parser and the packages they keep
 * @property {string} node Node 24 and its licence
 * @property {string} resources the miniature, samples, icons
 */

/** @param {string} folder is emptied first @returns {Promise<Staged>} */
export async function stage(folder) {
  const staged = {
    app: join(folder, 'app'),
    core: join(folder, 'core'),
    node: join(folder, 'node'),
    resources: join(root, 'resources'),
  };
  rmSync(folder, { recursive: true, force: true });
  stageApp(staged.app);
  stageCore(staged.core);
  const { node, licence } = await ensureNode24();
  mkdirSync(staged.node, { recursive: true });
  cpSync(node, join(staged.node, `node${exe}`));
  cpSync(licence, join(staged.node, 'LICENSE'));
  return staged;
}

/** @param {string} folder */
function stageApp(folder) {
  for (const part of ['main', 'preload', 'renderer']) {
    cpSync(join(root, 'out', part), join(folder, 'out', part), { recursive: true });
  }
  const { name, productName, version, description, license, author, main, type } = manifest();
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, productName, version, description, license, author, main, type }),
  );
}

/** @returns {Record<string, unknown>} */
function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** @param {string} folder */
function stageCore(folder) {
  for (const part of new Set(Object.keys(coreEntries).map((name) => dirname(name)))) {
    cpSync(join(root, 'out', part), join(folder, part), { recursive: true });
  }
  // The command line tells its version from here.
  const { name, version, type } = manifest();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, type }));
  for (const path of packagesOf([...coreExternals, ...llamaBinaries()])) {
    copyPackage(path, join(folder, path));
  }
}

/** Prebuilt llama.cpp of this system: without a GPU, and with Vulkan or Metal. CUDA is left out: 540 MB that only help beside an installed CUDA toolkit. */
function llamaBinaries() {
  const platform = { linux: 'linux', darwin: 'mac', win32: 'win' }[
    /** @type {'linux' | 'darwin' | 'win32'} */ (process.platform)
  ];
  const stem = `@node-llama-cpp/${platform}-${process.arch}`;
  return [stem, `${stem}-vulkan`, `${stem}-metal`].filter((name) =>
    existsSync(join(modules, name)),
  );
}

/**
 * The folders of the named packages and of all they depend on, as npm laid them out.
 * @param {string[]} names @returns {ReadonlySet<string>} paths from the repository's root
 */
function packagesOf(names) {
  /** @type {Record<string, { dependencies?: Record<string, string> }>} */
  const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string} path */
  const follow = (path) => {
    if (found.has(path)) return;
    found.add(path);
    for (const name of Object.keys(installed[path]?.dependencies ?? {})) {
      follow(resolvePackage(installed, path, name));
    }
  };
  for (const name of names) follow(resolvePackage(installed, '', name));
  return found;
}

/** @param {Record<string, unknown>} installed @param {string} from @param {string} name @returns {string} */
function resolvePackage(installed, from, name) {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (installed[path] !== undefined) return path;
  if (from === '') throw new Error(`${name} is not installed`);
  return resolvePackage(
    installed,
    from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)),
    name,
  );
}

/** What the running app never reads, by package. Licence files always stay. */
const leftOut = /** @type {Readonly<Record<string, RegExp>>} */ ({
  'node-llama-cpp':
    /^(templates|node_modules|llama\/(gitRelease\.bundle|addon|cmake|patches|profiles|toolchains|xpack|CMakeLists\.txt|\.clang-format))(\/|$)/,
  'better-sqlite3': /^(deps|src|binding\.gyp)(\/|$)/,
  'pdfjs-dist':
    /^(build|types|web|wasm\/(quickjs|qcms)[^/]*|iccs|image_decoders|webpack\.mjs|node_modules|legacy\/(web|image_decoders)|legacy\/build\/(pdf\.(min|renderer|renderer\.min|sandbox|sandbox\.min)|pdf\.worker\.min)\.mjs)(\/|$)/,
  'node-addon-api': /^(?!package\.json|index\.js|LICENSE)/,
  'node-api-headers': /^(def|include)(\/|$)/,
});
const neverRead = /(\.map|\.d\.[cm]?ts|\.md|\.markdown)$/i;

/** @param {string} path from the repository's root @param {string} target */
function copyPackage(path, target) {
  const source = join(root, path);
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const prebuild = `${process.platform}-${process.arch}.node`;
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (file) => {
      const relative = file.slice(source.length + 1).replaceAll('\\', '/');
      if (relative === '') return true;
      if (/^licen[cs]e|^notice|^copying/i.test(basename(file))) return true;
      // Nested packages are copied on their own, if anything needs them.
      if (relative === 'node_modules') return false;
      if (leftOut[name]?.test(relative) === true || neverRead.test(relative)) return false;
      return (
        name !== 'better-sqlite3' ||
        dirname(relative) !== 'prebuilds' ||
        basename(file) === prebuild
      );
    },
  });
}
