import { describe, expect, it } from 'vitest';
import { stem, tokenize } from './text.ts';

const keys = (text: string) =>
  tokenize(text)
    .filter(({ kind }) => kind !== 'stop')
    .map(({ key }) => key);

describe('tokenize', () => {
  it.each([
    ['1,284.50 euros', '1.284,50 euros'],
    ['1284.5', '1,284.50'],
    ['two years', '2-year'],
    ['3 May 2021', '3 May, 2021'],
    ['at 9:00 a.m.', 'at 9 am'],
    ['448ml', '448 ml'],
    ['on the 3rd', 'on the 3'],
    ['Café Málaga', 'cafe malaga'],
  ])('%j and %j are the same', (one, other) => {
    expect(keys(one)).toEqual(keys(other));
  });

  it('reads a date in figures', () => {
    expect(keys('2021-05-03').toSorted()).toEqual(keys('3 May 2021').toSorted());
  });

  it.each([
    ['448', '484'],
    ['2.5 million', '25 million'],
    ['11:30', '11:13'],
    ['BMP239', 'BMP293'],
    ['6081-M', '6081-N'],
    ['3 May', '3 June'],
    ['1.5', '15'],
  ])('%j and %j are not', (one, other) => {
    expect(keys(one)).not.toEqual(keys(other));
  });

  it('knows what is denied', () => {
    const denied = (text: string) =>
      tokenize(text)
        .filter(({ negated }) => negated)
        .map(({ key }) => key);
    expect(denied('Pets are not allowed here')).toEqual(['allow']);
    expect(denied("It doesn't leak, it drips")).toEqual(['leak']);
    expect(denied('Clean it with water')).toEqual([]);
  });

  it('gives places within the text', () => {
    const text = 'Größe: 40 Watt';
    expect(tokenize(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'Größe',
      '40',
      'Watt',
    ]);
  });
});

describe('stem', () => {
  it.each([
    ['opens', 'opening'],
    ['opened', 'open'],
    ['stopped', 'stops'],
    ['closes', 'closing'],
    ['cities', 'city'],
    ['wrote', 'writes'],
    ['children', 'child'],
    ['boxes', 'box'],
    ['cleaned', 'cleaning'],
  ])('%s and %s have one', (one, other) => {
    expect(stem(one)).toBe(stem(other));
  });
  it.each([
    ['river', 'rival'],
    ['house', 'horse'],
    ['gas', 'gap'],
  ])('%s and %s have two', (one, other) => {
    expect(stem(one)).not.toBe(stem(other));
  });
});
