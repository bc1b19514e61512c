import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

type Facts = Readonly<Record<string, string | number | boolean>>;

export interface LogFile {
  /** One event of MAIN. Never prompt, document text, token or key. */
  event(event: string, facts?: Facts): void;
  /** A line that CORE wrote. Lines that are not of its own log (a crash of Node itself) are cut short. */
  line(line: string): void;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

/** A small log: past `maxBytes` the file becomes `….1.log`, and the one before that is gone. */
export function createLogFile(file: string, maxBytes = 1_000_000): LogFile {
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let size: number | undefined;

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const text = waiting.join('');
      waiting = [];
      try {
        if (size === undefined) {
          await mkdir(dirname(file), { recursive: true, mode: 0o700 });
          size = (await stat(file).catch(() => undefined))?.size ?? 0;
        }
        if (size > maxBytes) {
          await rename(file, file.replace(/(\.\w+)?$/, '.1$1'));
          size = 0;
        }
        await appendFile(file, text, { mode: 0o600 });
        size += Buffer.byteLength(text);
      } catch {
        // A log that cannot be written (disk full) must not stop the app.
      }
    }
    writing = undefined;
  };
  const add = (line: string): void => {
    waiting.push(`${line}\n`);
    writing ??= write();
  };

  return {
    event(event, facts) {
      add(JSON.stringify({ at: new Date().toISOString(), process: 'main', event, ...facts }));
    },
    line(line) {
      const isOurs = line.startsWith('{"at":');
      add(isOurs ? line : JSON.stringify({ process: 'core', raw: line.slice(0, 300) }));
    },
    flush: () => writing ?? Promise.resolve(),
  };
}
