import { isSpace, trimmedEnd } from './space.ts';

/**
 * Ends of sentences that a full stop does not make: titles, common shortenings, initials. Lower case,
 * without the last stop.
 */
const shortened = new Set(
  (
    'mr mrs ms dr prof st sr jr vs etc e.g i.e cf no nos fig vol ed approx dept inc ltd co corp jan feb mar apr jun jul aug sep sept oct nov dec p pp ' +
    'ca sra sras sres srta dra dña lic ing excmo ilmo ud uds vd vds ee núm pág págs art arts cap av avda tel aprox p.ej ej'
  ).split(' '),
);

/** A line shorter than this was not ended for want of room. Hangul and Chinese are twice as wide. */
const wrapWidth = 45;
const wideWrapWidth = 22;

/**
 * [start, end) of each sentence in `text`, white space at the ends left out. Cuts also fall at line ends,
 * unless the line looks as if it went on below: a long one without a stop at its end.
 */
export function sentencesOf(text: string): [number, number][] {
  const sentences: [number, number][] = [];
  let start = 0;
  let line = 0;
  const close = (end: number): void => {
    let from = start;
    const to = trimmedEnd(text, start, end);
    while (from < to && isSpace(text.charCodeAt(from))) from += 1;
    if (to > from) sentences.push([from, to]);
    start = end;
  };
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) {
      const wrapped = goesOn(text, line, at);
      at += 1;
      line = at;
      if (!wrapped) close(at);
    } else if (isWideStop(code)) {
      at = behind(text, at + 1, wideClosers);
      close(at);
    } else if (isStop(code)) {
      const stop = at;
      const end = stopEnd(text, stop);
      // A run of stops is looked at from its beginning only: a line of dots would take its square.
      at = end > stop ? end : behind(text, stop, stops);
      if (end > stop && (code !== dot || endsSentence(text, start, stop, end))) close(end);
    } else at += 1;
  }
  close(text.length);
  return sentences;
}

const dot = 0x2e;
const stops = '.!?…';
const wideStops = '。！？';
const closers = '"\'”’)]';
const wideClosers = '"\'”’」』）';

const isStop = (code: number): boolean =>
  code === dot || code === 0x21 || code === 0x3f || code === 0x2026;
const isWideStop = (code: number): boolean =>
  code >= 0x3002 && wideStops.includes(String.fromCharCode(code));

/** Behind the signs of `signs` that stand from `at` on. */
function behind(text: string, at: number, signs: string): number {
  let end = at;
  while (end < text.length && signs.includes(text.charAt(end))) end += 1;
  return end;
}

/**
 * Where a sentence ends that the stops from `at` on end; `at` where they do not: white space must follow. Korean is
 * often written without a space behind the stop; its verbs' last syllables tell.
 */
function stopEnd(text: string, at: number): number {
  const end = behind(text, behind(text, at, stops), closers);
  if (end < text.length && isSpace(text.charCodeAt(end))) return end;
  if (at > 0 && '다요까죠'.includes(text.charAt(at - 1))) {
    const plain = behind(text, at, '.!?');
    const next = text.charCodeAt(plain);
    if (plain > at && next >= 0xac00 && next <= 0xd7a3) return plain;
  }
  return at;
}

/** Whether the line [start, end) goes on in the next one. */
function goesOn(text: string, start: number, end: number): boolean {
  const last =
    text
      .slice(Math.max(start, end - 3), end)
      .trimEnd()
      .at(-1) ?? '';
  if (last === '' || /[.!?…:;。！？：；”"」』]/u.test(last)) return false;
  const next = text.slice(end + 1, end + 4);
  // A list's mark, an indented line, an empty one: each begins something.
  if (/^(?:[\s•*+>|#-]|\d{1,2}[.)])/u.test(next)) return false;
  return (
    end - start >= (/[가-힣\u3040-\u30FF\u3400-\u9FFF]/u.test(last) ? wideWrapWidth : wrapWidth)
  );
}

function endsSentence(text: string, start: number, stop: number, end: number): boolean {
  // Enough for the longest shortening, and bounded on a line without spaces.
  const before = /[^\s("'“‘¿¡]+$/u.exec(text.slice(Math.max(start, stop - 24), stop))?.[0] ?? '';
  if (/^\p{Lu}$/u.test(before)) return false;
  if (/^\d{1,4}$/.test(before) && isCount(text, start, stop, end)) return false;
  // "9 a.m. The" ends a sentence, "9 a.m. on" does not: what follows decides.
  const next = /\S/u.exec(text.slice(end, end + 8))?.[0] ?? '';
  if (/\p{Ll}/u.test(next)) return false;
  return !shortened.has(before.toLowerCase());
}

/** A number that a stop makes an item's mark ("3. The roof") or a part of a Korean date ("2026. 3. 5."). */
function isCount(text: string, start: number, stop: number, end: number): boolean {
  const from = Math.max(start, stop - 16);
  const before = text.slice(from, stop);
  if (/^\s*\d{1,3}$/.test(before) && from === start) return true;
  if (/(?:^|\D)\d{4}$/.test(before))
    return /^\s?\d{1,2}\.(?:\s?\d|\s|$)/.test(text.slice(end, end + 6));
  return /(?:^|\D)\d{4}\.\s?(?:\d{1,2}\.\s?)?\d{1,2}$/.test(before);
}
