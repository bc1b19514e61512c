import { expect, it } from 'vitest';
import { openDatabase } from './open.ts';
import { sql } from './sql.ts';

it('waits for the disk again as soon as work follows that must not be lost', () => {
  const { db, close } = openDatabase({
    file: ':memory:',
    clock: { now: () => 0 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    backupFolder: '',
  });
  const level = (): unknown => db.get(sql`PRAGMA synchronous`);
  const full = { synchronous: 2 };
  const normal = { synchronous: 1 };
  expect(level()).toEqual(full);
  db.loose(() => expect(level()).toEqual(normal));
  db.transaction(() => {
    expect(level()).toEqual(full);
    db.loose(() => expect(level()).toEqual(full));
  });
  db.loose(() => {
    db.transaction(() => expect(level()).toEqual(normal));
    db.run(sql`DELETE FROM settings`);
    expect(level()).toEqual(normal);
  });
  db.run(sql`DELETE FROM settings`);
  expect(level()).toEqual(full);
  expect(() =>
    db.loose(() => {
      throw new Error('full');
    }),
  ).toThrow('full');
  db.run(sql`DELETE FROM settings`);
  expect(level()).toEqual(full);
  close();
});
