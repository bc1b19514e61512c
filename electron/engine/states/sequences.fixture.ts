import { createHash } from 'node:crypto';

/** The shape of a made-up model's states. */
export interface SequenceShape {
  /** ggml type and bytes of a row, for the keys of each attention layer; values are alike. */
  readonly attention: readonly (readonly [type: number, row: number])[];
  /** Recurrent layers with the bytes of their two parts; 0 layers = none. */
  readonly recurrent: { readonly layers: number; readonly small: number; readonly large: number };
  readonly streams: number;
}

/** A hybrid of three attention and two recurrent layers, and a model of attention alone. */
export const hybridShape: SequenceShape = {
  attention: [
    [1, 64],
    [1, 64],
    [1, 32],
  ],
  recurrent: { layers: 2, small: 96, large: 4096 },
  streams: 2,
};
export const denseShape: SequenceShape = {
  attention: [
    [8, 68],
    [8, 34],
  ],
  recurrent: { layers: 0, small: 0, large: 0 },
  streams: 1,
};

/**
 * What llama.cpp would write of a sequence of these tokens, where a row depends on all tokens up to its
 * own: the bytes of two sequences are the same as far as their tokens are.
 */
export function sequenceFile(
  shape: SequenceShape,
  tokens: readonly number[],
  sequence = shape.streams - 1,
): Buffer {
  const { attention, recurrent, streams } = shape;
  const parts: Buffer[] = [u32(0x67677371, 3, tokens.length, ...tokens)];
  parts.push(u32(streams, ...Array.from({ length: sequence }, () => 0), tokens.length));
  parts.push(u32(...tokens.flatMap((_, position) => [position, 1, sequence])));
  parts.push(u32(0, attention.length));
  const states = histories(tokens);
  for (const half of ['keys', 'values']) {
    for (const [layer, [type, row]] of attention.entries()) {
      parts.push(u32(type), u64(row));
      for (const state of states) parts.push(stretch(`${state} ${half} ${layer}`, row));
    }
  }
  parts.push(u32(...Array.from({ length: streams - sequence - 1 }, () => 0)));
  if (recurrent.layers > 0) {
    parts.push(u32(1, tokens.length - 1, 0, 0, recurrent.layers + attention.length));
    for (const bytes of [recurrent.small, recurrent.large]) {
      for (let layer = 0; layer < recurrent.layers; layer += 1) {
        parts.push(u32(0), u64(bytes), stretch(`${states.at(-1)} ${bytes} ${layer}`, bytes));
      }
    }
  }
  return Buffer.concat(parts);
}

function histories(tokens: readonly number[]): string[] {
  let state = '';
  return tokens.map((token) => {
    state = createHash('sha256').update(`${state} ${token}`).digest('hex');
    return state;
  });
}

function stretch(text: string, length: number): Buffer {
  const block = createHash('sha512').update(text).digest();
  return Buffer.alloc(length, block);
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
