import { describe, expect, it } from 'vitest';
import { createRules, ruleFor } from './rules.ts';

const leaves = (rules: ReturnType<typeof createRules>, ...paths: string[]): string[] =>
  paths.filter((path) => {
    const parts = path.split('/');
    return parts.some((_, at) =>
      rules.leavesOut(parts.slice(0, at + 1).join('/'), at < parts.length - 1),
    );
  });

describe('what is left out of a folder', () => {
  it('leaves out what machines make, what is not finished, and what only says that a file is open', () => {
    const paths = [
      'a.md',
      'node_modules/x/readme.md',
      '.git/description.txt',
      'sub/~$report.docx',
      '.~lock.report.odt#',
      'video.part',
      'notes.txt~',
      'package-lock.json',
      'build/guide.md',
    ];
    expect(leaves(createRules(''), ...paths)).toEqual([
      'node_modules/x/readme.md',
      '.git/description.txt',
      'sub/~$report.docx',
      '.~lock.report.odt#',
      'video.part',
      'notes.txt~',
      'package-lock.json',
    ]);
  });

  it('reads the collection’s own rules in the syntax of .gitignore, and they win', () => {
    const rules = createRules('/drafts/\n*.log\n!keep.log\n!.notes/\n# a remark\n');
    expect(
      leaves(
        rules,
        'drafts/a.md',
        'sub/drafts/a.md',
        'x.log',
        'sub/keep.log',
        '.notes/a.md',
        '.other/a.md',
      ),
    ).toEqual(['drafts/a.md', 'x.log', '.other/a.md']);
  });

  it('reads rules of files for their folder only, below the collection’s own', () => {
    const rules = createRules('!sub/important.txt').within('sub', '*.txt\n/only-here.md');
    expect(
      leaves(
        rules,
        'a.txt',
        'sub/a.txt',
        'sub/deeper/b.txt',
        'sub/important.txt',
        'sub/only-here.md',
        'only-here.md',
      ),
    ).toEqual(['sub/a.txt', 'sub/deeper/b.txt', 'sub/only-here.md']);
  });

  it.each(['sub/a.txt', '#1 [old]!.txt', 'what?*.md', 'ends with ', '!x.txt', 'a\\b.txt'])(
    'a rule for one file leaves out that file alone: %s',
    (path) => {
      const rules = createRules(`${ruleFor(path)}\n`);
      expect(leaves(rules, path, `deeper/${path}`, 'sub/b.txt', 'x.txt')).toEqual([path]);
    },
  );

  it('does not stumble over names that the syntax cannot speak of', () => {
    const rules = createRules('*.log');
    expect(rules.leavesOut('../x.log', false)).toBe(false);
    expect(rules.leavesOut('..strange', false)).toBe(true);
    expect(rules.within('a [b]', '*.md\n\\#x.txt').leavesOut('a [b]/c.md', false)).toBe(true);
    expect(rules.within('a [b]', '*.md\n\\#x.txt').leavesOut('a [b]/#x.txt', false)).toBe(true);
    expect(rules.within('a [b]', '*.md').leavesOut('a b/c.md', false)).toBe(false);
  });
});
