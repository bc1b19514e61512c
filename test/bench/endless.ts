import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const resources = fileURLToPath(new URL('../../resources', import.meta.url));
const ending = '<|end_of_text|>';
/** As long, so that nothing in the file moves. */
const another = '<|and_of_text|>';

/**
 * A copy of the app's resources (for `QUARRY_RESOURCES`) in which the miniature never ends an answer by
 * itself: the token that would is called another name and is no longer named as the end. Its weights are
 * the same. Answers are as long as they may be then, with any sampling. @returns the way to remove it, too.
 */
export function endlessResources(): {
  readonly folder: string;
  readonly model: string;
  remove(): void;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-endless-'));
  cpSync(resources, folder, { recursive: true });
  const model = path.join(folder, 'miniature/miniature.gguf');
  const file = readFileSync(model);
  const tokens = tokensOf(file);
  const other = tokens.indexOf('<|pad|>');
  // Key, then type (4 = u32), then the value.
  const key = 'tokenizer.ggml.eos_token_id';
  file.writeUInt32LE(other, file.indexOf(key) + key.length + 4);
  for (let at = file.indexOf(ending); at >= 0; at = file.indexOf(ending, at)) {
    file.write(another, at, 'latin1');
  }
  writeFileSync(model, file);
  return { folder, model, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The vocabulary: an array (9) of strings (8), each with its length in front, all lengths of 64 bits. */
function tokensOf(file: Buffer): string[] {
  const key = 'tokenizer.ggml.tokens';
  let at = file.indexOf(key) + key.length + 8;
  const size = (): number => {
    at += 8;
    return Number(file.readBigUInt64LE(at - 8));
  };
  return Array.from({ length: size() }, () => {
    const length = size();
    at += length;
    return file.toString('utf8', at - length, at);
  });
}
