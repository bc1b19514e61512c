import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Damages one of the files in a folder, as a disk or somebody else may. @returns false where there is none. */
export function attackFile(folder: string, a: number, b: number): boolean {
  const files = filesIn(folder);
  // The newest ones are those that the next questions go on from.
  const path = files[a % Math.min(6, files.length)];
  if (path === undefined) return false;
  const bytes = readFileSync(path);
  const other = files[(a + 1 + (b >> 4)) % files.length] ?? path;
  switch (b % 6) {
    case 0:
      writeFileSync(path, bytes.subarray(0, (b * 7919) % Math.max(1, bytes.length)));
      break;
    case 1:
    case 2: {
      if (bytes.length === 0) return false;
      const at = (b * 104_729) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (a % 8));
      writeFileSync(path, bytes);
      break;
    }
    case 3: {
      if (other === path) return false;
      const between = `${path}.exchanged`;
      renameSync(path, between);
      renameSync(other, path);
      renameSync(between, other);
      break;
    }
    case 4: {
      if (other === path) return false;
      // Not longer than what was there: the budget is not the attacker's to keep.
      writeFileSync(path, readFileSync(other).subarray(0, bytes.length));
      break;
    }
    default:
      rmSync(path);
  }
  return true;
}

function filesIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .map((name) => join(folder, name))
    .map((path) => ({ path, found: statSync(path, { throwIfNoEntry: false }) }))
    .filter(({ found }) => found?.isFile() === true)
    .sort((one, other) => (other.found?.mtimeMs ?? 0) - (one.found?.mtimeMs ?? 0))
    .map(({ path }) => path);
}
