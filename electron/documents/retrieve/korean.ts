/** Korean particles that hang on a noun, longest first. */
const particles =
  '에게서 으로서 으로써 이라고 에서는 까지 부터 에서 에게 께서 보다 처럼 라고 으로 이나 한테 은 는 이 가 을 를 에 의 도 로 와 과 만 나'.split(
    ' ',
  );

/** Words that ask, point or connect, without their particles. */
const stopWords = new Set(
  (
    '무엇 무엇인가요 무엇입니까 뭐 뭐야 뭔가요 언제 언제인가요 어디 어디인가요 누구 누구인가요 얼마 얼마인가요 얼마였나요 얼마입니까 무엇이었나요 누구였나요 누구입니까 언제였나요 언제입니까 어디였나요 며칠 며칠인가요 어떤 어떻게 왜 몇 어느 ' +
    '있나요 있습니까 없나요 합니까 하나요 했나요 되나요 됩니까 인가요 입니까 나요 대해 대한 대하여 관한 관해 위해 위한 ' +
    '알려줘 알려주세요 말해줘 설명해줘 그리고 그럼 그러면 그런데 또는 또한 및 그것 이것 저것 그 이 저 그녀 그들 여기 거기 저기 것 수 때 등'
  ).split(' '),
);

const isHangul = (text: string): boolean => /^\p{Script=Hangul}+$/u.test(text);

/** How a polite question ends, with the copula before it: what stands before is the noun or the verb. */
const ending = /(이?었|였)?(나요|는가요|은가요|인가요|을까요|ㄹ까요|습니까|입니까|는지요?)$/u;

/** A Korean noun without the particle that is written onto it; any other word as it is. */
export function bareHangul(word: string): string {
  if (!/\p{Script=Hangul}$/u.test(word)) return word;
  const verb = word.replace(ending, '');
  if (verb !== word && verb.length >= 2) return verb;
  const particle = particles.find((each) => word.endsWith(each) && word.length - each.length >= 2);
  return particle === undefined ? word : word.slice(0, -particle.length);
}

export const isKoreanStopWord = (word: string): boolean =>
  isHangul(word) && (stopWords.has(word) || stopWords.has(bareHangul(word)));
