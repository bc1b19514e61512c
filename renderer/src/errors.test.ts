import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../electron/ipc/contract/index.ts';
import { errorTable, wordingOf } from './errors.ts';

describe('the error table', () => {
  it.each([...errorCodes])('has words for %s, with and without facts', (code) => {
    for (const detail of [undefined, { name: 'a.gguf', needed: 8 * 2 ** 30, available: 2 ** 30 }]) {
      const words = wordingOf(
        detail ? { code, message: 'log text', detail } : { code, message: 'log text' },
      );
      for (const text of [words.title, words.text]) {
        expect(text.trim()).not.toBe('');
        expect(text).not.toMatch(/[{}]|undefined|log text|!/);
      }
      expect(words.label === null).toBe(errorTable[code].action === 'none');
    }
  });

  it('covers the codes of the contract and no others', () => {
    expect(Object.keys(errorTable).sort()).toEqual([...errorCodes].sort());
  });

  it('writes sizes with units', () => {
    const { text } = wordingOf({
      code: 'model-too-large',
      message: '',
      detail: { needed: 8.25 * 2 ** 30, available: 3.5 * 2 ** 30 },
    });
    expect(text).toContain('It needs 8.25 GB, 3.5 GB are available.');
  });
});
