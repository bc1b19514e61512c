import { fold } from './text.ts';
import type { Token } from './text.ts';

/** A number of a text with what it counts. */
export interface Quantity {
  /** As numbers are compared: "1,284.50" and "1284.5" are one. */
  readonly key: string;
  /** One name for all spellings of a unit; null for none that is known. */
  readonly unit: string | null;
  readonly kind: 'month' | 'year' | 'number';
  /** As it is written, unit and all. */
  readonly raw: string;
  /** Keys of the words beside it, for numbers without a unit. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Spellings in English, Spanish and Korean, folded (no case, no accents). */
const units: Readonly<Record<string, readonly string[]>> = {
  percent: ['%', 'percent', 'per cent', 'por ciento', '퍼센트', '프로'],
  eur: ['€', 'euro', 'euros', 'eur', '유로'],
  usd: ['$', 'dollar', 'dollars', 'usd', 'dolar', 'dolares', '달러'],
  gbp: ['£', 'gbp'],
  krw: ['₩', 'won', 'krw', '원'],
  cent: ['cent', 'cents', 'centimos'],
  ml: [
    'ml',
    'millilitre',
    'millilitres',
    'milliliter',
    'milliliters',
    'mililitro',
    'mililitros',
    '밀리리터',
  ],
  litre: ['l', 'litre', 'litres', 'liter', 'liters', 'litro', 'litros', '리터'],
  kg: ['kg', 'kilo', 'kilos', 'kilogram', 'kilograms', 'kilogramo', 'kilogramos', '킬로그램'],
  gram: ['g', 'gram', 'grams', 'gramo', 'gramos', '그램'],
  tonne: ['t', 'ton', 'tons', 'tonne', 'tonnes', 'tonelada', 'toneladas', '톤'],
  km: [
    'km',
    'kilometre',
    'kilometres',
    'kilometer',
    'kilometers',
    'kilometro',
    'kilometros',
    '킬로미터',
  ],
  metre: ['m', 'metre', 'metres', 'meter', 'meters', 'metro', 'metros', '미터'],
  cm: [
    'cm',
    'centimetre',
    'centimetres',
    'centimeter',
    'centimeters',
    'centimetro',
    'centimetros',
    '센티미터',
  ],
  mm: [
    'mm',
    'millimetre',
    'millimetres',
    'millimeter',
    'millimeters',
    'milimetro',
    'milimetros',
    '밀리미터',
  ],
  mile: ['mile', 'miles', 'milla', 'millas', '마일'],
  second: ['second', 'seconds', 'segundo', 'segundos', '초'],
  minute: ['min', 'minute', 'minutes', 'minuto', 'minutos', '분'],
  hour: ['h', 'hour', 'hours', 'hora', 'horas', '시간'],
  day: ['day', 'days', 'dia', 'dias', '일'],
  week: ['week', 'weeks', 'semana', 'semanas', '주'],
  month: ['month', 'months', 'mes', 'meses', '개월'],
  year: ['year', 'years', 'ano', 'anos', '년'],
  celsius: ['°c', 'degrees celsius', 'grados celsius', '섭씨'],
  fahrenheit: ['°f', 'degrees fahrenheit'],
  watt: ['w', 'watt', 'watts', 'vatio', 'vatios', '와트'],
  kw: ['kw', 'kilowatt', 'kilowatts', 'kilovatios', '킬로와트'],
  volt: ['v', 'volt', 'volts', 'voltios', '볼트'],
  thousand: ['thousand', '천'],
  million: ['million', 'millions', 'millon', 'millones', 'mn', '백만'],
  billion: ['billion', 'billions', 'bn', 'mil millones', '십억'],
  'ten-thousand': ['만'],
};

const byName = new Map(
  Object.entries(units).flatMap(([unit, names]) => names.map((name) => [name, unit] as const)),
);
/** Longest first, so that "degrees celsius" is not left at "degrees". */
const names = [...byName.keys()].toSorted((a, b) => b.length - a.length);
const letter = /\p{L}/u;
const hangul = /\p{Script=Hangul}/u;

/** The unit that a text begins with, as it is written there. */
function unitAt(text: string): { readonly unit: string; readonly length: number } | null {
  const lead = /^[\s-]?\s?/.exec(text)?.[0].length ?? 0;
  // Folding keeps the length of everything that can be a unit.
  const folded = fold(text.slice(lead, lead + 24));
  for (const name of names) {
    if (!folded.startsWith(name)) continue;
    const next = folded.charAt(name.length);
    // Korean particles are written onto a unit.
    const goesOn = letter.test(next) && !hangul.test(next);
    if (letter.test(name.at(-1) ?? '') && goesOn && !hangul.test(name)) continue;
    return { unit: byName.get(name) ?? name, length: lead + name.length };
  }
  return null;
}

/** @param tokens of the text */
export function quantitiesOf(text: string, tokens: readonly Token[]): Quantity[] {
  const words = tokens.filter(({ kind }) => kind !== 'stop');
  return words.flatMap((token, index): Quantity[] => {
    if (token.kind !== 'number') return [];
    const written = text.slice(token.start, token.end);
    const digits = /^[\d.,:]*\d/.exec(written)?.[0];
    const numberEnd = token.start + (digits?.length ?? written.length);
    const behind = unitAt(text.slice(numberEnd, numberEnd + 40));
    const sign = text.charAt(token.start - 1);
    const ahead = byName.get(sign) ?? null;
    const isMonth = token.key.startsWith('month:');
    const unit = isMonth ? null : (behind?.unit ?? ahead);
    const isYear = unit === null && /^\d{4}$/.test(token.key) && /^(?:1\d|20)/.test(token.key);
    const end =
      behind === null || isMonth
        ? token.end + (isMonth && text.charAt(token.end) === '월' ? 1 : 0)
        : Math.max(token.end, numberEnd + behind.length);
    return [
      {
        key: token.key,
        unit,
        kind: isMonth ? 'month' : isYear || isKoreanYear(token.key, unit) ? 'year' : 'number',
        raw: text
          .slice(ahead !== null && behind === null ? token.start - 1 : token.start, end)
          .trim(),
        before: words[index - 1]?.key ?? null,
        after: words[index + 1]?.key ?? null,
      },
    ];
  });
}

function isKoreanYear(key: string, unit: string | null): boolean {
  return unit === 'year' && /^(?:1\d|20)\d\d$/.test(key);
}

/** Words of a text that are the units of its numbers. */
export function unitWords(
  text: string,
  tokens: readonly Token[],
  quantities: readonly Quantity[],
): ReadonlySet<string> {
  const counted = new Set(quantities.filter(({ unit }) => unit !== null).map(({ unit }) => unit));
  return new Set(
    tokens
      .filter(({ start, end, kind }) => {
        if (kind !== 'word') return false;
        const unit = byName.get(fold(text.slice(start, end)));
        return unit !== undefined && counted.has(unit);
      })
      .map(({ key }) => key),
  );
}

/** Numbers that stand in both with another unit: "448 ml" and "448 litres". */
export function unitDifferences(
  said: readonly Quantity[],
  found: readonly Quantity[],
): { readonly said: Quantity; readonly found: Quantity }[] {
  return said.flatMap((one) => {
    if (one.unit === null) return [];
    const same = found.filter(({ key }) => key === one.key);
    const [other] = same.filter(({ unit }) => unit !== null);
    if (other === undefined || same.some(({ unit }) => unit === one.unit)) return [];
    return [{ said: one, found: other }];
  });
}
