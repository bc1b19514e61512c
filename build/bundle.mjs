// CORE, ENGINE and the parser, bundled for Node 24. Run by build.mjs on Node 24.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';
import { coreEntries, coreExternals } from './core-bundle.mjs';
import { root } from './setup/paths.mjs';

for (const folder of new Set(Object.keys(coreEntries).map((name) => dirname(name)))) {
  rmSync(join(root, 'out', folder), { recursive: true, force: true });
}
for (const [name, source] of Object.entries(coreEntries)) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: [...coreExternals], target: 'node' },
    build: {
      ssr: join(root, source),
      outDir: join(root, 'out', dirname(name)),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      reportCompressedSize: false,
      license: { fileName: `${name.slice(name.lastIndexOf('/') + 1)}.licences.md` },
      rolldownOptions: {
        output: {
          format: 'es',
          entryFileNames: `${name.slice(name.lastIndexOf('/') + 1)}.js`,
          // One file each: paths found from import.meta.url then hold in every one of them.
          codeSplitting: false,
        },
      },
    },
  });
}
