import { resolve } from 'node:path';

/** The files and folders that a person chose by dialog or drop since the start. */
export interface Grants {
  /** @returns the paths as they were noted: absolute and normalised. */
  grant(paths: readonly string[]): readonly string[];
  isGranted(path: string): boolean;
}

export function createGrants(): Grants {
  const granted = new Set<string>();
  return {
    grant(paths) {
      const whole = paths.map((path) => resolve(path));
      for (const path of whole) granted.add(path);
      return whole;
    },
    // The very same text: anything that would have to be resolved first did not come from us.
    isGranted: (path) => granted.has(path),
  };
}
