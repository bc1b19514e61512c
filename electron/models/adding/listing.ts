import { basename } from 'node:path/posix';
import type { HubModelFile } from '../../ipc/contract/index.ts';
import type { HubFile } from '../hub.ts';

/** A person does not choose among more. */
const mostFiles = 200;
const part = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** Files that matter of a repository's listing: weights, and the signature over them. */
export const isWanted = (path: string): boolean =>
  path === 'model.sig' || (/\.gguf$/i.test(path) && !/^mmproj/i.test(basename(path)));

/** One part of a model that is split into several files. */
export const isPart = (path: string): boolean => part.test(path);

/**
 * A repository's models: the parts of a split one are one entry, those that lack a part are left out.
 * @param nameOf name of the model in the library with this sha256.
 */
export function listModels(
  files: readonly HubFile[],
  nameOf: (sha256: string) => string | null,
): { readonly files: readonly HubModelFile[]; readonly isCut: boolean } {
  const whole: HubModelFile[] = [];
  const split = new Map<string, { readonly of: number; readonly parts: HubFile[] }>();
  for (const file of files) {
    const [, stem, , of] = part.exec(file.path) ?? [];
    if (file.path === 'model.sig') continue;
    if (stem === undefined || of === undefined) {
      const { path, bytes, sha256 } = file;
      const knownAs = sha256 === null ? null : nameOf(sha256);
      whole.push({
        file: path,
        quantization: quantizationIn(path),
        bytes,
        sha256,
        parts: 1,
        knownAs,
      });
      continue;
    }
    const key = `${stem}-${of}`;
    const group = split.get(key) ?? { of: Number(of), parts: [] };
    group.parts.push(file);
    split.set(key, group);
  }
  for (const { of, parts } of split.values()) {
    const [first] = parts.sort((a, b) => (a.path < b.path ? -1 : 1));
    if (first === undefined || parts.length !== of) continue;
    whole.push({
      file: first.path,
      quantization: quantizationIn(first.path.replace(part, '$1.gguf')),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      sha256: null,
      parts: of,
      knownAs: null,
    });
  }
  const sorted = whole.sort((a, b) => a.bytes - b.bytes || (a.file < b.file ? -1 : 1));
  return { files: sorted.slice(0, mostFiles), isCut: sorted.length > mostFiles };
}

/** "Q4_K_M" of "granite-4.0-h-tiny-Q4_K_M.gguf"; null where the name does not say it. */
export function quantizationIn(path: string): string | null {
  const name = basename(path).replace(/\.gguf$/i, '');
  const found = [
    ...name.matchAll(/(?<![a-z\d])(?:(?:i?q|tq)\d(?:_[a-z\d]+)*|bf16|f16|f32|mxfp4)(?![a-z\d])/gi),
  ];
  return found.at(-1)?.[0].toUpperCase() ?? null;
}
