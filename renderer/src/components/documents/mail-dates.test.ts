import { describe, expect, it } from 'vitest';
import { timestamp } from '../../i18n/index.ts';
import { mailDate, shadesOver, shownText } from './mail-dates.ts';

const raw = '2024-03-15T09:30:00.000Z';
const words = timestamp(Date.parse(raw));
const text = `From: Ada\nDate: ${raw}\nSubject: Rent`;
const marked = (of: string, marks: readonly (readonly [number, number])[]) =>
  marks.map(([start, end]) => of.slice(start, end));

describe('dates of messages', () => {
  it('are shown as their reader writes dates', () => {
    expect(words).not.toContain('T09');
    expect(mailDate(raw)).toBe(words);
    expect(mailDate('15 March 2024')).toBeNull();
    expect(mailDate('2024-13-45T09:30:00.000Z')).toBeNull();
    expect(shownText(text, 'rent.eml').text).toBe(`From: Ada\nDate: ${words}\nSubject: Rent`);
    expect(shownText(text, 'all.MBOX').text).toContain(words);
  });

  it('are left in other documents, whose words are shown to the letter', () => {
    expect(shownText(text, 'log.txt').text).toBe(text);
  });

  it('keep what was found marked: all of a date, and words before and behind it', () => {
    const at = (part: string) => [text.indexOf(part), text.indexOf(part) + part.length] as const;
    const shown = shownText(text, 'rent.eml', [at('Ada'), at('2024'), at('03'), at('Rent')]);
    expect(marked(shown.text, shown.marks)).toEqual(['Ada', words, 'Rent']);
    const across = shownText(text, 'rent.eml', [[at('Date')[0], at('03')[1]]]);
    expect(marked(across.text, across.marks)).toEqual([`Date: ${words}`]);
  });

  it('are marked in the viewer where any of them is', () => {
    const hit = { start: 104, end: 108 };
    const shades = { cited: [], found: [hit], current: hit };
    const whole = { start: 100, end: 112 };
    expect(shadesOver(shades, 100, 124, 12)).toEqual({ cited: [], found: [whole], current: whole });
    expect(shadesOver(shades, 200, 224, 12)).toEqual({ cited: [], found: [], current: null });
  });
});
