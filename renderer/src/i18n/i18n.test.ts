import { afterEach, describe, expect, it } from 'vitest';
import { en } from './en.ts';
import {
  bytes,
  count,
  duration,
  figure,
  hasKey,
  percent,
  relativeDay,
  setLocale,
  t,
} from './index.ts';

const sources = import.meta.glob(['../**/*.{ts,svelte}', '!../**/*.test.ts', '!./en/*.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

afterEach(() => setLocale('en'));

describe('the catalogue', () => {
  it('holds every key that is used', () => {
    const missing = Object.entries(sources).flatMap(([file, text]) =>
      [...text.matchAll(/\bt\(\s*'([^']+)'/g)]
        .map(([, key]) => key ?? '')
        .filter((key) => !hasKey(key))
        .map((key) => `${file}: ${key}`),
    );
    expect(missing).toEqual([]);
    expect(Object.keys(sources).length).toBeGreaterThan(40);
  });

  it('holds no key that nothing uses', () => {
    const all = Object.values(sources).join('\n');
    const prefixes = [...all.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map(([, prefix]) => prefix ?? '');
    const unused = Object.keys(en).filter(
      (key) =>
        !all.includes(`'${key}'`) &&
        !all.includes(`"${key}"`) &&
        !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it('is valid message syntax, without exclamation marks', () => {
    const values = new Proxy({}, { has: () => true, get: () => 2 }) as Record<string, number>;
    for (const [key, text] of Object.entries(en)) {
      expect(text, key).not.toContain('!');
      const names = [...text.matchAll(/\{(\w+)/g)].map(([, name]) => [
        name ?? '',
        values['x'] ?? 2,
      ]);
      expect(t(key as keyof typeof en, Object.fromEntries(names)), key).not.toBe('');
    }
  });

  it('counts in words', () => {
    expect(t('chat.sources', { count: 1 })).toBe('1 passage read');
    expect(t('chat.sources', { count: 3 })).toBe('3 passages read');
    expect(t('chat.phase.queued', { position: 0 })).toBe('Waiting: next in line');
    expect(t('chat.phase.queued', { position: 1 })).toBe('Waiting: next in line');
    expect(t('chat.phase.queued', { position: 2 })).toBe('Waiting: 2nd in line');
    expect(t('chat.phase.queued', { position: 13 })).toBe('Waiting: 13th in line');
  });
});

describe('figures', () => {
  it('carry units and three significant digits', () => {
    expect(bytes(10_347_968)).toBe('9.87 MB');
    expect(bytes(16 * 2 ** 30)).toBe('16 GB');
    expect(bytes(1023.9 * 2 ** 20)).toBe('1 GB');
    expect(bytes(0)).toBe('0 bytes');
    expect(figure(41.234)).toBe('41.2');
    expect(figure(1234.5)).toBe('1,235');
    expect(count(1234567)).toBe('1,234,567');
    expect(percent(0.031)).toBe('3%');
  });

  it('choose the unit of time that reads best', () => {
    expect(duration(80)).toBe('80 ms');
    expect(duration(310)).toBe('0.31\u00a0s');
    expect(duration(41_000)).toBe('41\u00a0s');
    expect(duration(125_000)).toBe('2 min');
  });

  it('follow the locale', () => {
    setLocale('de');
    expect(figure(41.234)).toBe('41,2');
    expect(t('chat.send')).toBe('Send');
    setLocale('not a tag');
    expect(figure(1.5)).toBe('1.5');
  });

  it('name near days in words', () => {
    const now = new Date(2026, 10, 22, 12).getTime();
    expect(relativeDay(now - 3600e3, now)).toBe('Today');
    expect(relativeDay(now - 24 * 3600e3, now)).toBe('Yesterday');
    expect(relativeDay(new Date(2026, 10, 3).getTime(), now)).toBe('November 3');
  });
});
