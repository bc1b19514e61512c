import { createEmbedderLauncher } from '../../electron/engine/embedder-client.ts';
import { ensureEmbedding, middleEmbedding, tinyEmbedding } from '../shapes/embedding.ts';
import type { EmbeddingShape } from '../shapes/embedding.ts';
import { flag, number } from './flags.ts';
import { ensurePeer } from './peer/build.ts';
import { cpuMs } from './peer/processes.ts';
import { startServer } from './peer/server.ts';
import { createTexts } from './peer/texts.ts';

// Vectors beside llama-server's of the same source: the same file, the same texts, one thread on both
// sides, in turns. `--texts=N` of each length, `--rounds=N`, `--shape=middle`. The server is asked as suits it best: all
// texts in one request, four slots that share a batch. Texts a second come from both sides' processor
// time, so that what else the machine does counts for neither; wall time is printed beside it.

const lengths = [16, 64, 160, 400];
/** `--slots=1`: without batches, to see what they bring. */
const slots = number('slots', 4);
const never = new AbortController().signal;

export async function run(): Promise<boolean> {
  const { server } = await ensurePeer();
  const shapes: readonly [string, EmbeddingShape][] = [
    ['tiny, mean', tinyEmbedding],
    ['tiny, first token', { ...tinyEmbedding, pooling: 2 }],
    ['middle, mean', middleEmbedding],
  ];
  let good = true;
  const only = flag('shape');
  for (const [name, shape] of shapes) {
    if (only !== undefined && !name.startsWith(only)) continue;
    good = (await compare(name, shape, server)) && good;
  }
  return good;
}

async function compare(name: string, shape: EmbeddingShape, binary: string): Promise<boolean> {
  const { path: model } = await ensureEmbedding(shape);
  const launcher = createEmbedderLauncher({
    nodePath: process.execPath,
    log: { info: () => {}, warn: console.warn, error: console.error },
  });
  const embedder = await launcher.launch({ modelPath: model, threads: 1, gpu: false });
  const peer = await startServer({
    ...{ binary, model, contextSize: shape.context, slots, threads: 1 },
    extra: [
      '--embedding',
      '-b',
      String(shape.context * slots),
      '-ub',
      String(shape.context * slots),
    ],
  });
  try {
    const texts = createTexts(1);
    await texts.calibrate(async (text) => (await peer.tokenize(text)).length);
    console.log(`${name}: ${shape.dimensions} wide, ${shape.layers} layers`);
    let worst = 1;
    for (const length of lengths) {
      const ours: Side = { pid: embedder.info.pid, cpu: 0, wall: 0 };
      const theirs: Side = { pid: peer.pid, cpu: 0, wall: 0 };
      const count = number('texts', 64);
      const rounds = number('rounds', 3);
      for (let round = 0; round < rounds; round += 1) {
        const some = Array.from({ length: count }, () => texts.text(length));
        const mine = await timed(ours, () =>
          embedder.embed({ texts: some, use: 'passage' }, never),
        );
        const other = await timed(theirs, () => peer.embed(some));
        for (const [index, vector] of mine.vectors.entries()) {
          worst = Math.min(worst, cosine(vector, other[index] ?? []));
        }
      }
      const speed = (ms: number): string => ((rounds * count * 1000) / ms).toFixed(1);
      console.log(
        `  ${String(length).padStart(3)} tokens: ${speed(ours.cpu)} texts/s of processor time, ` +
          `llama-server ${speed(theirs.cpu)}, ratio ${(theirs.cpu / ours.cpu).toFixed(2)} ` +
          `(wall ${speed(ours.wall)} and ${speed(theirs.wall)})`,
      );
    }
    const good = worst >= 0.9999;
    console.log(`  least cosine of the same text: ${worst.toFixed(7)} ${good ? 'ok' : 'TOO LOW'}`);
    return good;
  } finally {
    await embedder.close();
    await peer.end('SIGINT');
  }
}

interface Side {
  readonly pid: number;
  cpu: number;
  wall: number;
}

async function timed<T>(side: Side, work: () => Promise<T>): Promise<T> {
  const [cpu, wall] = [cpuMs(side.pid), performance.now()];
  const done = await work();
  side.cpu += cpuMs(side.pid) - cpu;
  side.wall += performance.now() - wall;
  return done;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [a[index] ?? 0, b[index] ?? Number.NaN];
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  return dot / Math.sqrt(left * right);
}
