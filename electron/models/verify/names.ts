import { Refusal } from './refusal.ts';

/**
 * Refuses lists in which a name could point outside the folder, or two names could be one file on
 * some file system: Windows and macOS ignore capitals, macOS also the form of accents. Throws Refusal.
 */
export function checkNames(names: readonly string[]): void {
  const exact = new Set<string>();
  const normal = new Map<string, string>();
  const folded = new Set<string>();
  for (const name of names) {
    checkName(name);
    if (exact.has(name)) throw new Refusal('name-duplicate', { name });
    exact.add(name);
    const nfc = name.normalize('NFC');
    const other = normal.get(nfc);
    if (other !== undefined) throw new Refusal('name-unicode-collision', { name, other });
    normal.set(nfc, name);
    const fold = foldCase(nfc);
    if (folded.has(fold)) throw new Refusal('name-case-collision', { name });
    folded.add(fold);
  }
}

function checkName(name: string): void {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(name)) throw new Refusal('name-control');
  if (name.includes('\\')) throw new Refusal('name-backslash', { name });
  if (name.startsWith('/')) throw new Refusal('name-absolute', { name });
  // A colon names a drive (C:x) or, behind a name, a stream of NTFS.
  if (name.includes(':')) throw new Refusal('name-drive', { name });
  for (const part of name.split('/')) {
    if (part === '') throw new Refusal('name-empty', { name });
    if (part === '..' || part === '.') throw new Refusal('name-traversal', { name });
    // Windows drops these, so that "..." or ".. " could be "..", and "a." is "a".
    if (/^\.{2,}[. ]*$/.test(part)) throw new Refusal('name-traversal', { name });
  }
}

/** Upper then lower: also letters with several small forms (ſ and s, ς and σ) become one. */
const foldCase = (name: string): string =>
  name
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[. ]+(?=\/|$)/g, '');
