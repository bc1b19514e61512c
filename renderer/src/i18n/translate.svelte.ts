import { IntlMessageFormat } from 'intl-messageformat';
import { en } from './en.ts';
import type { Catalogue, MessageKey } from './en.ts';

const catalogues: Readonly<Record<string, Catalogue>> = { en };

let current = $state(systemLocale());
const compiled = new Map<string, IntlMessageFormat>();

function systemLocale(): string {
  return (typeof navigator !== 'undefined' && navigator.language) || 'en';
}

/** The BCP 47 tag in force. Reading it in markup makes the markup follow a change. */
export function locale(): string {
  return current;
}

/** 'system' or a BCP 47 tag. An unknown tag falls back to the system's. */
export function setLocale(tag: string): void {
  let next = systemLocale();
  if (tag !== 'system') {
    try {
      next = Intl.getCanonicalLocales(tag)[0] ?? next;
    } catch {
      // A hand-edited settings row may hold anything; the system's language is a fair answer.
    }
  }
  if (next === current) return;
  compiled.clear();
  current = next;
  if (typeof document !== 'undefined') document.documentElement.lang = catalogueLanguage();
}

function catalogueLanguage(): string {
  const language = current.split('-')[0] ?? 'en';
  return language in catalogues ? language : 'en';
}

/** True for a key that the catalogue holds (for keys built from data). */
export function hasKey(key: string): key is MessageKey {
  return key in en;
}

/** The sentence for a key in the user's language; ICU message syntax with named values. */
export function t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string {
  const catalogue = catalogues[catalogueLanguage()] ?? en;
  const text = catalogue[key] ?? en[key];
  if (values === undefined && !text.includes('{') && !text.includes("'")) return text;
  let format = compiled.get(key);
  if (!format) {
    format = new IntlMessageFormat(text, current);
    compiled.set(key, format);
  }
  return String(format.format(values as Record<string, string | number>));
}
