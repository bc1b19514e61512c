import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { createFileSink } from '../../../electron/engine/states/parts.ts';
import { createSeal } from '../../../electron/engine/states/seal.ts';
import {
  parseSequence,
  rowBytes,
  writeSequence,
} from '../../../electron/engine/states/seq-file.ts';
import type { SequenceLayout } from '../../../electron/engine/states/seq-file.ts';
import { openStateStore } from '../../../electron/engine/states/store.ts';
import { openLlama } from '../../../native/llama/binding.ts';
import { kvTypes } from '../../../electron/ipc/contract/index.ts';
import { miniature, readExamples } from '../../model/engine-support.ts';

const mebi = 1 << 20;

/** Shape of granite-4.0-h-tiny: 4 attention layers of 4 x 128, and 36 recurrent ones. */
const layout: SequenceLayout = {
  ...{ streams: 2, stream: 1, sequence: 1 },
  sections: Array.from({ length: 8 }, () => ({ type: 1, row: 1024 })),
  tail: 0,
};

/** Bytes and times of a state of about so many MiB of rows, and what compression would bring. */
export async function measureStates(place: string, mib: number): Promise<boolean> {
  hashes();
  const path = join(place, 'state');
  const count = Math.ceil((mib * mebi) / rowBytes(layout));
  const tokens = Uint32Array.from({ length: count }, (_, index) => (index * 31) % 49_000);
  console.log(`\na state of ${count} tokens, ${mib} MiB of rows, on ${place}`);
  console.log('               bytes on disk   keep ms  compose ms   longest turn of the loop, ms');
  for (const secret of [null, randomBytes(32)]) {
    await makeFile(path, tokens);
    const whole = (await stat(path)).size;
    const folder = join(place, 'states');
    const store = await openStateStore({
      ...{ folder, key: 'speed', budget: 4 * whole, secret, cuttable: true, memory: null },
    });
    const blocked = watchLoop();
    const [kept, keepMs] = await timed(() =>
      store.keep({ path, tokens: [...tokens], kind: 'answer', owners: ['a'], from: null }),
    );
    if (kept === null) throw new Error('the state was not kept');
    const out = join(place, 'composed');
    const [held, composeMs] = await timed(() => store.compose(kept.ref, out));
    const longest = blocked.stop();
    if (held?.length !== count || (await stat(out)).size !== whole) throw new Error('not the same');
    const columns = [
      (secret === null ? 'plain' : 'encrypted').padEnd(12),
      String(store.bytes).padStart(15),
      keepMs.toFixed(0).padStart(9),
      composeMs.toFixed(0).padStart(11),
      longest.toFixed(1).padStart(16),
    ];
    console.log(columns.join(' '));
    await store.close();
    await rm(folder, { recursive: true });
    await rm(out);
  }
  await compression(place);
  return true;
}

/** What the processor does per second of this thread's own time, with one call for each frame. */
function hashes(): void {
  const bytes = randomBytes(mebi);
  const speed = (work: () => void): string => {
    work();
    const begun = threadMs();
    let rounds = 0;
    while (threadMs() - begun < 300) {
      work();
      rounds += 1;
    }
    return (((rounds * mebi) / (threadMs() - begun)) * 1e-6).toFixed(2);
  };
  const seal = createSeal(randomBytes(32)).frames('00');
  const { stored, proof } = seal.seal(0, 0, bytes);
  const plain = createSeal(null).frames('00');
  console.log(
    `sha256, for comparison ${speed(() => createHash('sha256').update(bytes).digest())} GB/s`,
  );
  console.log(`checksum ${speed(() => plain.seal(0, 0, bytes))} GB/s`);
  console.log(`aes-256-gcm seal ${speed(() => seal.seal(0, 0, bytes))} GB/s`);
  console.log(`aes-256-gcm open ${speed(() => seal.open(0, 0, stored, proof))} GB/s`);
}

/** zstd at level 1 on the parts of the miniature's states: random weights would say nothing. */
async function compression(place: string): Promise<void> {
  const compress = promisify(zstdCompress);
  const decompress = promisify(zstdDecompress);
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  console.log('\nthe miniature’s states with zstd level 1, in frames of 1 MiB');
  console.log('KV     part        bytes  left   there MB/s  back MB/s');
  const llama = await openLlama({ gpu: false });
  llama.threads = 1;
  const model = await llama.load(miniature, { onProgress: () => {} });
  const prompts = readExamples().slice(0, 12);
  const tokens = prompts.flatMap(({ rendered }) => model.tokenize(rendered, true)).slice(0, 1800);
  for (const kvType of kvTypes) {
    const context = await model.context({ contextSize: 2048, sequences: 1, threads: 1, kvType });
    const sequence = context.sequence();
    await sequence.read(tokens);
    const path = join(place, 'miniature');
    await sequence.save(path);
    const bytes = await readFile(path);
    const file = await open(path);
    const parsed = await parseSequence(file, bytes.length);
    await file.close();
    if (parsed === null) throw new Error('the state is not understood');
    const rows = bytes.subarray(parsed.rows[0], parsed.tailAt);
    for (const [name, part] of [
      ['rows', rows],
      ['recurrent', bytes.subarray(parsed.tailAt)],
    ] as const) {
      const frames: Buffer[] = [];
      for (let at = 0; at < part.length; at += mebi) frames.push(part.subarray(at, at + mebi));
      const [packed, there] = await timed(() =>
        Promise.all(frames.map((frame) => compress(frame, { params }))),
      );
      const [, back] = await timed(() => Promise.all(packed.map((frame) => decompress(frame))));
      const left = packed.reduce((sum, frame) => sum + frame.length, 0);
      const columns = [
        `${kvType.padEnd(6)} ${name.padEnd(9)}`,
        String(part.length).padStart(8),
        `${((left / part.length) * 100).toFixed(1)} %`.padStart(7),
        (part.length / 1000 / there).toFixed(0).padStart(10),
        (part.length / 1000 / back).toFixed(0).padStart(10),
      ];
      console.log(columns.join(' '));
    }
    await context.dispose();
  }
  await model.dispose();
  await llama.dispose();
}

async function makeFile(path: string, tokens: Uint32Array): Promise<void> {
  const file = await open(path, 'w');
  const noise = randomBytes(mebi);
  const sink = createFileSink(file);
  await writeSequence(sink, layout, tokens, {
    async rows(section, out) {
      const bytes = (layout.sections[section]?.row ?? 0) * tokens.length;
      for (let at = 0; at < bytes; at += mebi) await out.write(noise.subarray(0, bytes - at));
    },
    tail: async () => {},
  });
  await sink.end();
  await file.close();
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, ms: number]> {
  const begun = performance.now();
  const result = await work();
  return [result, performance.now() - begun];
}

/** Processor time of this thread: others that want the processor too do not count. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** How long this thread worked at the most before the event loop came round again. */
function watchLoop(): { stop(): number } {
  let longest = 0;
  let last = threadMs();
  let isOver = false;
  const tick = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  return {
    stop() {
      isOver = true;
      return longest;
    },
  };
}
