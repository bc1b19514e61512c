import { blocks } from './mix.ts';
import type { BlockType, TypedTensor } from './mix.ts';
import type { Role } from './tensors.ts';

/** Seeded random numbers, the same on every machine. */
export interface Random {
  /** A whole number below 2^32. */
  next(): number;
  below(limit: number): number;
  between(low: number, high: number): number;
}

/** The generator sfc32 (Chris Doty-Humphrey's), seeded with a number and a text. */
export function createRandom(seed: number, text: string): Random {
  let a = hash(text, 0x811c9dc5);
  let b = hash(text, seed | 0);
  let c = Math.floor(seed / 2 ** 32) ^ seed;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 16; round += 1) next();
  return {
    next,
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    between: (low, high) => low + (next() / 2 ** 32) * (high - low),
  };
}

function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}

/**
 * About 4 MiB of blocks of a type whose weights have mean 0 and the standard deviation `spread`. Its
 * number of blocks is prime, so that the rows of a tensor that repeats it all begin elsewhere in it.
 */
export function blockPattern(type: BlockType, spread: number, seed: number): Buffer {
  const { bytes } = blocks[type];
  const count = primeBelow(patternBytes / bytes);
  const pattern = randomBytes(count * bytes, createRandom(seed, `${type} ${spread}`));
  const random = createRandom(seed, `scales ${type} ${spread}`);
  const shape = shapers[type];
  for (let at = 0; at < pattern.length; at += bytes) shape(pattern, at, spread, random);
  return pattern;
}

const patternBytes = 4 * 2 ** 20;

function primeBelow(limit: number): number {
  const isPrime = (value: number): boolean => {
    for (let factor = 2; factor * factor <= value; factor += 1)
      if (value % factor === 0) return false;
    return true;
  };
  let value = Math.floor(limit);
  while (!isPrime(value)) value -= 1;
  return value;
}

function randomBytes(length: number, random: Random): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index += 1) words[index] = random.next();
  return Buffer.from(words.buffer, 0, length);
}

/** Standard deviation of a whole number that is each of `count` neighbours equally often. */
const deviation = (count: number): number => Math.sqrt((count * count - 1) / 12);

type Shaper = (pattern: Buffer, at: number, spread: number, random: Random) => void;

// Weight of each type from its block, as ggml's dequantisation computes it. The random bits stay; what is
// written over them is the scale, with a random sign where the bits' mean is not zero.
const shapers: Readonly<Record<BlockType, Shaper>> = {
  F32: (pattern, at, spread, random) => {
    pattern.writeFloatLE(random.between(-1, 1) * spread * Math.sqrt(3), at);
  },
  F16: (pattern, at, spread, random) => {
    pattern.writeUInt16LE(toHalf(random.between(-1, 1) * spread * Math.sqrt(3)), at);
  },
  // d * (q - 8), q below 16
  Q4_0: (pattern, at, spread, random) => {
    pattern.writeUInt16LE(signedHalf(spread / deviation(16), random), at);
  },
  // d * (q - 16), q below 32
  Q5_0: (pattern, at, spread, random) => {
    pattern.writeUInt16LE(signedHalf(spread / deviation(32), random), at);
  },
  // d * q, q from -127 to 127
  Q8_0: (pattern, at, spread) => {
    pattern.writeUInt16LE(toHalf(spread / deviation(255)), at);
    for (let index = at + 2; index < at + 34; index += 1) {
      if (pattern[index] === 0x80) pattern[index] = 0x81;
    }
  },
  // d * scale * q - dmin * min, q below 16; min = scale and dmin = 7.5 d put the mean at zero
  Q4_K: (pattern, at, spread, random) => {
    const d = spread / (deviation(16) * rootMeanSquare(32, 64));
    pattern.writeUInt16LE(toHalf(d), at);
    pattern.writeUInt16LE(toHalf(7.5 * d), at + 2);
    for (let index = 0; index < 4; index += 1) {
      const bits = random.next();
      const low = 32 | (bits & 31);
      const high = 32 | ((bits >>> 5) & 31);
      pattern[at + 4 + index] = low | ((high >>> 4) << 6);
      pattern[at + 8 + index] = low | ((high >>> 4) << 6);
      pattern[at + 12 + index] = (high & 15) | ((high & 15) << 4);
    }
  },
  // d * scale * (q - 32), q below 64, scale a signed byte
  Q6_K: (pattern, at, spread, random) => {
    pattern.writeUInt16LE(toHalf(spread / (deviation(64) * rootMeanSquare(64, 128))), at + 208);
    for (let index = 0; index < 16; index += 1) {
      const bits = random.next();
      const size = 64 | (bits & 63);
      pattern.writeInt8(bits >>> 31 === 0 ? size : -size, at + 192 + index);
    }
  },
};

function rootMeanSquare(from: number, below: number): number {
  let sum = 0;
  for (let value = from; value < below; value += 1) sum += value * value;
  return Math.sqrt(sum / (below - from));
}

const signedHalf = (value: number, random: Random): number =>
  toHalf(value) | (random.next() >>> 31 === 0 ? 0 : 0x8000);

/** The bits of a 16-bit float, rounded to nearest; for sizes below 65504. */
export function toHalf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  const exponent = Math.max(-14, Math.floor(Math.log2(size === 0 ? 1e-10 : size)));
  // In steps of the last of ten bits; a carry runs into the exponent, as it should.
  const steps = Math.round((size / 2 ** exponent) * 1024);
  return sign | (steps < 1024 ? steps : ((exponent + 14) << 10) + steps);
}

/**
 * Standard deviation of a large tensor: products with normalised numbers come out near 1. Tables of
 * tokens a quarter of that: a token's own vector must not make it its own likeliest successor, because
 * a repeated token asks the same experts again and again.
 */
export const spreadOf = ({ dimensions, role }: TypedTensor): number =>
  (role === 'table' ? 0.25 : 1) / Math.sqrt(dimensions[0] ?? 1);

/** The numbers of a small tensor, near those a Mamba-2 layer begins its training with. */
const small: Readonly<Partial<Record<Role, (random: Random) => number>>> = {
  norm: (random) => random.between(0.95, 1.05),
  skip: (random) => random.between(0.95, 1.05),
  convolution: (random) => random.between(-0.5, 0.5),
  bias: (random) => random.between(-0.1, 0.1),
  // An embedding model's: what a token is must count far more than where it stands.
  word: (random) => random.between(-1, 1),
  place: (random) => random.between(-0.1, 0.1),
  // A itself, not its logarithm: negative, so that states fade.
  decay: (random) => -random.between(1, 16),
  // What softplus turns into a step of 0.001 to 0.1.
  step: (random) => Math.log(Math.expm1(0.001 * 100 ** random.between(0, 1))),
};

/** The bytes of a small tensor, or null for one that is made of a pattern's blocks. */
export function smallTensor(tensor: TypedTensor, seed: number): Buffer | null {
  const draw = small[tensor.role];
  if (draw === undefined) return null;
  if (tensor.type !== 'F32') throw new Error(`${tensor.name} must be F32`);
  const random = createRandom(seed, tensor.name);
  const bytes = Buffer.alloc(tensor.bytes);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeFloatLE(draw(random), at);
  return bytes;
}
