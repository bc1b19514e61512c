import { AppError } from '../ipc/app-error.ts';

/** The path of a call that takes exactly one. Throws 'invalid-argument'. */
export function onePath(paths: readonly string[]): string {
  const [path] = paths;
  if (path === undefined || paths.length !== 1) {
    throw new AppError('invalid-argument', 'exactly one path is needed');
  }
  return path;
}
