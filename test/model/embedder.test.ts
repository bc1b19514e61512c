import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbedderLauncher } from '../../electron/engine/embedder-client.ts';
import type { Embedder, EmbedderLoadRequest } from '../../electron/engine/embedder-port.ts';
import { planEmbedder } from '../../electron/models/embedder-plan.ts';
import { readModelHeader } from '../../electron/models/header.ts';
import { ensureEmbedding } from '../shapes/embedding.ts';
import { isAlive, miniature, never, silent } from './engine-support.ts';

// The tiny embedding model of random weights through its real process, one thread.

const launcher = createEmbedderLauncher({ nodePath: process.execPath, log: silent });
const load = (modelPath: string): EmbedderLoadRequest => ({ modelPath, threads: 1, gpu: false });
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

let path = '';
let embedder: Embedder;
beforeAll(async () => {
  ({ path } = await ensureEmbedding());
  embedder = await launcher.launch(load(path));
});
afterAll(() => embedder.close());

const vectorsOf = async (...texts: string[]): Promise<readonly Float32Array[]> =>
  (await embedder.embed({ texts, use: 'passage' }, never)).vectors;

const passages = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `passage ${index} `.repeat(40));

describe('vectors of texts', () => {
  it('have length 1 and say the same each time, whatever was asked with them', async () => {
    const texts = ['Granite is hard.', '', '花崗岩', 'A lone \ud800 half', '\0', '[CLS] [SEP]'];
    const together = await vectorsOf(...texts);
    expect(together).toHaveLength(texts.length);
    for (const vector of together) {
      expect(vector).toHaveLength(embedder.info.dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
    for (const [index, text] of texts.entries()) {
      expect((await vectorsOf(text))[0]).toEqual(together[index]);
    }
  });

  it('are nearer for texts with the same words', async () => {
    const [stone, near, bread, nearBread] = await vectorsOf(
      'The granite stone is hard.',
      'Granite stone is a hard rock.',
      'Tomorrow we bake bread with the children.',
      'We bake bread with children tomorrow',
    );
    const far = [dot(stone!, bread!), dot(stone!, nearBread!), dot(near!, bread!)];
    expect(Math.min(dot(stone!, near!), dot(bread!, nearBread!))).toBeGreaterThan(
      Math.max(...far) + 0.2,
    );
  });

  it('leave out the end of a text that is too long, at a token, and say so', async () => {
    const { maxTokens } = embedder.info;
    expect(maxTokens).toBe(512);
    const words = (count: number, more = ''): string => `${'a '.repeat(count)}${more}`;
    const { vectors, cut } = await embedder.embed(
      {
        texts: [words(510), words(510, 'granite '.repeat(300)), words(511), 'b '.repeat(300_000)],
        use: 'passage',
      },
      never,
    );
    expect(cut).toEqual([1, 2, 3]);
    expect(vectors[1]).toEqual(vectors[0]);
    expect(vectors[2]).toEqual(vectors[0]);
  });

  it('control tokens are never read from a text', async () => {
    const [written, plain] = await vectorsOf('stone [SEP] stone', 'stone sep stone');
    expect(dot(written!, plain!)).toBeLessThan(0.99999);
    const [a, b] = await vectorsOf('[SEP]', '');
    expect(dot(a!, b!)).toBeLessThan(0.999);
  });

  it('a question goes before passages that wait', async () => {
    const order: string[] = [];
    const texts = passages(40);
    const job = embedder.embed({ texts, use: 'passage' }, never).then(() => order.push('passages'));
    const question = embedder
      .embed({ texts: ['why?'], use: 'question' }, never)
      .then(() => order.push('question'));
    await Promise.all([job, question]);
    expect(order).toEqual(['question', 'passages']);
  });

  it('a job is left between two texts', async () => {
    const before = (await embedder.memory()).answers;
    const leaving = new AbortController();
    const texts = passages(40);
    const left = embedder.embed({ texts, use: 'passage' }, leaving.signal);
    const refused = expect(left).rejects.toMatchObject({ code: 'cancelled' });
    leaving.abort();
    await refused;
    await vectorsOf('next');
    expect((await embedder.memory()).answers - before).toBeLessThan(texts.length);
  });
});

describe('the process of an embedding model', () => {
  it('tells its memory, which is what was predicted (ollama#12692)', async () => {
    const memory = await embedder.memory();
    expect(memory.pid).toBe(embedder.info.pid);
    expect(memory.resident).toBeGreaterThan(memory.process);
    expect(memory.weights).toBeGreaterThan(900_000);
    const header = await readModelHeader(path);
    const { predicted } = planEmbedder(header, { total: 1e12, available: 1e12 }, memory.process);
    // Seen: within 6 % for three sizes. Twice that only catches a prediction that has become wrong.
    expect(Math.abs(predicted.total / memory.resident - 1)).toBeLessThan(0.12);
    expect(memory).toMatchObject({ kv: 0, recurrent: 0, checkpoints: 0, sessions: [] });
  });

  it('ends whole, also in the middle of a job, and refuses afterwards', async () => {
    const other = await launcher.launch(load(path));
    const { pid } = other.info;
    const texts = passages(40);
    const exits: boolean[] = [];
    other.onExit(({ expected }) => exits.push(expected));
    const job = expect(other.embed({ texts, use: 'passage' }, never)).rejects.toBeInstanceOf(Error);
    await other.close();
    await job;
    expect(isAlive(pid)).toBe(false);
    expect(exits).toEqual([true]);
    await expect(other.embed({ texts: ['x'], use: 'question' }, never)).rejects.toMatchObject({
      code: 'engine-crashed',
    });
  });

  it('a process that is killed fails what was asked and tells it', async () => {
    const other = await launcher.launch(load(path));
    const texts = passages(40);
    const exit = new Promise((resolve) => other.onExit(resolve));
    const job = expect(other.embed({ texts, use: 'passage' }, never)).rejects.toMatchObject({
      code: 'engine-crashed',
    });
    process.kill(other.info.pid, 'SIGKILL');
    await job;
    expect(await exit).toMatchObject({ signal: 'SIGKILL', expected: false });
  });

  it('refuses models that make no vectors, by the name of the reason', async () => {
    const refused = async (file: string): Promise<unknown> =>
      launcher.launch(load(file)).then(
        (opened) => opened.close(),
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await refused(miniature)).toBe('model-not-embedding');
    expect(await refused((await ensureEmbedding({ pooling: 0 })).path)).toBe('model-not-embedding');
    expect(await refused((await ensureEmbedding({ pooling: 4 })).path)).toBe('model-not-embedding');
    expect(await refused('/nowhere/model.gguf')).toBe('model-missing');
    expect(await refused(import.meta.filename)).toBe('model-not-gguf');
    const gone = new AbortController();
    gone.abort();
    await expect(launcher.launch(load(path), { signal: gone.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const short = launcher.launch({ ...load(path), memoryLimit: 1000 });
    await expect(short).rejects.toMatchObject({ code: 'model-too-large' });
  });

  it('takes the pooling of the file', async () => {
    const other = await launcher.launch(load((await ensureEmbedding({ pooling: 2 })).path));
    expect(other.info.pooling).toBe('cls');
    const { vectors } = await other.embed(
      { texts: ['stone', 'stone hard'], use: 'passage' },
      never,
    );
    expect(Math.hypot(...vectors[0]!)).toBeCloseTo(1, 5);
    expect(vectors[0]).not.toEqual((await vectorsOf('stone'))[0]);
    await other.close();
  });
});
