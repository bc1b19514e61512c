import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSeal } from './seal.ts';

const salt = '00112233445566778899aabbccddeeff';

describe.each([
  ['a checksum', null],
  ['encryption', randomBytes(32)],
])('a frame proved by %s', (_, key) => {
  const { frames, proofBytes } = createSeal(key);
  const bytes = randomBytes(1000);
  const { stored, proof } = frames(salt).seal(1, 2, bytes);

  it('opens as what it was', () => {
    expect(proof).toHaveLength(proofBytes);
    expect(stored).toHaveLength(bytes.length);
    expect(frames(salt).open(1, 2, stored, proof)).toEqual(bytes);
  });

  it('opens nowhere else: not in another part, at another number, in another file', () => {
    expect(frames(salt).open(2, 2, stored, proof)).toBeNull();
    expect(frames(salt).open(1, 3, stored, proof)).toBeNull();
    expect(frames(salt.replace('0', '1')).open(1, 2, stored, proof)).toBeNull();
  });

  it('does not open with one bit changed, cut or longer', () => {
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const flipped = Buffer.from(stored);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(frames(salt).open(1, 2, flipped, proof)).toBeNull();
    }
    expect(frames(salt).open(1, 2, stored.subarray(0, -1), proof)).toBeNull();
    expect(frames(salt).open(1, 2, Buffer.concat([stored, Buffer.alloc(1)]), proof)).toBeNull();
    expect(frames(salt).open(1, 2, Buffer.alloc(0), proof)).toBeNull();
  });
});

it('with encryption nothing of the bytes can be read', () => {
  const bytes = Buffer.alloc(1000, 'secret');
  expect(createSeal(randomBytes(32)).frames(salt).seal(0, 0, bytes).stored.includes('secret')).toBe(
    false,
  );
});
