import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const lines = (path: string): number => text(path).replace(/\n$/, '').split('\n').length;

describe('top level', () => {
  const names = new Set(tracked.map((path) => path.split('/')[0] ?? ''));
  const folders = new Set(
    tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''),
  );

  it('holds the fixed folders and no other', () => {
    const hidden = ['.ci', '.github'];
    expect([...folders].filter((name) => !hidden.includes(name)).sort()).toEqual([
      'build',
      'electron',
      'native',
      'renderer',
      'resources',
      'test',
    ]);
  });

  it('holds besides them only text and configuration', () => {
    const files = [...names].filter((name) => !folders.has(name));
    const known = /^(\.[a-z.]+|[A-Z]+(\.md)?|.*\.json|[a-z.]+\.config\.(ts|js))$/;
    expect(files.filter((name) => !known.test(name))).toEqual([]);
    for (const name of ['package.json', 'electron.vite.config.ts']) expect(files).toContain(name);
  });
});

describe('sizes', () => {
  const limits: readonly (readonly [RegExp, number])[] = [
    [/^electron\/preload\/.*\.ts$/, 60],
    [/^renderer\/.*\.svelte$/, 250],
    [/^(electron|native|renderer|build)\/.*\.(ts|mjs|css)$/, 400],
  ];
  // As lint wants it too: /* eslint-disable max-lines -- reason */
  const reason = /max-lines -- \S+/;

  it('no file is longer than its limit without saying why', () => {
    const long = tracked.flatMap((path) => {
      const limit = limits.find(([pattern]) => pattern.test(path))?.[1];
      if (limit === undefined || /\.(test|fixture)\.ts$/.test(path)) return [];
      const length = lines(path);
      return length > limit && !reason.test(text(path)) ? [`${path}: ${length} of ${limit}`] : [];
    });
    expect(long).toEqual([]);
  });
});

describe('folders', () => {
  it('none is a drawer for everything', () => {
    const drawers = tracked.filter((path) => /(^|\/)(utils?|helpers?|misc|common)\//i.test(path));
    expect(drawers).toEqual([]);
  });

  const electronFolders = [
    ...new Set(
      tracked.filter((path) => /^electron\/[^/]+\//.test(path)).map((path) => path.split('/')[1]),
    ),
  ];
  it.each(electronFolders)('electron/%s has a README of at most 15 lines', (folder) => {
    const readme = `electron/${folder}/README.md`;
    expect(tracked).toContain(readme);
    expect(lines(readme)).toBeLessThanOrEqual(15);
  });

  it('tests stand beside the code, or in test/ where they cross folders', () => {
    const misplaced = tracked.filter(
      (path) => /\.test\.ts$/.test(path) && /(^|\/)__tests__\//.test(path),
    );
    expect(misplaced).toEqual([]);
    expect(tracked.some((path) => basename(path) === 'ports.ts')).toBe(true);
  });
});

describe('what is fixed elsewhere', () => {
  it('package.json starts what the bundler writes', () => {
    expect(JSON.parse(text('package.json'))).toMatchObject({
      main: 'out/main/index.js',
      scripts: { start: 'node build/start.mjs', test: 'node build/test.mjs' },
    });
  });

  it('README names the two commands', () => {
    const readme = text('README.md');
    expect(readme).toContain('npm start');
    expect(readme).toContain('npm test');
  });
});
