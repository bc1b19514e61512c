import { describe, expect, it } from 'vitest';
import type { Task } from '../../../../electron/ipc/contract/index.ts';
import { Toasts } from '../../state/toasts.svelte.ts';
import { tellLeftOut } from '../documents/left-out.ts';
import { sortDrop } from './drop.ts';
import { progressOf, shareOf, titleOf } from './task-words.ts';

const task: Task = {
  id: 't',
  kind: 'ingest',
  subject: 'Leases',
  state: 'running',
  done: 41,
  total: 300,
  unit: 'files',
  current: 'a.pdf',
  targetId: 'k',
  failures: 1,
  error: null,
  startedAt: 0,
};

describe('tasks in words', () => {
  it('say what, how far and how long', () => {
    expect(titleOf(task)).toBe('Reading Leases');
    expect(progressOf(task, 41_000)).toBe('41 of 300 files · 4 min left · 1 failed');
    expect(progressOf({ ...task, unit: 'bytes', done: 2 ** 20, failures: 0 }, 0)).toContain(
      '1 MB of',
    );
  });

  it('promise nothing too early, and wait without a bar', () => {
    expect(progressOf(task, 1000)).not.toContain('left');
    expect(shareOf({ ...task, state: 'waiting' })).toBeNull();
    expect(progressOf({ ...task, state: 'waiting' }, 0)).toBe('waiting');
    expect(progressOf({ ...task, done: 0, total: 0 }, 0)).toBe('waiting');
  });
});

describe('a drop', () => {
  it('parts models from documents', () => {
    expect(sortDrop(['/a/x.GGUF', '/a/b.pdf', '/a/folder', '/a/y.gguf'])).toEqual({
      documents: ['/a/b.pdf', '/a/folder'],
      model: '/a/x.GGUF',
    });
    expect(sortDrop([])).toEqual({ documents: [], model: null });
  });
});

describe('notes at the foot', () => {
  it('say the same once, and name what was left out', () => {
    const toasts = new Toasts();
    toasts.show('Copied');
    toasts.show('Copied');
    expect(toasts.list.map(({ text }) => text)).toEqual(['Copied']);
    tellLeftOut(toasts, []);
    tellLeftOut(toasts, ['a.exe']);
    tellLeftOut(toasts, ['a.exe', 'b.heic', 'c.iso']);
    expect(toasts.list.map(({ text }) => text)).toEqual([
      'Copied',
      'a.exe was left out. Quarry does not read this kind of file.',
      'a.exe and 2 more files were left out. Quarry does not read these kinds of file.',
    ]);
  });
});
