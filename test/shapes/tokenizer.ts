import { readFileSync } from 'node:fs';
import type { Random } from './random.ts';

/** A byte-pair tokenizer as llama.cpp reads it from a file. */
export interface Tokenizer {
  readonly tokens: readonly string[];
  /** llama.cpp's kinds: 1 normal, 3 control, 4 user defined, 5 unused. */
  readonly kinds: readonly number[];
  readonly merges: readonly string[];
}

/** Ids that Granite 4.0's files give; between and after them stand unused ones. */
const named: readonly (readonly [id: number, text: string, kind: number])[] = [
  [100_256, '<|pad|>', 3],
  [100_257, '<|end_of_text|>', 3],
  [100_258, '<|fim_prefix|>', 3],
  [100_259, '<|fim_middle|>', 3],
  [100_260, '<|fim_suffix|>', 3],
  [100_261, '<|fim_pad|>', 3],
  [100_264, '<|start_of_role|>', 3],
  [100_265, '<|end_of_role|>', 3],
  [100_269, '<|unk|>', 3],
  [100_270, '<tool_call>', 4],
  [100_271, '</tool_call>', 4],
  [100_272, '<tool_response>', 4],
  [100_273, '</tool_response>', 4],
];

export const special = { pad: 100_256, endOfText: 100_257, unknown: 100_269 } as const;

/** Tokens that are bytes or merges of Granite's table; special ones follow. */
const ordinary = 100_256;
/** The miniature's own merges: with them English text takes about as many tokens as it should. */
const miniaturePath = new URL('../miniature/train/tokenizer.json', import.meta.url);

/**
 * Made-up tokens of Granite's number: 256 bytes, so that any text tokenises, then the miniature's
 * merges, then random pairs until there are as many as in Granite's table, then special tokens at
 * Granite's ids. Only a smaller `vocabulary` (for tests) leaves out the random pairs.
 */
export function makeTokenizer(vocabulary: number, random: Random): Tokenizer {
  const tokens = byteAlphabet();
  const seen = new Set(tokens);
  const merges: string[] = [];
  const add = (left: string, right: string): void => {
    const text = left + right;
    if (seen.has(text)) return;
    seen.add(text);
    tokens.push(text);
    merges.push(`${left} ${right}`);
  };
  const bulk = Math.min(ordinary, vocabulary - (100_352 - ordinary));
  const { merges: known } = JSON.parse(readFileSync(miniaturePath, 'utf8')) as {
    merges: [string, string][];
  };
  for (const [left, right] of known) if (tokens.length < bulk) add(left, right);
  const letters = tokens.filter((text) => /^[Ġa-z]?[a-z]+$/.test(text));
  while (tokens.length < bulk) {
    const left = letters[random.below(letters.length)] ?? 'a';
    const right = letters[random.below(letters.length)] ?? 'a';
    if (!right.startsWith('Ġ') && left.length + right.length <= longest) add(left, right);
  }
  const kinds: number[] = tokens.map(() => 1);
  for (let id = tokens.length; id < vocabulary; id += 1) {
    const [, text, kind] = named.find(([at]) => at - ordinary === id - bulk) ?? [];
    tokens.push(text ?? `<|unused_${id - bulk}|>`);
    kinds.push(kind ?? 5);
  }
  return { tokens, kinds, merges };
}

/** Characters of the longest made-up token: gives the header the length that published files have. */
const longest = 8;

/** GPT-2's names of bytes: printable ones stand for themselves, the others for characters from 256 on. */
function byteAlphabet(): string[] {
  const isShown = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const shown = Array.from({ length: 256 }, (_, byte) => byte).filter(isShown);
  const others = Array.from({ length: 256 - shown.length }, (_, index) => 256 + index);
  return [...shown, ...others].map((code) => String.fromCharCode(code));
}
