import { describe, expect, it } from 'vitest';
import { pack, unpack } from './embedder-channel.ts';
import { createEmbedQueue } from './embedder-queue.ts';

const never = new AbortController().signal;

/** A queue whose texts are made one at a time, each when the test says so. */
function steps() {
  const made: string[] = [];
  let go: (() => void) | undefined;
  const queue = createEmbedQueue(async (text) => {
    made.push(text);
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    if (text === 'broken') throw new Error('broken');
    return { vector: Float32Array.of(text.length, 0), isCut: text.startsWith('long') };
  });
  const step = async (): Promise<void> => {
    go?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, made, step };
}

describe('texts that wait for their vectors', () => {
  it('answers a question between two texts of a job under way, and keeps the order of passages', async () => {
    const { queue, made, step } = steps();
    const first = queue.add({ texts: ['p1', 'long p2', 'p3'], use: 'passage' }, never);
    const second = queue.add({ texts: ['q1'], use: 'passage' }, never);
    const question = queue.add({ texts: ['why?'], use: 'question' }, never);
    for (let done = 0; done < 5; done += 1) await step();
    expect(made).toEqual(['p1', 'why?', 'long p2', 'p3', 'q1']);
    expect((await question).vectors).toEqual([Float32Array.of(4, 0)]);
    expect(await first).toEqual({
      vectors: [Float32Array.of(2, 0), Float32Array.of(7, 0), Float32Array.of(2, 0)],
      cut: [1],
    });
    expect((await second).vectors).toHaveLength(1);
  });

  it('ends a job that nobody waits for between two texts, and goes on with the next', async () => {
    const { queue, made, step } = steps();
    const leaving = new AbortController();
    const left = queue.add({ texts: ['a', 'b', 'c'], use: 'passage' }, leaving.signal);
    const stays = queue.add({ texts: ['d'], use: 'passage' }, never);
    const refused = expect(left).rejects.toMatchObject({ code: 'cancelled' });
    leaving.abort();
    await refused;
    for (let done = 0; done < 3; done += 1) await step();
    expect(made).toEqual(['a', 'd']);
    expect((await stays).vectors).toHaveLength(1);
    await expect(queue.add({ texts: ['e'], use: 'passage' }, leaving.signal)).rejects.toMatchObject(
      { code: 'cancelled' },
    );
  });

  it('a text that fails fails its job only', async () => {
    const { queue, step } = steps();
    const fails = queue.add({ texts: ['broken', 'x'], use: 'passage' }, never);
    const works = queue.add({ texts: ['y'], use: 'passage' }, never);
    const failed = expect(fails).rejects.toThrow('broken');
    for (let done = 0; done < 3; done += 1) await step();
    await failed;
    expect((await works).vectors).toHaveLength(1);
  });

  it('refuses what waits when it ends, and waits for the text under way', async () => {
    const { queue, step } = steps();
    const waits = queue.add({ texts: ['a', 'b'], use: 'passage' }, never);
    const refused = expect(waits).rejects.toMatchObject({ code: 'cancelled' });
    let ended = false;
    const end = queue.end().then(() => {
      ended = true;
    });
    await refused;
    expect(ended).toBe(false);
    await step();
    await end;
  });
});

describe('vectors on the line', () => {
  it('come back bit by bit, each of its own memory', () => {
    const vectors = [Float32Array.of(0.1, -1e-30, 3), Float32Array.of(1 / 3, 0, -7)];
    const back = unpack(pack({ vectors, cut: [1] }), 3);
    expect(back).toEqual({ vectors, cut: [1] });
    expect(back.vectors[0]?.buffer.byteLength).toBe(12);
  });
});
