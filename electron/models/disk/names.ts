import type { Leftover } from '../../ipc/contract/index.ts';
import { sidePattern } from '../download/job.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** Copies that an import has not finished. */
export const importPattern = new RegExp(`^${uuid}\\.part$`);
const movePattern = /^\..+\.moving$/;
/** A model's file is named by its hash; `-2` where another file had the name. */
const modelPattern = /^[0-9a-f]{64}(?:-\d+)?\.gguf$/;

/** The name under which a move writes before the copy is whole. */
export const movingName = (name: string): string => `.${name}.moving`;

/** What a file in the library's folder is, told by its name alone. */
export function kindOf(name: string): Leftover['kind'] {
  if (importPattern.test(name)) return 'import';
  if (movePattern.test(name)) return 'move';
  if (sidePattern.test(name)) return name.endsWith('.quarantine') ? 'quarantine' : 'download';
  return modelPattern.test(name) ? 'model' : 'foreign';
}

/** `a.gguf` → `a-2.gguf`, `a-3.gguf` … */
export function otherName(name: string, number: number): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}-${number}` : `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
}
