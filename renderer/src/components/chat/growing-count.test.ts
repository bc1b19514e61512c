import { describe, expect, it } from 'vitest';
import { growingCount } from './growing-count.ts';

const slow = (text: string): number => text.split(/\s+/).filter(Boolean).length;

describe('growingCount', () => {
  it('counts as a count of the whole text does, however the text comes', () => {
    const text = '  Two words,\n\nthen a\tlist:\n- one\u00a0\n- two  \n```x y```  end ';
    for (const step of [1, 2, 3, 7, 50]) {
      const count = growingCount();
      for (let end = 0; end <= text.length + step; end += step) {
        const part = text.slice(0, end);
        expect(count(part), JSON.stringify(part)).toBe(slow(part));
      }
    }
  });

  it('starts anew with another text', () => {
    const count = growingCount();
    expect(count('one two three')).toBe(3);
    expect(count('four')).toBe(1);
    expect(count('')).toBe(0);
    expect(count('four five')).toBe(2);
  });
});
