import { seededBelow } from '../../support/seeded.ts';

const words =
  `the pump in hall four stands still because its valve does not open when pressure falls below two
bar and nobody has looked at the filter since march so that water runs back into the tank where an old
float shows too much although a new sensor was ordered by our office before summer its price went up
again people wait for parts which come from abroad by ship every second week this report tells what we
found measured changed paid or left as it was each page has one table with dates names places costs
results signed by hand after noon light goes out near gate seven please call first`.split(/\s+/);

/** Makes English-looking texts, always the same for the same seed. */
export function createTexts(seed: number): {
  /** @param tokens How many it should take, by `perWord`. */
  text(tokens: number): string;
  /** Measures how many tokens a word takes; until then it counts as one. */
  calibrate(count: (text: string) => Promise<number>): Promise<void>;
} {
  const below = seededBelow(seed);
  let perWord = 1;
  const make = (count: number): string => {
    const parts: string[] = [];
    for (let at = 0; at < count; at += 1) {
      const word = words[below(words.length)] as string;
      parts.push(at % 14 === 13 ? `${word}.` : word);
    }
    return parts.join(' ');
  };
  return {
    text: (tokens) => make(Math.max(1, Math.round(tokens / perWord))),
    async calibrate(count) {
      const sample = 2000;
      const one = await count(make(1));
      perWord = ((await count(make(sample + 1))) - one) / sample;
    },
  };
}
