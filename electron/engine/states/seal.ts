import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * How files of states are made sure of: by checksums, or by AES-256-GCM where there is a key. Large files
 * go in frames, whose proofs stand in the sidecar; the sidecar proves itself.
 */
export interface Seal {
  /** Bytes of one frame's proof. */
  readonly proofBytes: number;
  /** Bytes that a sealed sidecar takes more than its text. */
  readonly overhead: number;
  /** @param name What it is sealed as: it opens as nothing else. */
  sealText(name: string, text: string): Buffer;
  /** null where it is not, byte for byte, what was sealed by that name. */
  openText(name: string, bytes: Buffer): string | null;
  /** The text without proof: to learn the name that proves it. Throws where it is none. */
  peekText(bytes: Buffer): string;
  /** @param salt Of one data file alone, never used for another: it makes the file's key. */
  frames(salt: string): FrameSeal;
}

/** Frames are as long sealed as open. */
export interface FrameSeal {
  seal(part: number, index: number, bytes: Buffer): { stored: Buffer; proof: Buffer };
  /** null where the bytes are not those that the proof was made of. */
  open(part: number, index: number, stored: Buffer, proof: Buffer): Buffer | null;
}

/** @param key 32 bytes; null = nothing is encrypted. */
export function createSeal(key: Buffer | null): Seal {
  if (key === null) return plain;
  if (key.length !== 32) throw new Error('the key for states must be of 32 bytes');
  return encrypted(key);
}

const digestBytes = 32;
const saltBytes = 16;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/**
 * Without a key everything here is proof against damage only: who can write the files can write their proofs. So a
 * frame's checksum is the tag that AES-256-GCM makes of what it does not encrypt, under a key that is no secret
 * (NIST SP 800-38D, GMAC): as sure as a hash of its length to find damage, at an eighth of SHA-256's time
 * (`npm run bench states`), for which somebody waits.
 */
const plain: Seal = {
  proofBytes: tagBytes,
  overhead: digestBytes,
  sealText(name, text) {
    return Buffer.concat([digest(name, Buffer.from(text)), Buffer.from(text)]);
  },
  openText(name, bytes) {
    const text = bytes.subarray(digestBytes);
    if (bytes.length < digestBytes) return null;
    return digest(name, text).equals(bytes.subarray(0, digestBytes)) ? text.toString() : null;
  },
  peekText: (bytes) => bytes.subarray(digestBytes).toString(),
  frames(salt) {
    const own = Buffer.from(
      hkdfSync('sha256', '', Buffer.from(salt, 'hex'), 'quarry checksums', 32),
    );
    const checksum = (part: number, index: number, bytes: Buffer): Buffer => {
      const summing = createCipheriv(cipher, own, nonce(part, index), { authTagLength: tagBytes });
      summing.setAAD(bytes);
      summing.final();
      return summing.getAuthTag();
    };
    return {
      seal: (part, index, bytes) => ({ stored: bytes, proof: checksum(part, index, bytes) }),
      open: (part, index, stored, proof) =>
        checksum(part, index, stored).equals(proof) ? stored : null,
    };
  },
};

/**
 * Every file has a key of its own, made of the store's key and a random salt; under it a number is used
 * once only: a frame's by its place in a file that is written once, a sidecar's 0 under a salt that is
 * new with every writing. What a frame is (file, part, number) is authenticated with it, and how many
 * frames there are by the sidecar.
 */
function encrypted(key: Buffer): Seal {
  const derive = (salt: string, use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, Buffer.from(salt, 'hex'), `quarry states ${use}`, 32));
  return {
    proofBytes: tagBytes,
    overhead: saltBytes + tagBytes,
    sealText(name, text) {
      const salt = randomBytes(saltBytes);
      const own = derive(salt.toString('hex'), 'sidecar');
      const { stored, proof } = lock(own, nonce(0, 0), name, Buffer.from(text));
      return Buffer.concat([salt, proof, stored]);
    },
    openText(name, bytes) {
      if (bytes.length < saltBytes + tagBytes) return null;
      const own = derive(bytes.subarray(0, saltBytes).toString('hex'), 'sidecar');
      const tag = bytes.subarray(saltBytes, saltBytes + tagBytes);
      const stored = bytes.subarray(saltBytes + tagBytes);
      return unlock(own, nonce(0, 0), name, stored, tag)?.toString() ?? null;
    },
    peekText(bytes) {
      const own = derive(bytes.subarray(0, saltBytes).toString('hex'), 'sidecar');
      const options = { authTagLength: tagBytes };
      const opening = createDecipheriv(cipher, own, nonce(0, 0), options);
      return opening.update(bytes.subarray(saltBytes + tagBytes)).toString();
    },
    frames(salt) {
      const own = derive(salt, 'frames');
      return {
        seal: (part, index, bytes) =>
          lock(own, nonce(part, index), frameName(salt, part, index), bytes),
        open: (part, index, stored, proof) =>
          unlock(own, nonce(part, index), frameName(salt, part, index), stored, proof),
      };
    },
  };
}

function frameName(salt: string, part: number, index: number): string {
  return `${salt} ${part} ${index}`;
}

function nonce(part: number, index: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(part, 0);
  bytes.writeUInt32LE(index, 8);
  return bytes;
}

function digest(name: string, bytes: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(bytes).digest();
}

function lock(
  key: Buffer,
  iv: Buffer,
  name: string,
  bytes: Buffer,
): { stored: Buffer; proof: Buffer } {
  const locking = createCipheriv(cipher, key, iv, { authTagLength: tagBytes });
  locking.setAAD(Buffer.from(name));
  const stored = locking.update(bytes);
  locking.final();
  return { stored, proof: locking.getAuthTag() };
}

function unlock(
  key: Buffer,
  iv: Buffer,
  name: string,
  stored: Buffer,
  proof: Buffer,
): Buffer | null {
  const unlocking = createDecipheriv(cipher, key, iv, { authTagLength: tagBytes });
  unlocking.setAAD(Buffer.from(name));
  unlocking.setAuthTag(proof);
  const bytes = unlocking.update(stored);
  try {
    unlocking.final();
    return bytes;
  } catch {
    return null;
  }
}
