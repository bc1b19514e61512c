import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, root } from './paths.mjs';
import { SetupError } from './say.mjs';
import { runThrough } from './spawn.mjs';

/**
 * The script behind a tool’s name. npm’s own record is asked, because .bin holds links on one system
 * and shell wrappers on another.
 * @param {string} tool as in node_modules/.bin
 */
export function toolScript(tool) {
  const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path.lastIndexOf('node_modules/') !== 0) continue;
    const file = /** @type {{ bin?: Record<string, string> }} */ (entry).bin?.[tool];
    if (file !== undefined) return join(root, path, file);
  }
  throw new SetupError(`no npm package here brings "${tool}"`, 'npm install, or check the name');
}

/**
 * Runs a tool, or a script file of ours, on Node 24 to its end.
 * @param {import('../bootstrap.mjs').Ready} ready
 * @param {string} what tool name, or a path ending .ts / .mjs / .js from the repository’s root
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { prefix?: readonly string[] | undefined }} [options]
 *   prefix: a command that runs the command after it, such as one that cuts the network off
 */
export function runTool(ready, what, args, { prefix = [], ...options } = {}) {
  const script = /\.m?[jt]s$/.test(what) ? join(root, what) : toolScript(what);
  if (!existsSync(script)) {
    throw new SetupError(
      `${what} is not there`,
      'check the name, or delete node_modules and retry',
    );
  }
  const [command = ready.node, ...rest] = [...prefix, ready.node, script, ...args];
  return runThrough(command, rest, {
    cwd: root,
    ...options,
    env: { ...ready.env, ...options.env },
  });
}
