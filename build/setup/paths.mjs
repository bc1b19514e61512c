// Runs on Node 20.19: plain JavaScript, no dependencies.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
export const cache = join(root, '.cache');
export const modules = join(root, 'node_modules');
export const exe = process.platform === 'win32' ? '.exe' : '';
export const here = `${process.platform}-${process.arch}`;
