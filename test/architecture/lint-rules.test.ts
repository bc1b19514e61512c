import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const boundaryRules = new Set([
  'import-x/no-restricted-paths',
  'no-restricted-imports',
  'no-restricted-syntax',
  '@typescript-eslint/no-restricted-imports',
]);

let eslint: ESLint;
beforeAll(() => {
  eslint = new ESLint({
    cwd: root,
    // The tried files are not on disk, so no TypeScript project knows them; the boundary rules need none.
    overrideConfig: {
      languageOptions: { parserOptions: { projectService: false } },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/await-thenable': 'off',
      },
    },
  });
});

/** Lints one line as if it stood in a new file of `folder`; the boundary rules that refused it. */
async function refusals(folder: string, line: string, name = 'zz-tried.ts'): Promise<string[]> {
  const code = name.endsWith('.svelte') ? `<script lang="ts">\n${line}\n</script>\n` : `${line}\n`;
  const [result] = await eslint.lintText(code, { filePath: join(root, folder, name) });
  const fatal = result?.messages.find((message) => message.fatal === true);
  if (fatal !== undefined) throw new Error(fatal.message);
  return (result?.messages ?? []).flatMap(({ ruleId }) =>
    ruleId !== null && boundaryRules.has(ruleId) ? [ruleId] : [],
  );
}

/** An import of `target` (a file, or any source in a folder) as written in `folder`. */
function importing(folder: string, target: string): string {
  const file = /\.(ts|svelte|mjs)$/.test(target) ? target : anySource(target);
  expect(
    existsSync(join(root, file)),
    `${file} must exist, or the rule has nothing to refuse`,
  ).toBe(true);
  const path = posix.normalize(relative(folder, file));
  return `import '${path.startsWith('.') ? path : `./${path}`}';`;
}

function anySource(folder: string): string {
  const found = readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => /\.(ts|svelte)$/.test(name) && !/\.(test|fixture)\.ts$/.test(name))
    .sort((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b))[0];
  if (found === undefined) throw new Error(`${folder} holds no source`);
  return join(folder, found);
}

interface Row {
  readonly from: string;
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

/** Each row of ARCHITECTURE.md's table. */
const table: readonly Row[] = [
  {
    from: 'electron/ipc/contract',
    refused: ['electron/ipc/app-error.ts', 'electron/core/ports.ts', 'renderer/src'],
    allowed: ['electron/ipc/contract/errors.ts'],
  },
  {
    from: 'electron/ipc',
    refused: ['electron/core/ports.ts', 'electron/main', 'electron/storage', 'native'],
    allowed: ['electron/ipc/contract/errors.ts'],
  },
  {
    from: 'electron/main',
    refused: [
      'electron/core/ports.ts',
      'electron/chat',
      'electron/documents/retrieve',
      'electron/models',
      'electron/memory',
      'electron/settings',
      'electron/storage',
      'electron/engine/port.ts',
      'native',
      'renderer/src',
    ],
    allowed: ['electron/ipc/app-error.ts'],
  },
  {
    from: 'electron/preload',
    refused: ['electron/main', 'electron/core/ports.ts', 'electron/chat', 'native'],
    allowed: ['electron/ipc/app-error.ts'],
  },
  {
    from: 'electron/core',
    refused: [
      'electron/main',
      'electron/preload',
      'native',
      'electron/engine/process.ts',
      'renderer/src',
    ],
    allowed: [
      'electron/chat',
      'electron/documents/retrieve',
      'electron/storage',
      'electron/engine/port.ts',
    ],
  },
  {
    from: 'electron/chat',
    refused: [
      'electron/documents/ingest',
      'electron/documents/index',
      'electron/main',
      'electron/models',
      'electron/engine/client.ts',
      'electron/storage/open.ts',
      'native',
    ],
    allowed: [
      'electron/documents/retrieve',
      'electron/engine/port.ts',
      'electron/storage/repositories',
      'electron/core/ports.ts',
    ],
  },
  {
    from: 'electron/documents/ingest',
    refused: ['electron/chat', 'electron/models', 'electron/storage/open.ts', 'native'],
    allowed: [
      'electron/documents/index',
      'electron/engine/port.ts',
      'electron/storage/repositories',
    ],
  },
  ...['models', 'memory', 'settings'].map((feature) => ({
    from: `electron/${feature}`,
    refused: ['electron/chat', 'electron/documents/retrieve', 'electron/main', 'native'],
    allowed: ['electron/engine/port.ts', 'electron/storage/repositories', 'electron/core/ports.ts'],
  })),
  {
    from: 'electron/storage',
    refused: [
      'electron/chat',
      'electron/documents/index',
      'electron/models',
      'electron/engine/port.ts',
    ],
    allowed: ['electron/ipc/contract/errors.ts'],
  },
  {
    from: 'electron/engine',
    refused: ['electron/storage', 'electron/chat', 'electron/documents/retrieve', 'electron/main'],
    allowed: ['electron/ipc/app-error.ts', 'electron/engine/port.ts', 'native/llama/binding.ts'],
  },
  {
    from: 'native/llama',
    refused: [
      'electron/core/ports.ts',
      'electron/engine/client.ts',
      'electron/storage',
      'renderer/src',
    ],
    allowed: ['electron/engine/port.ts'],
  },
  {
    from: 'renderer/src/state',
    refused: [
      'electron/core/ports.ts',
      'electron/ipc/app-error.ts',
      'electron/main',
      'electron/chat',
      'native',
    ],
    allowed: ['electron/ipc/contract/errors.ts', 'renderer/src/api.ts'],
  },
  {
    from: 'renderer/src/ui',
    refused: ['renderer/src/components', 'renderer/src/views', 'electron/ipc/app-error.ts'],
    allowed: ['renderer/src/i18n'],
  },
  {
    from: 'renderer/src/components',
    refused: ['renderer/src/views'],
    allowed: ['renderer/src/ui'],
  },
];

describe('lint zones keep the import table', () => {
  for (const { from, refused, allowed } of table) {
    for (const target of refused) {
      it(`${from} may not import ${target}`, async () => {
        expect(await refusals(from, importing(from, target))).toContain(
          'import-x/no-restricted-paths',
        );
      });
    }
    for (const target of allowed) {
      it(`${from} may import ${target}`, async () => {
        expect(await refusals(from, importing(from, target))).toEqual([]);
      });
    }
  }

  it('sees imports of Svelte components too', async () => {
    const line = importing('renderer/src/ui', 'renderer/src/views');
    expect(await refusals('renderer/src/ui', line, 'Tried.svelte')).not.toEqual([]);
    const allowed = importing('renderer/src/views', 'renderer/src/ui');
    expect(await refusals('renderer/src/views', allowed, 'Tried.svelte')).toEqual([]);
  });

  it('refuses to import an entry point, but not its types', async () => {
    const path = '../documents/ingest/parser.ts';
    expect(await refusals('electron/core', `import { x } from '${path}'; x();`)).not.toEqual([]);
    expect(await refusals('electron/core', `export type { X } from '${path}';`)).toEqual([]);
  });
});

/** Who alone may name a package, with a folder that may not. */
const packages = [
  {
    name: 'electron',
    at: 'electron/main',
    not: ['electron/core', 'electron/chat', 'native/llama', 'renderer/src'],
  },
  {
    name: 'better-sqlite3',
    at: 'electron/storage',
    not: ['electron/core', 'electron/main', 'renderer/src'],
  },
  {
    name: 'node-llama-cpp',
    at: 'native/llama',
    file: 'binding.ts',
    not: ['native', 'electron/engine', 'renderer/src'],
  },
];

describe('packages with one door', () => {
  for (const { name, at, file, not } of packages) {
    it(`${name} may be imported in ${at}/${file ?? ''}`, async () => {
      expect(await refusals(at, `import '${name}';`, file ?? 'zz-tried.ts')).toEqual([]);
    });
    for (const folder of not) {
      it(`${name} may not be imported in ${folder}, in any form`, async () => {
        for (const line of [
          `import '${name}';`,
          `import x from '${name}'; export { x };`,
          `export * from '${name}';`,
          ...(folder === 'renderer/src' && name !== 'electron' ? [] : [`await import('${name}');`]),
        ]) {
          expect(await refusals(folder, line), line).not.toEqual([]);
        }
      });
    }
  }

  it('the renderer may not import Node', async () => {
    expect(await refusals('renderer/src/views', "import 'node:fs';")).not.toEqual([]);
    expect(await refusals('renderer/src/views', "await import('node:fs');")).not.toEqual([]);
    expect(await refusals('renderer/src/views', "import 'node:fs';", 'T.svelte')).not.toEqual([]);
    expect(await refusals('electron/core', "import 'node:fs';")).toEqual([]);
  });
});

it('a source folder holds something to try', () => {
  expect(anySource('electron/storage/repositories')).toMatch(/^electron\/storage\/repositories\//);
  expect(dirname(anySource('electron/ipc/contract'))).toBe('electron/ipc/contract');
});
