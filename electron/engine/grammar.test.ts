import { expect, it } from 'vitest';
import { isWholeJson } from './grammar.ts';

it.each([
  ['{"a": 1}', true],
  ['{"a": "}"', false],
  ['{"a": "x}', false],
  ['[1, 2]', true],
  ['[1, [2]', false],
  ['"text"', true],
  ['"te\\"', false],
  ['12', false],
  ['12\n', true],
  ['true\n', true],
  ['', false],
  ['\n', false],
])('%j is whole: %s', (text, whole) => {
  expect(isWholeJson(text)).toBe(whole);
});
