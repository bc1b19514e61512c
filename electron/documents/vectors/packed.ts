import type { PackedVector } from '../../storage/repositories/vectors.ts';

/** A vector as signed bytes: the largest number becomes 127. Costs about 0.004 of a likeness. */
export function pack(vector: Float32Array): PackedVector {
  let most = 0;
  for (const value of vector) most = Math.max(most, Math.abs(value));
  const scale = most === 0 ? 1 : most / 127;
  const bytes = Int8Array.from(vector, (value) => Math.round(value / scale));
  return { scale, vector: new Uint8Array(bytes.buffer) };
}

export const bytesOf = ({ vector }: PackedVector): Int8Array =>
  new Int8Array(vector.buffer, vector.byteOffset, vector.byteLength);

/** Likeness (cosine) of a unit vector and a packed one. NaN where their lengths differ. */
export function likeness(query: Float32Array, packed: PackedVector): number {
  const bytes = bytesOf(packed);
  if (bytes.length !== query.length) return Number.NaN;
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) sum += (query[at] ?? 0) * (bytes[at] ?? 0);
  return sum * packed.scale;
}

/** Likeness of two unit vectors. */
export function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
