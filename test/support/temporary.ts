import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Global set-up of Vitest and Playwright: what tests put into the system's temporary folder, profiles of the app among
 * it, lies in one folder that goes with the run. A short name: the paths of sockets in it are limited.
 */
export default function setUp(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-'));
  // Linux and macOS ask the first, Windows the others; processes that tests start have them from here.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    } catch (error) {
      // A folder that a test made unwritable, or a file that Windows still holds: no test has failed by it.
      console.warn(`left behind: ${folder} (${(error as NodeJS.ErrnoException).code})`);
    }
  };
}
