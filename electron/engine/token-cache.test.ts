import { expect, it } from 'vitest';
import { rememberTokens } from './token-cache.ts';

it('tokenises a text once while it is remembered, and forgets the longest unused', () => {
  const asked: string[] = [];
  const tokenizer = rememberTokens(
    {
      specials: new Map(),
      prepend: null,
      tokenize(text) {
        asked.push(text);
        return [...text].map((letter) => letter.charCodeAt(0));
      },
    },
    8,
  );
  for (const text of ['aaa', 'bbb', 'aaa', 'ccc', 'aaa', 'bbb']) {
    expect(tokenizer.tokenize(text, false)).toEqual([...text].map((c) => c.charCodeAt(0)));
  }
  expect(asked).toEqual(['aaa', 'bbb', 'ccc', 'bbb']);
  tokenizer.tokenize('longer than all', false);
  tokenizer.tokenize('bbb', false);
  expect(asked.slice(4)).toEqual(['longer than all']);
  // Control tokens are another question.
  tokenizer.tokenize('bbb', true);
  expect(asked.slice(5)).toEqual(['bbb']);
});
