import { describe, expect, it } from 'vitest';
import { titleFrom } from './title.ts';

describe('titleFrom', () => {
  it.each([
    ['what is the notice period?', 'What is the notice period?'],
    ['  \n## **Summarise** the contract.\nIn three points', 'Summarise the contract'],
    ['> - "why is `x` null"', 'Why is x null"'],
    ['élan vital', 'Élan vital'],
    ['서울의 인구는 얼마입니까?', '서울의 인구는 얼마입니까?'],
    ['?!', ''],
    ['', ''],
  ])('%j becomes %j', (question, title) => {
    expect(titleFrom(question)).toBe(title);
  });

  it('cuts at a word and never beyond 60 characters', () => {
    const title = titleFrom(
      'Please compare the warranty terms of the two washing machines in the folder and tell me more',
    );
    expect(title).toBe('Please compare the warranty terms of the two washing…');
    expect([...titleFrom('漢'.repeat(200))]).toHaveLength(60);
    expect([...titleFrom('👩🏽‍🌾'.repeat(80))].length).toBeLessThanOrEqual(60);
  });
});
