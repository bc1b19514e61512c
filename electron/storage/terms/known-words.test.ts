import { describe, expect, it } from 'vitest';
import { createKnownWords } from './known-words.ts';
import { split } from './split.ts';

const signs = [
  ...'abcxyzABCXYZ0189',
  ...' \n.,-_/',
  ...'éÉñüßſŒİıﬁ',
  ...'가나다각한글',
  ...'漢字かなカナｶﾞー',
  ...'ไทยภาษา',
  '\u0301',
  '\u{20000}',
  '—',
  '😀',
  'Found',
  'HTTPServer',
  'x'.repeat(70),
  'xY'.repeat(40),
];

describe('words that were met before', () => {
  it('are those of split, whatever the text', () => {
    let state = 5;
    const random = (below: number): number => (state = (state * 48271) % 0x7fff_ffff) % below;
    const known = createKnownWords((text) => ({ text }), 40);
    for (let at = 0; at < 3000; at += 1) {
      const text = Array.from({ length: random(30) }, () => signs[random(signs.length)]).join('');
      expect(known.in(text)).toEqual(split(text).map((piece) => ({ text: piece.text })));
    }
  });

  it('are made once for each word', () => {
    const made: string[] = [];
    const known = createKnownWords((text) => {
      made.push(text);
      return { text };
    });
    const [first] = known.in('Owl 올빼미');
    expect(known.in('OWL owl')).toEqual([first, first]);
    known.in('올빼미');
    expect(made).toEqual(['owl', '올빼', '빼미', '미']);
  });
});
