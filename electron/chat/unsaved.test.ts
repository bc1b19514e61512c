import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import { createUnsaved } from './unsaved.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

describe('ends of turns that could not be saved', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are tried again until there is space, and told once', () => {
    const unsaved = createUnsaved(quiet);
    let isFull = true;
    const saved: string[] = [];
    const done = vi.fn();
    const save = () => {
      if (isFull) throw new AppError('disk-full', 'the disk is full');
      saved.push('text');
    };
    unsaved.keep('turn-1', save, done);
    vi.advanceTimersByTime(60_000);
    expect(saved).toEqual([]);
    isFull = false;
    vi.advanceTimersByTime(30_000);
    expect(saved).toEqual(['text']);
    vi.advanceTimersByTime(300_000);
    expect(saved).toEqual(['text']);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('are let go when their conversation is gone, and the others are not held up', () => {
    const unsaved = createUnsaved(quiet);
    const gone = vi.fn(() => {
      throw new AppError('not-found', 'no such message');
    });
    const other = vi.fn();
    unsaved.keep('turn-1', gone, () => {});
    unsaved.keep('turn-2', other, () => {});
    vi.advanceTimersByTime(120_000);
    expect(gone).toHaveBeenCalledTimes(1);
    expect(other).toHaveBeenCalledTimes(1);
  });

  it('are tried a last time at the end, and never after it', () => {
    const unsaved = createUnsaved(quiet);
    const save = vi.fn(() => {
      throw new AppError('disk-full', 'the disk is full');
    });
    unsaved.keep('turn-1', save, () => {});
    unsaved.close();
    vi.advanceTimersByTime(120_000);
    expect(save).toHaveBeenCalledTimes(1);
  });
});
