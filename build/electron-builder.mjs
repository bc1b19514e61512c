// Runs on Node 24 under package.mjs: stages what goes in, then packs it with electron-builder.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arch, Platform, build } from 'electron-builder';
import { builderConfig } from './electron-builder.config.mjs';
import { cache, root } from './setup/paths.mjs';
import { stage } from './stage.mjs';

const kind = /** @type {'test' | 'release' | 'local'} */ (
  process.env['QUARRY_BUILD_KIND'] ?? 'local'
);
const archive = process.env['QUARRY_BUILD_ARCHIVE'] === '1';
/** @type {import('./setup/electron.mjs').ElectronRuntime} */
const runtime = JSON.parse(readFileSync(join(cache, 'electron.json'), 'utf8'));

const staged = await stage(join(cache, 'stage'));
const target = archive ? ['dir', 'tar.gz'] : ['dir'];
const arch = process.arch === 'arm64' ? Arch.arm64 : Arch.x64;
const platform = {
  linux: Platform.LINUX,
  darwin: Platform.MAC,
  win32: Platform.WINDOWS,
}[/** @type {'linux' | 'darwin' | 'win32'} */ (process.platform)];

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({
  projectDir: root,
  targets: platform.createTarget(target, arch),
  config: builderConfig({ kind, runtime, staged }),
  publish: 'never',
});
writeFileSync(
  join(root, 'dist/BUILD.txt'),
  `${kind} build on Electron ${runtime.version}${runtime.official ? '' : ' (stand-in, not for release)'}\n`,
);
