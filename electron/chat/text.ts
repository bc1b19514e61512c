/**
 * Words and sentences, for finding out what supports what. Not for display.
 */

const stopWords = new Set(
  (
    'a an the this that these those it its he his him she her they them their we our us you your i my me ' +
    'is are was were be been being am do does did done has have had having will would shall should can ' +
    'could may might must of in on at by for with from to into onto as than then so and or but nor if ' +
    'not no never none there here which who whom whose what when where why how also about only just very ' +
    'such each both any some all out up over under per via s t ' +
    'el la los las un una unos unas y o de del al en por para con sin que se su sus es son fue era ' +
    'lo le les como más pero ya esta este esto estos estas'
  ).split(' '),
);

const numberWords = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
    'sixteen seventeen eighteen nineteen twenty'
  )
    .split(' ')
    .map((word, index) => [word, String(index)] as const),
);
for (const [word, value] of Object.entries({
  thirty: '30',
  forty: '40',
  fifty: '50',
  sixty: '60',
  seventy: '70',
  eighty: '80',
  ninety: '90',
  hundred: '100',
  thousand: '1000',
})) {
  numberWords.set(word, value);
}

for (const [index, words] of (
  'cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez||doce|trece|catorce|quince|dieciséis|diecisiete|' +
  'dieciocho|diecinueve|veinte'
)
  .split('|')
  .entries()) {
  // "once" is English too.
  if (words !== '' && words !== 'uno')
    numberWords.set(words.normalize('NFD').replaceAll(/\p{Mn}/gu, ''), String(index));
}
for (const [word, value] of Object.entries({
  treinta: '30',
  cuarenta: '40',
  cincuenta: '50',
  sesenta: '60',
  setenta: '70',
  ochenta: '80',
  noventa: '90',
  cien: '100',
  mil: '1000',
})) {
  numberWords.set(word, value);
}

const spanishMonths = new Map(
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'
    .split(' ')
    .map((word, index) => [word, `month:${index + 1}`] as const),
);
spanishMonths.set('setiembre', 'month:9');

const months = new Map(
  'jan feb mar apr may jun jul aug sep oct nov dec'
    .split(' ')
    .map((word, index) => [word, `month:${index + 1}`] as const),
);
const monthWord =
  /^(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)$/;

export interface Token {
  /** Comparable form: folded, stemmed, numbers and months in one spelling. */
  readonly key: string;
  /** UTF-16 offsets within the text given. */
  readonly start: number;
  readonly end: number;
  readonly kind: 'word' | 'number' | 'code' | 'stop';
  readonly capital: boolean;
  /** Stands within the reach of a negation. */
  readonly negated: boolean;
}

const wordPattern = /\d{4}-\d{2}-\d{2}|[\p{L}\p{N}]+(?:[-'’.,:/@_][\p{L}\p{N}]+)*/gu;
const negation =
  /^(not|no|never|cannot|without|neither|nor|none|nobody|nothing|hardly|sin|nunca|jamás)$|n['’]t$/;
const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** Content words after a negation that it is taken to deny. */
const negationReach = 1;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let reach = 0;
  const push = (key: string, start: number, end: number, kind: Token['kind'], capital = false) => {
    tokens.push({ key, start, end, kind, capital, negated: kind !== 'stop' && reach > 0 });
    if (kind !== 'stop') reach -= 1;
  };
  for (const match of text.matchAll(wordPattern)) {
    const [raw] = match;
    const start = match.index;
    const end = start + raw.length;
    const lower = fold(raw);
    if (negation.test(lower)) {
      push(lower, start, end, 'stop');
      reach = negationReach;
      continue;
    }
    const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(raw);
    if (date) {
      push(String(Number(date[1])), start, end, 'number');
      push(`month:${Number(date[2])}`, start, end, 'number');
      push(String(Number(date[3])), start, end, 'number');
    } else if (/^\d/.test(raw) && /^[\d.,:]+$/.test(raw)) {
      push(numberKey(raw), start, end, 'number');
    } else if (/\d/.test(raw)) {
      pushMixed(raw, start, end, push);
    } else if (cjk.test(raw)) {
      pushPairs(raw, start, push);
    } else if (lower === 'am' && tokens.at(-1)?.kind === 'number') {
      push('am', start, end, 'word');
    } else {
      pushWord(raw, lower, start, end, push);
    }
  }
  return tokens;
}

type Push = (
  key: string,
  start: number,
  end: number,
  kind: Token['kind'],
  capital?: boolean,
) => void;

/** "448ml", "2-year" and "9am" are a number and a word; "BMP239" and "6081-M" are names of things. */
function pushMixed(raw: string, start: number, end: number, push: Push): void {
  const [, number, mark, letters = ''] =
    /^([\d.,:]*\d)(-?)(\p{L}+)$/u.exec(raw) ?? ([] as string[]);
  const lower = fold(letters);
  if (number !== undefined && mark === '' && cjk.test(letters)) {
    // "14일입니다": a number with what is written onto it; "3월" is a month.
    const isMonth = letters.startsWith('월') && /^(?:[1-9]|1[0-2])$/.test(number);
    push(isMonth ? `month:${number}` : numberKey(number), start, start + number.length, 'number');
    const latin = /^[a-z]*/i.exec(letters)?.[0] ?? '';
    const at = start + number.length;
    if (latin !== '') push(stem(fold(latin)), at, at + latin.length, 'word');
    return pushPairs(letters.slice(latin.length), at + latin.length, push);
  }
  const isCode = mark === '-' ? letters !== lower || letters.length < 3 : letters.length > 3;
  if (number === undefined || isCode) return push(fold(raw), start, end, 'code');
  push(numberKey(number), start, end, 'number');
  if (!/^(st|nd|rd|th)$/.test(lower)) push(stem(lower), start, end, 'word');
}

function pushWord(raw: string, lower: string, start: number, end: number, push: Push): void {
  const capital = /^\p{Lu}/u.test(raw);
  const number = numberWords.get(lower);
  // "a.m." and "p.m." without their stops, so that "am", "a.m" and "a.m." are one.
  const plain = lower.replaceAll('.', '');
  if (plain === 'am' && lower !== plain) return push('am', start, end, 'word');
  if (number !== undefined) return push(number, start, end, 'number');
  // "may" in small letters is the verb.
  if (monthWord.test(lower) && (capital || !/^(may|mar)/.test(lower))) {
    return push(months.get(lower.slice(0, 3)) ?? lower, start, end, 'number');
  }
  const spanishMonth = spanishMonths.get(lower);
  if (spanishMonth !== undefined) return push(spanishMonth, start, end, 'number');
  if (stopWords.has(lower)) return push(lower, start, end, 'stop');
  // Compounds are compared part by part: "two-year" and "two years" are one.
  const parts = lower.split('-');
  if (parts.length > 1) {
    for (const part of parts) {
      const value = numberWords.get(part);
      if (value !== undefined) push(value, start, end, 'number');
      else if (part !== '' && !stopWords.has(part)) push(stem(part), start, end, 'word', capital);
    }
    return;
  }
  push(stem(plain.replace(/['’]s$/, '')), start, end, 'word', capital);
}

/** Scripts that write no spaces (and Korean, whose endings cling to words) are compared by pairs of characters. */
function pushPairs(raw: string, start: number, push: Push): void {
  const characters = [...raw];
  if (characters.length === 0) return;
  if (characters.length === 1) return push(raw, start, start + raw.length, 'word');
  let at = start;
  for (let index = 0; index + 1 < characters.length; index += 1) {
    const pair = `${characters[index]}${characters[index + 1]}`;
    push(pair, at, at + pair.length, 'word');
    at += characters[index]?.length ?? 1;
  }
}

/** "1,284.50", "1.284,50" and "1284.5" are one number; "9:00" is 9; "11:30" stays a time. */
function numberKey(raw: string): string {
  const text = raw.replace(/[.,:]+$/, '');
  const time = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (time) return time[2] === '00' ? String(Number(time[1])) : `${Number(time[1])}:${time[2]}`;
  const lastMark = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (lastMark < 0) return /^\d+$/.test(text) ? String(BigInt(text)) : text;
  const marks = text.replaceAll(/\d/g, '');
  const tail = text.length - lastMark - 1;
  const grouped = /^\d{1,3}([.,]\d{3})+$/.test(text) && new Set(marks).size === 1;
  // One mark with three digits behind it: a comma groups, a stop may be either and is read as decimal.
  const decimal = !grouped || (marks === '.' && tail === 3);
  const whole = (decimal ? text.slice(0, lastMark) : text).replaceAll(/[.,:]/g, '');
  const fraction = decimal ? text.slice(lastMark + 1).replace(/0+$/, '') : '';
  const start = whole === '' ? '0' : String(BigInt(whole));
  return fraction === '' ? start : `${start}.${fraction}`;
}

/** Lower case, without accents. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase()
    .normalize('NFC');
}

const irregular = new Map(
  Object.entries({
    written: 'write',
    wrote: 'write',
    made: 'make',
    held: 'hold',
    built: 'build',
    found: 'find',
    sold: 'sell',
    bought: 'buy',
    paid: 'pay',
    kept: 'keep',
    led: 'lead',
    lived: 'live',
    lives: 'live',
    began: 'begin',
    begun: 'begin',
    grew: 'grow',
    grown: 'grow',
    ran: 'run',
    sent: 'send',
    said: 'say',
    told: 'tell',
    taught: 'teach',
    thought: 'think',
    took: 'take',
    taken: 'take',
    went: 'go',
    gone: 'go',
    given: 'give',
    gave: 'give',
    drawn: 'draw',
    drew: 'draw',
    ate: 'eat',
    eaten: 'eat',
    fed: 'feed',
    met: 'meet',
    spent: 'spend',
    lost: 'lose',
    won: 'win',
    chose: 'choose',
    chosen: 'choose',
    seen: 'see',
    saw: 'see',
    frozen: 'freeze',
    froze: 'freeze',
    broken: 'break',
    broke: 'break',
    spoken: 'speak',
    spoke: 'speak',
    stolen: 'steal',
    stole: 'steal',
    worn: 'wear',
    wore: 'wear',
    left: 'leave',
    felt: 'feel',
    heard: 'hear',
    brought: 'bring',
    caught: 'catch',
    fell: 'fall',
    fallen: 'fall',
    rose: 'rise',
    risen: 'rise',
    driven: 'drive',
    drove: 'drive',
    hidden: 'hide',
    known: 'know',
    knew: 'know',
    shown: 'show',
    sung: 'sing',
    sank: 'sink',
    stood: 'stand',
    understood: 'understand',
    meant: 'mean',
    used: 'use',
    using: 'use',
    died: 'die',
    lay: 'lie',
    children: 'child',
    men: 'man',
    women: 'woman',
    feet: 'foot',
    people: 'person',
    height: 'high',
    length: 'long',
    width: 'wide',
    depth: 'deep',
  }).map(([form, base]) => [form, stemRegular(base)] as const),
);

export function stem(word: string): string {
  return irregular.get(word) ?? stemRegular(word);
}

function stemRegular(word: string): string {
  if (word.length < 4) return word;
  let base = word;
  if (base.endsWith('ies') && base.length > 4) base = `${base.slice(0, -3)}y`;
  else if (/(ss|us|is)$/.test(base)) return base;
  else if (/(sh|ch|x|z|ss)es$/.test(base)) base = base.slice(0, -2);
  else if (base.endsWith('s')) base = base.slice(0, -1);
  if (base.endsWith('ing') && base.length > 5) base = base.slice(0, -3);
  else if (base.endsWith('ied')) base = `${base.slice(0, -3)}y`;
  else if (base.endsWith('ed') && base.length > 4) base = base.slice(0, -2);
  else if (base.endsWith('ly') && base.length > 5) base = base.slice(0, -2);
  else if (base.endsWith('er') && base.length > 5) base = base.slice(0, -2);
  // "stopped" and "stop", "closing" and "close", "opener" keep one root.
  if (base !== word) base = base.replace(/([bdfgmnprt])\1$/, '$1');
  return base.length > 3 ? base.replace(/e$/, '') : base;
}
