import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './models-support.ts';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sends this signal when the text has appeared on stdout, or on stderr where told. */
  readonly interrupt?: {
    readonly signal: NodeJS.Signals;
    readonly after: RegExp;
    readonly on?: 'stderr';
  };
  /** Closes our end of its stdout when the text has appeared. */
  readonly leaveAfter?: RegExp;
}

/** Runs the command line as a process of its own, as a person would. */
export function quarry(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'electron/core/cli.ts'), ...args], {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let acted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (acted) return;
      if (options.interrupt?.on !== 'stderr' && options.interrupt?.after.test(stdout)) {
        acted = true;
        child.kill(options.interrupt.signal);
      }
      if (options.leaveAfter?.test(stdout)) {
        acted = true;
        child.stdout.destroy();
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (!acted && options.interrupt?.on === 'stderr' && options.interrupt.after.test(stderr)) {
        acted = true;
        child.kill(options.interrupt.signal);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
