import { describe, expect, it } from 'vitest';
import { sentencesOf, statementsOf } from './sentences.ts';

const cut = (text: string, spans: readonly { start: number; end: number }[]) =>
  spans.map(({ start, end }) => text.slice(start, end));
const sentences = (text: string) => cut(text, sentencesOf(text));
const statements = (text: string) => cut(text, statementsOf(text));

describe('sentencesOf', () => {
  it('keeps abbreviations, initials, decimals and broken lines together', () => {
    expect(
      sentences(
        'Dr. Ana B. Ruiz paid 3.5 million. See Fig. 2 for details.\nThe line\nbreaks here! Yes?',
      ),
    ).toEqual([
      'Dr. Ana B. Ruiz paid 3.5 million.',
      'See Fig. 2 for details.',
      'The line\nbreaks here!',
      'Yes?',
    ]);
  });
  it('ends at an empty line', () => {
    expect(sentences('A heading\n\nThe text.')).toEqual(['A heading', 'The text.']);
  });
  it('ends at a line that was ended on purpose: a heading is no part of the sentence below it', () => {
    expect(
      sentences(
        'Machines\nThe Harvath boiler is made by Velmor Works.\nThe boiler was built in 1987.',
      ),
    ).toEqual([
      'Machines',
      'The Harvath boiler is made by Velmor Works.',
      'The boiler was built in 1987.',
    ]);
  });
  it('goes on where a line ran out of room, whatever the next one begins with', () => {
    const wrapped =
      'The boiler of the plant was made by\nVelmor Works, a firm that is known in the\nNorth.';
    expect(sentences(wrapped)).toEqual([wrapped]);
    const listed = 'The boiler,\nIts maker and all of its parts are old.';
    expect(sentences(listed)).toEqual([listed]);
  });
  it('knows other scripts', () => {
    expect(sentences('第一文です。第二文です。')).toEqual(['第一文です。', '第二文です。']);
    expect(sentences('')).toEqual([]);
  });
});

describe('statementsOf', () => {
  it('takes list items and rows one by one and leaves out code, headings and rules', () => {
    const markdown = [
      '# Title',
      'It costs 5 euros. It is blue.',
      '',
      '1. First thing',
      '2. Second thing. And more.',
      '   goes on',
      '- a point',
      '> quoted words',
      '```js',
      'const x = 1. It is not a claim.',
      '```',
      '| a | b |',
      '|---|---|',
      '| 1 | 2 |',
      '---',
      'Last words',
    ].join('\n');
    expect(statements(markdown)).toEqual([
      'It costs 5 euros.',
      'It is blue.',
      'First thing',
      'Second thing.',
      'And more.\n   goes on',
      'a point',
      'quoted words',
      '| a | b |',
      '| 1 | 2 |',
      'Last words',
    ]);
  });
  it('takes an unfinished block of code for code', () => {
    expect(statements('Before.\n~~~\ncode without end. More.')).toEqual(['Before.']);
  });
});
