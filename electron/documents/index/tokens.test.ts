import { describe, expect, it } from 'vitest';
import { createMeters, reach, tokensIn } from './tokens.ts';

describe('a meter', () => {
  it('counts every part of a text as it is counted by itself', () => {
    let state = 3;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const alphabet = [...'aAé1 .-\t\n회日😀ا', '...', 'responsibilities', '2026', '\uD800', '  '];
    const meterOf = createMeters();
    for (let round = 0; round < 200; round += 1) {
      const text = Array.from({ length: random(60) }, () => alphabet[random(alphabet.length)]).join(
        '',
      );
      const meter = meterOf(text);
      for (let part = 0; part < 40; part += 1) {
        const from = random(text.length + 1);
        const to = from + random(text.length - from + 1);
        const budget = random(20);
        expect(meter.tokens(from, to)).toBe(tokensIn(text.slice(from, to)));
        expect(meter.reach(from, to, budget)).toBe(reach(text, from, to, budget));
      }
    }
  });
});
