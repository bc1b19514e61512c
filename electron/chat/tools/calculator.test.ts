import { describe, expect, it } from 'vitest';
import { calculate } from './calculator.ts';

describe('calculate', () => {
  it.each([
    ['12*7', '84'],
    ['12 × 7 =', '84'],
    ['2 + 3 * 4', '14'],
    ['(2 + 3) * 4', '20'],
    ['-2^2', '-4'],
    ['2^3^2', '512'],
    ['2**10', '1024'],
    ['2^-1', '0.5'],
    ['0.1 + 0.2', '0.3'],
    ['1,000,000 / 4', '250000'],
    ['max(1, 2, sqrt(16))', '4'],
    ['10 % 4', '2'],
    ['--3', '3'],
    ['1e3 + .5', '1000.5'],
    ['round(2 * pi)', '6'],
    ['0 * -1', '0'],
    ['10^20', 'about 100000000000000000000'],
  ])('%s = %s', (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  it.each([
    ['', 'not complete'],
    ['1 +', 'not complete'],
    ['(1', 'not complete'],
    ['1)', '")"'],
    ['1 / 0', 'division by zero'],
    ['10^400', 'no finite number'],
    ['sqrt(-1)', 'no finite number'],
    ['process(1)', '"process"'],
    ['process.exit()', '"."'],
    ['constructor', '"constructor"'],
    ['__proto__', '"_"'],
    ['2; 3', '";"'],
    ['('.repeat(500) + '1', 'too many brackets'],
    ['1+'.repeat(600) + '1', 'too long'],
  ])('refuses %.20s', (expression, words) => {
    expect(() => calculate(expression)).toThrow(words);
  });
});
