import { rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {object} facts
 * @param {'test' | 'release' | 'local'} facts.kind
 * @param {import('./setup/electron.mjs').ElectronRuntime} facts.runtime
 * @param {import('./stage.mjs').Staged} facts.staged
 * @returns {import('electron-builder').Configuration}
 */
export function builderConfig({ kind, runtime, staged }) {
  const suffix = [
    ...(kind === 'release' ? [] : [kind]),
    ...(runtime.official ? [] : [`standin-electron-${runtime.version}`]),
  ];
  return {
    appId: 'app.quarry.desktop',
    productName: 'Quarry',
    artifactName: ['quarry-${version}-${os}-${arch}', ...suffix].join('-') + '.${ext}',
    directories: { app: staged.app, output: 'dist', buildResources: 'build' },
    electronVersion: runtime.version,
    electronDist: runtime.dist,
    // false: packages are our business (stage.mjs). electron-builder neither rebuilds nor gathers any.
    beforeBuild: async () => false,
    // The window's own code only; CORE, ENGINE and Node run outside Electron and stand outside the asar.
    asar: true,
    files: ['out/**', 'package.json'],
    extraResources: [
      { from: staged.core, to: 'core' },
      // Its own line: electron-builder leaves node_modules out of a folder it copies.
      { from: join(staged.core, 'node_modules'), to: 'core/node_modules' },
      { from: staged.node, to: 'node' },
      { from: staged.resources, to: 'resources' },
    ],
    electronFuses: {
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: kind === 'test',
      // Electron has it on macOS and Windows only.
      enableEmbeddedAsarIntegrityValidation: process.platform !== 'linux',
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    },
    afterPack: async (context) => {
      // Development's helper of the stand-in runtime has no place in a package.
      rmSync(join(context.appOutDir, 'resources/default_app.asar'), { force: true });
    },
    linux: {
      executableName: 'quarry',
      category: 'Office',
      icon: join(staged.resources, 'icons'),
      synopsis: 'Granite models on your own machine',
    },
    mac: {
      category: 'public.app-category.productivity',
      icon: join(staged.resources, 'icons/512x512.png'),
      hardenedRuntime: true,
      identity: null,
    },
    win: { icon: join(staged.resources, 'icons/256x256.png') },
  };
}
