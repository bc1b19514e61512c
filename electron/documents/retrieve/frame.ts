import { fold } from '../../storage/terms/split.ts';
import { isKoreanStopWord } from './korean.ts';

/**
 * Words of which questions are made whatever they are about: they ask for a kind of thing, count, or place it in
 * time. They are looked for, but a passage need not hold them. Folded.
 */
const frameWords = new Set(
  (
    'after before since during until while under over between each every many much more most often long far may might ' +
    'must got get gets ever now still give given tell name named called number kind type happen happened say says said find ' +
    'tras durante hasta hace hizo hacer hacia segun puede pueden poder llama llamaba llamado numero dia cifra cuya cuyo ' +
    'dice decir paso pasaba tuvo tenia hubo trata tipo desde ' +
    '뒤 이후 전 후 동안 사이 알려 주세요 말해 설명해 이름 사람 날짜 며칠 까지 한'
  ).split(' '),
);

export const isFrameWord = (word: string): boolean =>
  frameWords.has(fold(word)) || isKoreanStopWord(word);

/**
 * Words with a digit; words with a capital that no sentence begins with, and the words beside those: the Kerra tower
 * is no Kerra bridge. "I" is written large and names nothing.
 */
export function exactWords(question: string): ReadonlySet<string> {
  const exact = new Set<string>();
  for (const sentence of question.split(/(?<=[.?!…:;])\s+|\n/u)) {
    const words: readonly string[] = sentence.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
    words.forEach((word, at) => {
      if (/\p{N}/u.test(word)) exact.add(word);
      if (!/^\p{Lu}/u.test(word) || at === 0 || word === 'I') return;
      for (const each of words.slice(at - 1, at + 2)) exact.add(each);
    });
  }
  return exact;
}
