import { describe, expect, it } from 'vitest';
import { BlockSplitter } from './blocks.ts';

const answer = `# Title

First paragraph with *words*.

- one
- two

  still two

\`\`\`ts
const a = 1;

const b = 2;
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

Last one.`;

describe('BlockSplitter', () => {
  it('ends, whatever the steps, where one look at the whole text ends', () => {
    const whole = new BlockSplitter().update(answer).map(({ raw }) => raw);
    for (const step of [1, 2, 7, 40]) {
      const splitter = new BlockSplitter();
      let last: readonly { raw: string }[] = [];
      for (let end = step; end < answer.length + step; end += step) {
        last = splitter.update(answer.slice(0, end));
      }
      expect(last.map(({ raw }) => raw)).toEqual(whole);
    }
  });

  it('keeps the objects of settled blocks, so that only the last one is rendered again', () => {
    const splitter = new BlockSplitter();
    const before = splitter.update('One.\n\nTwo.\n\nThr');
    const after = splitter.update('One.\n\nTwo.\n\nThree and m');
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });

  it('knows a code block whose fence is open', () => {
    const splitter = new BlockSplitter();
    expect(splitter.update('```ts\nconst a').at(-1)?.open).toBe(true);
    expect(splitter.update('```ts\nconst a\n```').at(-1)?.open).toBe(false);
    expect(new BlockSplitter().update('```').at(-1)?.open).toBe(true);
    expect(new BlockSplitter().update('````\n```').at(-1)?.open).toBe(true);
  });

  it('starts again when the text is another one', () => {
    const splitter = new BlockSplitter();
    splitter.update('One.\n\nTwo.');
    expect(splitter.update('Other.').map(({ raw }) => raw)).toEqual(['Other.']);
    expect(splitter.update('')).toEqual([]);
    expect(splitter.update('More.').map(({ raw }) => raw)).toEqual(['More.']);
  });

  it('survives line ends of Windows and tabs, where the parser changes lengths', () => {
    const splitter = new BlockSplitter();
    splitter.update('One.\r\n\r\n\tcode');
    const blocks = splitter.update('One.\r\n\r\n\tcode\r\n\r\nTwo.');
    expect(blocks.map(({ token }) => token.type)).toEqual(['paragraph', 'code', 'paragraph']);
  });
});
