import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../ipc/contract/index.ts';
import type { OpenDatabase } from '../storage/open.ts';
import { openDatabase } from '../storage/open.ts';
import { sql } from '../storage/sql.ts';
import { createSettings, defaultSettings } from './index.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
let opened: OpenDatabase;
let pushes: string[];
const make = () =>
  createSettings({ db: opened.db, announcer: { push: (name) => void pushes.push(name) } });

beforeEach(() => {
  pushes = [];
  opened = openDatabase({
    file: ':memory:',
    clock: { now: () => 0 },
    log: quiet,
    backupFolder: '/nowhere',
  });
});
afterEach(() => opened.close());

describe('settings', () => {
  it('gives defaults, keeps what was set, and tells of a change', () => {
    expect(make().get()).toEqual(defaultSettings);
    make().set({ theme: 'dark', textSize: 18 });
    expect(make().get()).toEqual({ ...defaultSettings, theme: 'dark', textSize: 18 });
    expect(pushes).toEqual(['settings.changed']);
  });

  it.each([
    { textSize: 12 },
    { textSize: 15.5 },
    { temperature: 2.1 },
    { temperature: Number.NaN },
    { theme: 'pink' },
    { locale: 'not a locale' },
    { sessions: 0 },
    { contextSize: 100 },
  ])('refuses %j and changes nothing', (values) => {
    const settings = make();
    expect(() => settings.set({ welcomed: true, ...values } as Partial<Settings>)).toThrowError(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(settings.get()).toEqual(defaultSettings);
    expect(pushes).toEqual([]);
  });

  it('passes over unknown keys and stored values it cannot use', () => {
    const settings = make();
    expect(settings.set({ unknown: 1 } as unknown as Partial<Settings>)).toEqual(defaultSettings);
    opened.db.run(sql`INSERT INTO settings VALUES ('theme', '"sepia"'), ('topK', '{broken')`);
    expect(settings.get()).toEqual(defaultSettings);
  });

  it('takes null back to automatic', () => {
    const settings = make();
    settings.set({ threads: 2, contextSize: 4096, locale: 'ko-KR' });
    expect(settings.set({ threads: null })).toMatchObject({
      threads: null,
      contextSize: 4096,
      locale: 'ko-KR',
    });
  });
});
