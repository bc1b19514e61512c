import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import { shellValidators } from '../ipc/validators.ts';
import { contentOf, saveFile } from './saved-file.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'quarry-save-'));
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

describe('a file that the window has saved', () => {
  it('is text for a table, and a picture only if it begins as one', () => {
    expect(contentOf({ kind: 'csv', data: 'größe\r\n' }).toString()).toBe('größe\r\n');
    expect(contentOf({ kind: 'png', data: png.toString('base64') })).toEqual(png);
    expect(() => contentOf({ kind: 'png', data: Buffer.from('#!/bin/sh').toString('base64') }))
      // As any program would be refused that calls itself a picture.
      .toThrow(AppError);
  });

  it('replaces what stood there whole and leaves nothing beside it', async () => {
    const place = folder();
    const path = join(place, 'memory.csv');
    writeFileSync(path, 'what was there before, and longer');
    expect(await saveFile(path, Buffer.from('new'))).toBe('memory.csv');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(place)).toEqual(['memory.csv']);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says so where it may not be written',
    async () => {
      const place = folder();
      chmodSync(place, 0o500);
      await expect(saveFile(join(place, 'a.csv'), png)).rejects.toMatchObject({
        code: 'permission-denied',
        detail: { name: 'a.csv' },
      });
    },
  );

  it('leaves nothing behind where its folder is gone', async () => {
    const place = folder();
    await expect(saveFile(join(place, 'gone/a.csv'), png)).rejects.toMatchObject({
      code: 'internal',
    });
    expect(readdirSync(place)).toEqual([]);
  });

  it('may not be named a path, a hidden file, or be of another kind', () => {
    const check = shellValidators.calls['shell.saveFile'];
    const good = { kind: 'csv', name: 'memory-2026-11-22.csv', data: 'x' };
    expect(check(good)).toEqual(good);
    for (const bad of [
      { ...good, name: '../memory.csv' },
      { ...good, name: '/etc/cron.d/x' },
      { ...good, name: '.bashrc' },
      { ...good, name: 'a\\b.csv' },
      { ...good, kind: 'exe' },
      { ...good, data: '' },
      { ...good, data: 'x'.repeat(32 * 1024 * 1024 + 1) },
    ]) {
      expect(() => check(bad)).toThrow(AppError);
    }
  });
});
