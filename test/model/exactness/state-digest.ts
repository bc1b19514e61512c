import { createHash } from 'node:crypto';

export interface StateDigest {
  /** Of tokens, rows and recurrent part. */
  readonly whole: string;
  /** The same for each beginning of a state without a recurrent part, from one token on; else empty. */
  readonly beginnings: readonly string[];
}

/**
 * Digests of what a state file of llama.cpp holds, leaving out where it was held: the number of the sequence
 * and of all sequences. The layout is that of llama_kv_cache::state_write (values not transposed, as with
 * flash attention) and, behind it, llama_memory_recurrent::state_write. Throws where it is another.
 * The sign of a zero counts for nothing: llama.cpp empties a recurrent state by multiplying what was there
 * before with 0, so that an empty one holds -0 wherever its predecessor was below 0.
 */
export function stateDigest(file: Buffer): StateDigest {
  let at = 8;
  const number = (): number => {
    at += 4;
    return file.readUInt32LE(at - 4);
  };
  const count = number();
  const tokensAt = at;
  at += 4 * count;
  const positions: number[] = [];
  const rows: { start: number; size: number }[] = [];
  const streams = number();
  for (let stream = 0; stream < streams; stream += 1) {
    const cells = number();
    if (cells === 0) continue;
    if (cells !== count) throw new Error('as many cells as tokens are expected');
    for (let cell = 0; cell < cells; cell += 1) {
      positions.push(number());
      const names = number();
      at += 4 * names;
    }
    if (number() !== 0) throw new Error('values are transposed');
    const layers = number();
    // First all keys, then all values.
    for (let row = 0; row < 2 * layers; row += 1) {
      number();
      const size = number();
      at += 4;
      rows.push({ start: at, size });
      at += size * cells;
    }
  }
  const chain: string[] = [];
  let last = '';
  for (let cell = 0; cell < count; cell += 1) {
    const hash = createHash('sha256').update(last).update(`${positions[cell]} `);
    hash.update(file.subarray(tokensAt + 4 * cell, tokensAt + 4 * cell + 4));
    for (const { start, size } of rows) {
      hash.update(file.subarray(start + size * cell, start + size * (cell + 1)));
    }
    last = hash.digest('hex').slice(0, 24);
    chain.push(last);
  }
  const tail = file.subarray(at);
  if (tail.length === 0) return { whole: last, beginnings: chain };
  const whole = createHash('sha256').update(last).update(withoutSigns(tail)).digest('hex');
  return { whole, beginnings: [] };
}

/** 32-bit numbers, those of the layout too: none of them is ever 2^31. */
function withoutSigns(bytes: Buffer): Uint32Array {
  const numbers = new Uint32Array(new Uint8Array(bytes).buffer);
  return numbers.map((number) => (number === 0x8000_0000 ? 0 : number));
}
