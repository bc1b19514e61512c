import { locale } from './translate.svelte.ts';

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options);
  let format = numbers.get(key);
  if (!format) numbers.set(key, (format = new Intl.NumberFormat(locale(), options)));
  return format;
}

function date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale() + JSON.stringify(options);
  let format = dates.get(key);
  if (!format) dates.set(key, (format = new Intl.DateTimeFormat(locale(), options)));
  return format;
}

/** A measured figure with three significant digits; whole numbers of 100 and more keep all their digits. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return number({ maximumFractionDigits: 0 }).format(value);
  return number({ maximumSignificantDigits: 3 }).format(value);
}

/** A whole number with separators. */
export function count(value: number): string {
  return number({ maximumFractionDigits: 0 }).format(value);
}

/** A share of 1 as percent with three significant digits at most: 0.031 -> "3.1 %" by locale. */
export function percent(share: number, digits = 0): string {
  return number({ style: 'percent', maximumFractionDigits: digits }).format(share);
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/**
 * Bytes with three significant digits. Steps of 1024, so that a machine with 16 GB shows "16 GB"
 * and a file can be compared with memory in the same unit.
 */
export function bytes(value: number): string {
  let step = 0;
  let amount = Math.abs(value);
  // "1,010 bytes", not "0.986 kB".
  while (amount >= (step === 0 ? 1023.5 : 999.5) && step < byteUnits.length - 1) {
    amount /= 1024;
    step += 1;
  }
  return number({
    style: 'unit',
    unit: byteUnits[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    ...(step === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }),
  }).format(Math.sign(value) * amount);
}

/** Milliseconds as the one unit that reads best: "80 ms", "0.31 s", "41 s", "2 min", "3 hr". */
export function duration(ms: number): string {
  const of = (unit: string, value: number, digits: number) =>
    number({ style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: digits }).format(
      value,
    );
  if (ms < 100) return of('millisecond', Math.round(ms), 3).replace(/msec$/, 'ms');
  if (ms < 60_000) return seconds(ms / 1000);
  if (ms < 5_400_000) return of('minute', Math.round(ms / 60_000), 3);
  return of('hour', ms / 3_600_000, 2);
}

function seconds(value: number): string {
  return number({
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumSignificantDigits: value < 10 ? 2 : 3,
  })
    .format(value)
    .replace(/(\d)s$/, '$1\u00a0s');
}

/** Hours and minutes of a moment. */
export function clock(at: number): string {
  return date({ hour: 'numeric', minute: '2-digit' }).format(at);
}

/** A day in words, with the year only when it is not this one. */
export function day(at: number, now = Date.now()): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return date({ day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(
    at,
  );
}

/** Day and time in full, for tooltips and tables. */
export function timestamp(at: number): string {
  return date({ dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** Whole local days between `at` and now: 0 = today, 1 = yesterday. */
export function daysAgo(at: number, now = Date.now()): number {
  const start = (moment: number) => new Date(moment).setHours(0, 0, 0, 0);
  return Math.round((start(now) - start(at)) / 86_400_000);
}

/** "today", "yesterday", else the day. Capitalised as a heading. */
export function relativeDay(at: number, now = Date.now()): string {
  const ago = daysAgo(at, now);
  if (ago > 1 || ago < 0) return day(at, now);
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-ago, 'day');
  return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);
}

/** "November 2026". */
export function monthOf(at: number): string {
  return date({ month: 'long', year: 'numeric' }).format(at);
}

/** Alternatives: "PDF or Word". */
export const anyOf = (values: readonly string[]): string =>
  new Intl.ListFormat(locale(), { type: 'disjunction' }).format(values);

/** A year, a month or a day, as a filter has it (2024, 2024-03, 2024-03-05), in words. */
export function partOfDate(value: string): string {
  const [year = 0, month, dayOfMonth] = value.split(/[-/.]/).map(Number);
  if (month === undefined) return String(year);
  const of = dayOfMonth === undefined ? {} : ({ day: 'numeric' } as const);
  return date({ year: 'numeric', month: 'long', ...of }).format(
    new Date(year, month - 1, dayOfMonth ?? 1),
  );
}
