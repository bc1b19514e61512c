import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchExpression } from './match.ts';
import type { OpenDatabase } from './open.ts';
import { openDatabase } from './open.ts';
import { sql } from './sql.ts';

describe('matchExpression', () => {
  it.each([
    ['notice period', '"notice" AND "period"'],
    ['the "notice period" now', '"the" AND "notice period" AND "now"'],
    ['AND OR NOT near(x)', '"AND" AND "OR" AND "NOT" AND "near(x)"'],
    ['title:secret* ^x', '"title:secret*" AND "^x"'],
    ['unclosed "quote', '"unclosed" AND "quote"'],
    ['  - ?? "" !', null],
    ['', null],
  ])('%j becomes %j', (words, expected) => {
    expect(matchExpression(words)).toBe(expected);
  });

  it('lets the last word be a beginning, but not a phrase', () => {
    expect(matchExpression('notice per', { prefixLast: true })).toBe('"notice" AND "per"*');
    expect(matchExpression('a "notice per"', { prefixLast: true })).toBe('"a" AND "notice per"');
  });

  describe('given to SQLite', () => {
    let opened: OpenDatabase;
    const quiet = { info: () => {}, warn: () => {}, error: () => {} };
    beforeAll(() => {
      const clock = { now: () => 0 };
      opened = openDatabase({ file: ':memory:', clock, log: quiet, backupFolder: '/nowhere' });
    });
    afterAll(() => opened.close());

    it.each([
      `"`,
      `"" ""`,
      `a"b"c`,
      `' OR 1=1 --`,
      `(((`,
      `a* b^ {c} : d -e +f`,
      `NEAR(a b, 2)`,
      `\0 a \0`,
      `\u0002\u0003 \uD800 x`,
      `word `.repeat(500),
      `é'`.repeat(300),
    ])('%j is never a syntax error', (words) => {
      const match = matchExpression(words, { prefixLast: true });
      const run = () =>
        opened.db.all(
          sql`SELECT rowid FROM messages_fts WHERE messages_fts MATCH ${match ?? '""'}`,
        );
      expect(run()).toEqual([]);
    });
  });
});
