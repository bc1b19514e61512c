import { spawn } from 'node:child_process';
import { SetupError } from './say.mjs';
import { findProgram } from './system.mjs';

/** Whether a window could be shown to somebody. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * Starts a virtual X display on a free number.
 * @returns {Promise<{ env: { DISPLAY: string }, close: () => void }>}
 */
export async function virtualDisplay() {
  const program = findProgram('Xvfb');
  if (program === undefined) {
    throw new SetupError(
      'there is no display, and no Xvfb to make a virtual one',
      'sudo apt-get install -y xvfb (or your system’s package of it)',
    );
  }
  // -displayfd: the server picks a free number itself and writes it once it accepts clients.
  const server = spawn(
    program,
    ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const number = await new Promise((done, fail) => {
    let said = '';
    let complaints = '';
    server.stderr?.on('data', (bytes) => (complaints = `${complaints}${bytes}`.slice(-2000)));
    server.stdio[3]?.on('data', (bytes) => {
      said += bytes;
      if (said.includes('\n')) done(said.trim());
    });
    server.once('error', fail);
    server.once('exit', (code) =>
      fail(new SetupError(`Xvfb ended with status ${code}: ${complaints}`, 'see its message')),
    );
  });
  const close = () => void server.kill();
  process.once('exit', close);
  return { env: { DISPLAY: `:${number}` }, close };
}

/**
 * Runs `work` with a display: the one there is, else a virtual one for its time.
 * @template T @param {(env: Record<string, string>) => Promise<T>} work @returns {Promise<T>}
 */
export async function withDisplay(work) {
  if (hasDisplay()) return work({});
  const display = await virtualDisplay();
  try {
    return await work(display.env);
  } finally {
    display.close();
  }
}
