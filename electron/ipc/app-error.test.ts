import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { AppError, fromErrorShape, toErrorShape } from './app-error.ts';

describe('errors that travel', () => {
  it('name the file of a system error, not the folders above it', () => {
    const error = Object.assign(new Error("EACCES: denied, open '/home/ann/Secret plan/a.pdf'"), {
      code: 'EACCES',
      syscall: 'open',
      path: '/home/ann/Secret plan/a.pdf',
    });
    const shape = toErrorShape(error);
    expect(shape).toEqual({ code: 'permission-denied', message: 'EACCES in open of a.pdf' });
  });

  it('say no folder either where Node made the error and no code of ours fits', () => {
    try {
      readFileSync(join(tmpdir(), 'not-here-at-all', 'b.txt'));
      expect.unreachable();
    } catch (error) {
      const { code, message } = toErrorShape(error);
      expect(code).toBe('internal');
      expect(message).toBe('ENOENT in open of b.txt');
    }
  });

  it('keep code and detail on the way there and back', () => {
    const error = new AppError('model-exists', 'already there', { detail: { name: 'x' } });
    expect(toErrorShape(fromErrorShape(toErrorShape(error)))).toEqual(toErrorShape(error));
    expect(fromErrorShape({ code: 'made-up' as 'internal', message: 'm' }).code).toBe('internal');
  });
});
