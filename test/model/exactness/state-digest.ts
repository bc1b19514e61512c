import { createHash } from 'node:crypto';

/**
 * sha256 of what a state file of llama.cpp holds, leaving out where it was held: the number of the sequence
 * and of all sequences. The layout is that of llama_kv_cache::state_write (values not transposed, as with
 * flash attention) and, behind it, llama_memory_recurrent::state_write. Throws where it is another.
 * The sign of a zero counts for nothing: llama.cpp empties a recurrent state by multiplying what was there
 * before with 0, so that an empty one holds -0 wherever its predecessor was below 0.
 */
export function stateDigest(file: Buffer): string {
  const hash = createHash('sha256');
  let at = 8;
  const number = (): number => {
    at += 4;
    return file.readUInt32LE(at - 4);
  };
  const count = number();
  hash.update(file.subarray(at, at + 4 * count));
  at += 4 * count;
  const streams = number();
  for (let stream = 0; stream < streams; stream += 1) {
    const cells = number();
    if (cells === 0) continue;
    hash.update(String(cells));
    for (let cell = 0; cell < cells; cell += 1) {
      hash.update(file.subarray(at, at + 4));
      at += 4;
      const names = number();
      at += 4 * names;
    }
    if (number() !== 0) throw new Error('values are transposed');
    const layers = number();
    // First all keys, then all values.
    for (let row = 0; row < 2 * layers; row += 1) {
      const start = at;
      number();
      const size = number();
      at += 4 + size * cells;
      hash.update(file.subarray(start, at));
    }
  }
  // A model without a recurrent part has nothing here.
  return hash.update(withoutSigns(file.subarray(at))).digest('hex');
}

/** 32-bit numbers, those of the layout too: none of them is ever 2^31. */
function withoutSigns(bytes: Buffer): Uint32Array {
  const numbers = new Uint32Array(new Uint8Array(bytes).buffer);
  return numbers.map((number) => (number === 0x8000_0000 ? 0 : number));
}
