import { EventEmitter } from 'node:events';
import type { watch } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createBellFoundry } from './bells.ts';

/** A stand-in for the system's watches. */
function fakeWatch(refuse: (path: string) => string | null = () => null) {
  const open = new Map<string, (kind: string, name: string | null) => void>();
  const made: string[] = [];
  const fake = ((path: string, _options: unknown, listener: () => void) => {
    const code = refuse(path);
    if (code !== null) throw Object.assign(new Error(code), { code });
    made.push(path);
    open.set(path, listener);
    return Object.assign(new EventEmitter(), { close: () => void open.delete(path) });
  }) as unknown as typeof watch;
  return { fake, open, made };
}

describe('bells', () => {
  it('watch each folder once, leave those that went, and watch again what was replaced', () => {
    const { fake, open, made } = fakeWatch();
    const bells = createBellFoundry({ watch: fake, wholeTrees: false, most: 9 })('/r', () => {});
    const look = (...folders: [string, string][]): void => {
      bells.begin();
      for (const [path, inode] of folders) bells.folder(path, inode);
      bells.end();
    };
    look(['/r', '1'], ['/r/a', '2'], ['/r/b', '3']);
    look(['/r', '1'], ['/r/b', '4']);
    expect(made).toEqual(['/r', '/r/a', '/r/b', '/r/b']);
    expect([...open.keys()]).toEqual(['/r', '/r/b']);
    bells.close();
    expect(open.size).toBe(0);
  });

  it('ring for folders, documents and rules, not for writing to what is no document', () => {
    let rings = 0;
    const { fake, open } = fakeWatch();
    const foundry = createBellFoundry({ watch: fake, wholeTrees: false, most: 9 });
    foundry('/r', () => (rings += 1)).folder('/r', '1');
    const heard = (kind: string, name: string | null): number => {
      rings = 0;
      open.get('/r')?.(kind, name);
      return rings;
    };
    expect(heard('change', 'a.md')).toBe(1);
    expect(heard('change', 'film.mkv')).toBe(0);
    expect(heard('rename', 'folder.old')).toBe(1);
    expect(heard('change', '.quarryignore')).toBe(1);
    expect(heard('change', null)).toBe(1);
  });

  it.each(['ENOSPC', 'EMFILE'])(
    'say that there are no more watches (%s), and give back those held',
    (code) => {
      const { fake, open } = fakeWatch((path) => (path === '/r/c' ? code : null));
      const bells = createBellFoundry({ watch: fake, wholeTrees: false, most: 99 })('/r', () => {});
      bells.begin();
      for (const path of ['/r', '/r/a', '/r/c', '/r/d']) bells.folder(path, path);
      bells.end();
      expect(bells.limited).toBe('watches');
      expect(open.size).toBe(0);
      bells.begin();
      expect(bells.limited).toBeNull();
    },
  );

  it('leave other programs their share: all folders together take no more than allowed', () => {
    const { fake, open } = fakeWatch();
    const foundry = createBellFoundry({ watch: fake, wholeTrees: false, most: 3 });
    const first = foundry('/r', () => {});
    const second = foundry('/s', () => {});
    for (const path of ['/r', '/r/a']) first.folder(path, path);
    for (const path of ['/s', '/s/a']) second.folder(path, path);
    expect([first.limited, second.limited]).toEqual([null, 'watches']);
    expect([...open.keys()]).toEqual(['/r', '/r/a']);
  });

  it('take one handle for the whole tree where the system has such', () => {
    const { fake, made } = fakeWatch();
    const bells = createBellFoundry({ watch: fake, wholeTrees: true, most: 9 })('/r', () => {});
    for (const path of ['/r', '/r/a', '/r/b']) bells.folder(path, path);
    expect(made).toEqual(['/r']);
  });
});
