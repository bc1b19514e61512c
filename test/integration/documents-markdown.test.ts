import { describe, expect, it } from 'vitest';
import { seededBelow } from '../support/seeded.ts';
import { piecesOfMarkdown } from '../../electron/documents/ingest/extract/md.ts';

const parts = [
  '# Heading [with][Far] a link',
  'Setext\n===',
  'A paragraph that goes on\nover two lines with [near] and [text][far].',
  '- one\n- two\n\n  loose, with ```code```\n\n      deep',
  '1. first\n2. second\n   ```\n   # in an item\n\nout of it',
  '> quoted\n> - in it\n\n> again',
  '```js\n# no heading\n\nno text\n\n# none\n```',
  '~~~\n```\n\n# inside\n\n~~~~',
  '```\nnever closed',
  '    indented\n\n    code',
  '<div>\nhtml <b>bold</b>\n</div>',
  '<!-- a comment\n\n# inside it\n\n[near]: no -->',
  '<pre>\n\n# kept\n\n</pre>',
  '| a | b |\n|---|---|\n| [near] | 2 |',
  '[near]: https://a.example "title"',
  '[FAR]:\n  <b.html>',
  '***',
  '한국어 문단입니다.',
  '[undefined] stays as it is, ![near] and [^1] too',
];

describe('markdown in stretches', () => {
  it('gives what one tree of all would give, whatever a cut would fall into', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seededBelow(seed);
      const source = Array.from({ length: 6 + random(40) }, () => parts[random(parts.length)]).join(
        random(4) === 0 ? '\n' : '\n\n',
      );
      const whole = [...piecesOfMarkdown(source, () => {}, Infinity)];
      let beats = 0;
      const cut = [...piecesOfMarkdown(source, () => (beats += 1), 40)];
      expect(cut, `seed ${seed}`).toEqual(whole);
      if (!/^(?:```|<)/m.test(source) && source.length > 400) expect(beats).toBeGreaterThan(2);
    }
  });
});
