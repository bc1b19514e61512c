import { describe, expect, it } from 'vitest';
import { message } from '../../samples.fake.ts';
import { branchOf, citationNumbers, siblingsOf, versionsOf } from './tree.ts';

const messages = [
  message('u1', null),
  message('a1', 'u1', { role: 'assistant' }),
  message('a2', 'u1', { role: 'assistant' }),
  message('u2', 'a1'),
  message('u3', 'a1'),
  message('v1', null),
];
const at = (id: string) => {
  const found = messages.find((m) => m.id === id);
  if (!found) throw new Error(id);
  return found;
};

describe('the message tree', () => {
  it('walks from the root to the leaf', () => {
    expect(branchOf(messages, 'u3').map(({ id }) => id)).toEqual(['u1', 'a1', 'u3']);
    expect(branchOf(messages, null)).toEqual([]);
    expect(branchOf(messages, 'gone')).toEqual([]);
  });

  it('ends on a loop instead of hanging', () => {
    const loop = [message('x', 'y'), message('y', 'x')];
    expect(branchOf(loop, 'x').map(({ id }) => id)).toEqual(['y', 'x']);
  });

  it('knows siblings, at the root too', () => {
    expect(siblingsOf(messages, at('a1')).map(({ id }) => id)).toEqual(['a1', 'a2']);
    expect(siblingsOf(messages, at('v1')).map(({ id }) => id)).toEqual(['u1', 'v1']);
  });

  it('leads to the one before and after', () => {
    expect(versionsOf(messages, at('a2'))).toEqual({
      index: 2,
      count: 2,
      previous: 'a1',
      next: null,
    });
    expect(versionsOf(messages, at('u2')).next).toBe('u3');
  });

  it('numbers citations as the reader meets them, the rest after', () => {
    const source = (number: number) => ({
      number,
      passageId: `p${number}`,
      documentId: 'd',
      documentName: 'd',
      page: null,
      heading: null,
      text: '',
      start: 0,
      end: 0,
      score: 0,
    });
    const claim = (sourceNumber: number, end: number) => ({
      start: 0,
      end,
      state: 'supported' as const,
      citation: {
        sourceNumber,
        documentId: 'd',
        documentName: 'd',
        page: null,
        heading: null,
        quote: '',
        start: 0,
        end: 0,
      },
    });
    const answer = message('a', null, {
      role: 'assistant',
      sources: [source(1), source(2), source(3)],
      claims: [claim(1, 50), claim(3, 20), claim(3, 80)],
    });
    expect([...citationNumbers(answer)]).toEqual([
      [3, 1],
      [1, 2],
      [2, 3],
    ]);
  });
});
