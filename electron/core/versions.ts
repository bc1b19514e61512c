import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The engine's version as it is installed, without loading it: that is ENGINE's business. Looked for
 * in the `node_modules` folders above this file, as Node itself would. 'unknown' where there is none.
 */
export function engineVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      const file = join(folder, 'node_modules', 'node-llama-cpp', 'package.json');
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
      if (typeof version === 'string') return `node-llama-cpp ${version}`;
    } catch {
      // Not in this folder.
    }
    const above = dirname(folder);
    if (above === folder) return 'unknown';
    folder = above;
  }
}
