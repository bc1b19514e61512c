import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A module that a recipe has built (native/recipes), as it lies in the profile. */
export interface Own {
  readonly name: string;
  readonly folder: string;
  readonly denseOnly: boolean;
  /** It stands in for the processor's own module, so that it needs no device. */
  readonly replacesProcessor: boolean;
  /** Changes with every build. */
  readonly hash: string;
}

/**
 * Modules in `backends/<recipe>` of the profile. Whether one fits this machine and this llama.cpp is
 * found out by its trial, where it is loaded as well. A folder without a readable manifest is told of too.
 */
export function findOwn(dataFolder: string): readonly Own[] {
  const base = join(dataFolder, 'backends');
  return list(base).map((entry) => {
    const folder = join(base, entry);
    const text = read(join(folder, 'manifest.json'));
    const facts = parse(text);
    return {
      name: `own:${entry}`,
      folder,
      denseOnly: facts['denseOnly'] !== false,
      replacesProcessor: facts['replacesProcessor'] === true,
      hash: createHash('sha256').update(text).digest('hex'),
    };
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[a-z][a-z0-9-]{0,30}$/.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
