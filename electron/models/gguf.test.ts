import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import { ggufBytes, graniteFixture, graniteShapes, u64 } from './gguf.fixture.ts';
import { parseGguf, readGguf } from './gguf.ts';
import type { Gguf } from './gguf.ts';
import { toModelHeader } from './header.ts';

const miniature = new URL('../../resources/miniature/miniature.gguf', import.meta.url).pathname;

function parse(bytes: Uint8Array, length = bytes.length): Promise<Gguf> {
  return parseGguf(
    async (target, wanted, position) => {
      const piece = bytes.subarray(position, Math.min(position + wanted, bytes.length));
      target.set(piece);
      return piece.length;
    },
    length,
    'test.gguf',
  );
}
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : `other: ${String(error)}`),
  );
const refusal = async (work: Promise<unknown>): Promise<AppError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

describe('reading the miniature', () => {
  it('finds every tensor and the length the file has', async () => {
    const gguf = await readGguf(miniature);
    expect(gguf.version).toBe(3);
    expect(gguf.tensors).toHaveLength(81);
    expect(gguf.tensors.reduce((sum, tensor) => sum + tensor.elements, 0)).toBe(5_104_736);
    expect(gguf.neededBytes).toBe(gguf.fileBytes);
    expect(gguf.metadata.get('tokenizer.ggml.tokens')).toEqual({ count: 3072, values: null });
    expect(gguf.metadata.get('granitehybrid.attention.head_count_kv')).toEqual({
      count: 7,
      values: [0, 0, 2, 0, 2, 0, 2],
    });
  });
});

describe('files that are no models', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-gguf-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('refuses text, nothing, a folder and a missing file', async () => {
    expect(await codeOf(readGguf(file('text.gguf', 'Once upon a time')))).toBe('model-not-gguf');
    expect(await codeOf(readGguf(file('empty.gguf', '')))).toBe('model-not-gguf');
    expect(await codeOf(readGguf(folder))).toBe('model-not-gguf');
    expect(await codeOf(readGguf(join(folder, 'none.gguf')))).toBe('model-missing');
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', async () => {
    const pipe = join(folder, 'pipe.gguf');
    execFileSync('mkfifo', [pipe]);
    expect(await codeOf(readGguf(pipe))).toBe('model-not-gguf');
  });

  it('says how long a cut file should be', async () => {
    const whole = readFileSync(miniature);
    const cut = await refusal(readGguf(file('cut.gguf', whole.subarray(0, 5_000_000))));
    expect(cut.code).toBe('model-truncated');
    expect(cut.detail).toEqual({ file: 'cut.gguf', bytes: 5_000_000, needed: whole.length });
    expect(await codeOf(readGguf(file('head.gguf', whole.subarray(0, 60_000))))).toBe(
      'model-truncated',
    );
  });
});

describe('hostile headers', () => {
  const fixture = graniteFixture(graniteShapes['h-tiny']);
  const start = Buffer.concat([Buffer.from('GGUF'), Buffer.from([3, 0, 0, 0])]);
  const string = (text: string) => Buffer.concat([u64(text.length), Buffer.from(text)]);
  const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer);

  it('refuses a big-endian file by name', async () => {
    const bytes = ggufBytes(fixture);
    bytes.writeUInt32BE(3, 4);
    expect((await refusal(parse(bytes))).message).toContain('big-endian');
  });

  it.each([
    ['counts of tensors', Buffer.concat([start, u64(2 ** 50), u64(1)])],
    ['counts beyond 2^53', Buffer.concat([start, Buffer.alloc(16, 0xff)])],
    ['length of a key', Buffer.concat([start, u64(0), u64(1), u64(2 ** 40)])],
    [
      'nested arrays',
      Buffer.concat([
        start,
        u64(0),
        u64(1),
        string('k'),
        u32(9),
        ...Array.from({ length: 50 }, () => Buffer.concat([u32(9), u64(1)])),
        u32(0),
        u64(0),
      ]),
    ],
    ['kind of value', Buffer.concat([start, u64(0), u64(1), string('k'), u32(99), u64(0)])],
  ])('refuses an impossible %s', async (_, bytes) => {
    // The claimed file is huge, so only the limits can stop the reader.
    expect(await codeOf(parse(bytes, 2 ** 45))).toBe('model-not-gguf');
  });

  it('refuses an array that is longer than the file', async () => {
    const head = Buffer.concat([start, u64(0), u64(1), string('k'), u32(9), u32(8), u64(2 ** 48)]);
    expect(await codeOf(parse(head))).toBe('model-truncated');
    const numbers = Buffer.concat([start, u64(0), u64(1), string('k'), u32(9), u32(10), u64(1e9)]);
    expect(await codeOf(parse(numbers))).toBe('model-truncated');
  });

  it('stops at the header limit when a vocabulary never ends', async () => {
    const head = Buffer.concat([start, u64(0), u64(1), string('k'), u32(9), u32(8), u64(2 ** 48)]);
    // Zeros for ever: strings of length 0.
    const endless = parseGguf(
      async (target, wanted, position) => {
        target.fill(0, 0, wanted);
        if (position < head.length) target.set(head.subarray(position));
        return wanted;
      },
      2 ** 45,
      'endless.gguf',
    );
    expect(await codeOf(endless)).toBe('model-not-gguf');
  });

  it('refuses the same key twice, odd alignment, tensors of impossible size', async () => {
    const twice = ggufBytes({ metadata: { aa: 1, bb: 2 } });
    twice.write('aa', twice.indexOf('bb'));
    expect(await codeOf(parse(twice))).toBe('model-not-gguf');
    expect(await codeOf(parse(ggufBytes({ metadata: { 'general.alignment': 7 } })))).toBe(
      'model-not-gguf',
    );
    const huge = { name: 't', shape: [2 ** 40, 2 ** 12], type: 1 };
    expect(await codeOf(parse(ggufBytes({ metadata: {}, tensors: [huge], withData: false })))).toBe(
      'model-not-gguf',
    );
    const uneven = { name: 't', shape: [100], type: 12 };
    expect(
      await codeOf(parse(ggufBytes({ metadata: {}, tensors: [uneven], withData: false }))),
    ).toBe('model-not-gguf');
  });

  it('names a kind of weights it does not know', async () => {
    const odd = { name: 't', shape: [32], type: 77 };
    const error = await refusal(parse(ggufBytes({ metadata: {}, tensors: [odd] })));
    expect(error.code).toBe('model-architecture-unknown');
    expect(error.detail).toMatchObject({ tensorType: 77 });
  });
});

describe('2,000 mutations of a real header', () => {
  it('end in facts or in an AppError, nothing else', async () => {
    const whole = readFileSync(miniature);
    const header = whole.subarray(0, 103_488);
    const random = seeded(20_261_122);
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 2000; run += 1) {
      const mutated = mutate(header, random);
      const outcome = await codeOf(
        // Bytes behind the header read as zeros without being held.
        parseGguf(
          async (target, wanted, position) => {
            const count = Math.max(0, Math.min(wanted, whole.length - position));
            target.fill(0, 0, count);
            if (position < mutated.length)
              target.set(mutated.subarray(position).subarray(0, count));
            return count;
          },
          run % 5 === 0 ? mutated.length : whole.length,
          'mutated.gguf',
        ).then((gguf) => toModelHeader(gguf, 'mutated.gguf')),
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const codes = [...outcomes.keys()];
    expect(codes.filter((code) => code !== 'none' && !code.startsWith('model-'))).toEqual([]);
    // The mutations must reach both sides of the reader, or they would test nothing.
    expect(outcomes.get('none')).toBeGreaterThan(50);
    expect(outcomes.get('model-not-gguf')).toBeGreaterThan(200);
    expect(outcomes.get('model-truncated')).toBeGreaterThan(20);
  });
});

/** mulberry32: small, seeded, good enough to choose places. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Flips, overwrites, removes or doubles a few places; the early bytes, where counts stand, most often. */
function mutate(header: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(header);
  const place = () => Math.floor(random() ** 3 * bytes.length);
  const times = 1 + Math.floor(random() * 4);
  for (let time = 0; time < times; time += 1) {
    const at = place();
    const kind = Math.floor(random() * 5);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    if (kind === 1) bytes.fill(Math.floor(random() * 256), at, at + 1 + Math.floor(random() * 8));
    if (kind === 2) bytes.fill(0xff, at, at + 8);
    if (kind === 3) {
      const skip = 1 + Math.floor(random() * 64);
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + skip)]);
    }
    if (kind === 4) {
      const piece = bytes.subarray(at, at + 1 + Math.floor(random() * 64));
      bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
  }
  return bytes;
}
