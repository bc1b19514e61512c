import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deadLinks } from './links.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quarry-links-'));
  execFileSync('git', ['init', '-q'], { cwd: root });
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'docs/other.md'), '# One `code` heading\n\n## Twice\n\n## Twice\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const found = (text: string): string[] => {
  writeFileSync(join(root, 'README.md'), text);
  return deadLinks(root).map(({ file, line, target, why }) => `${file}:${line} ${target} ${why}`);
};

it('passes links to files, folders, headings and the web', () => {
  expect(
    found(
      '# Top\n[a](docs/other.md) [b](docs/) [c](#top) [d](docs/other.md#one-code-heading)\n' +
        '[e](docs/other.md#twice-1) [f](https://example.org/nothing) ![g](<docs/other.md>)\n\n[h]: docs/other.md\n',
    ),
  ).toEqual([]);
});

it('names links to what is not there, with the line', () => {
  expect(
    found('x\n[a](docs/gone.md)\n[b](docs/other.md#none)\n[c](#none)\n\n[d]: gone.md\n'),
  ).toEqual([
    'README.md:2 docs/gone.md no such file',
    'README.md:3 docs/other.md#none no such heading',
    'README.md:4 #none no such heading',
    'README.md:6 gone.md no such file',
  ]);
});

it('takes code for code', () => {
  expect(found('`[a](gone.md)`\n\n```md\n[b](gone.md)\n```\n[c](gone.md)\n')).toEqual([
    'README.md:6 gone.md no such file',
  ]);
});
