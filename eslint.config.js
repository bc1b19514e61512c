import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { zones } from './build/lint-zones.mjs';

const tests = ['**/*.test.ts', '**/*.fixture.ts', 'test/**'];
const packages = {
  electron: 'Only main, preload and ipc/electron-* know Electron.',
  'node-llama-cpp': 'Only native/llama/binding.ts knows the binding.',
  'better-sqlite3': 'Only electron/storage knows the database driver.',
};

/**
 * Refuses packages in every form of import. The compiler keeps `electron` out of core and renderer too.
 * @param {...keyof typeof packages} names
 * @returns {import('eslint').Linter.RulesRecord}
 */
function without(...names) {
  return {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...names.map((name) => ({ regex: `^${name}(/|$)`, message: packages[name] })),
          {
            regex: '/(core/(process|cli)|engine/process|ingest/parser)\\.ts$',
            allowTypeImports: true,
            message: 'An entry point is started by path, never imported.',
          },
        ],
      },
    ],
    'no-restricted-syntax': [
      'error',
      ...names.map((name) => ({
        selector: `ImportExpression[source.value=/^${name}(\\u002F|$)/]`,
        message: packages[name],
      })),
    ],
  };
}

export default tseslint.config(
  {
    ignores: [
      'out/',
      'dist/',
      '.cache/',
      'test/miniature/',
      'test-results/',
      'playwright-report/',
      'coverage/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // The compiler knows better than lint what is defined.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-self-import': 'error',
    },
  },
  {
    files: [
      'electron/**/*.ts',
      'native/**/*.ts',
      'renderer/**/*.ts',
      'test/**/*.ts',
      '*.config.ts',
    ],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'no-undef': 'off',
      'svelte/no-at-html-tags': 'error',
      // There are no routes here.
      'svelte/no-navigation-without-resolve': 'off',
      // Bookkeeping that nothing renders from is kept in plain maps on purpose.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['renderer/**/*.svelte'], rules: { 'max-lines': ['error', { max: 250 }] } },
  { files: ['electron/preload/**/*.ts'], rules: { 'max-lines': ['error', { max: 60 }] } },
  {
    files: ['electron/**/*.ts', 'native/**/*.ts'],
    rules: without('electron', 'node-llama-cpp', 'better-sqlite3'),
  },
  {
    files: ['electron/main/**/*.ts', 'electron/preload/**/*.ts', 'electron/ipc/electron-*.ts'],
    rules: without('node-llama-cpp', 'better-sqlite3'),
  },
  { files: ['native/llama/binding.ts'], rules: without('electron', 'better-sqlite3') },
  { files: ['electron/storage/**/*.ts'], rules: without('electron', 'node-llama-cpp') },
  {
    files: ['renderer/**/*.ts', 'renderer/**/*.svelte'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(node:|electron$|electron/|node-llama-cpp|better-sqlite3)',
              message: 'The renderer sees the contract and window.api, nothing else.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression[source.value=/^(node:|electron$|electron\\u002F)/]',
          message: 'The renderer sees the contract and window.api, nothing else.',
        },
      ],
    },
  },
  {
    // Unit tests may use fakes, a real database and each other's fixtures; what ships may not.
    files: tests,
    rules: {
      'import-x/no-restricted-paths': 'off',
      'max-lines': ['error', { max: 600 }],
    },
  },
  {
    files: ['build/**/*.mjs', 'build/**/*.cjs', 'eslint.config.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
