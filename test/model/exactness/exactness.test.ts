import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutAt, createLineages, passesOf, tokensOf } from './lineage.ts';
import type { Lineage, Step } from './lineage.ts';
import { modelFile, modelNames } from './models.ts';
import { drawSequence } from './operations.ts';
import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { openReference } from './reference.ts';
import type { Reference } from './reference.ts';

// The short form of `npm run bench exactness`, and that its judge would notice.

describe('random sequences of operations', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await createPool();
  });
  afterAll(() => pool.close());

  it.each(modelNames)(
    'with %s, every answer and every state is that of a fresh evaluation (llama.cpp #24055, #25913)',
    { timeout: 600_000 },
    async (model) => {
      const seen: Record<string, number> = {};
      for (let seed = 1; seed <= 6; seed += 1) {
        // The last one in a process of its own, which may be killed.
        const sequence = drawSequence(seed, [model], seed === 6 ? 'process' : 'inside');
        const { failure, counts } = await pool.run(sequence);
        expect(failure, `seed ${seed}, ${JSON.stringify(sequence)}`).toBeNull();
        for (const [name, value] of Object.entries(counts)) seen[name] = (seen[name] ?? 0) + value;
      }
      // What nothing was seen of cannot have been right.
      for (const name of ['answers', 'choices', 'states', 'keptFromDisk', 'statesLoaded']) {
        expect(seen[name], name).toBeGreaterThan(0);
      }
      expect(seen['readTokens']).toBeLessThan(seen['promptTokens'] ?? 0);
    },
  );
});

const read = (tokens: readonly number[], more: Partial<Step & { kind: 'read' }> = {}): Step => ({
  ...{ kind: 'read', tokens, logits: [], sequences: 1, place: 0, others: [] },
  ...more,
});
const numbers = (count: number, from = 300): number[] =>
  Array.from({ length: count }, (_, at) => from + ((at * 7) % 97));

describe('the fresh evaluation', () => {
  let folder = '';
  const open: Reference[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quarry-reference-'));
  });
  afterAll(async () => {
    for (const each of open) await each.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(['moe', 'dense'] as const)(
    'of %s tells apart other tokens, other batches and a state that was not cut',
    async (model) => {
      const reference = await openReference({
        ...{ modelPath: await modelFile(model), kvType: 'f16', contextSize: 1024, folder },
      });
      open.push(reference);
      const all = createLineages();
      const tokens = numbers(40);
      const chain = (...steps: Step[]): Lineage => {
        let at: Lineage | null = null;
        for (const step of steps) {
          const more = step.kind === 'read' ? step.tokens.length : 0;
          at = all.add(at, step, ((at as Lineage | null)?.end ?? 0) + more);
        }
        return at as unknown as Lineage;
      };
      const whole = chain(read(tokens));
      const halves = chain(read(tokens.slice(0, 33)), read(tokens.slice(33)));
      const single = chain(read(tokens.slice(0, 39)), read(tokens.slice(39)));
      const other = chain(read([...tokens.slice(0, 39), 299]));
      const beside = chain(read(tokens, { sequences: 2, place: 1, others: [[], []] }));
      expect(tokensOf(halves)).toEqual(tokens);
      const digests = new Map<string, Lineage>();
      for (const lineage of [whole, single, other]) {
        digests.set(await reference.digest(lineage), lineage);
      }
      // The same tokens in other batches are other bits, which is why batches are followed at all; the
      // rows of so small a dense model are rounded to the same 16 bits.
      expect(digests.size).toBe(model === 'dense' ? 2 : 3);
      expect(await reference.digest(halves)).not.toBe(await reference.digest(other));
      // Evaluated again from the beginning, in another context: the same bits.
      const again = await openReference({
        ...{ modelPath: await modelFile(model), kvType: 'f16', contextSize: 2048, folder },
      });
      open.push(again);
      for (const lineage of [whole, halves, beside]) {
        expect(await again.digest(lineage)).toBe(await reference.digest(lineage));
      }
      if (model !== 'dense') return;
      // What was cut off leaves no trace, but the rows before it remember how many they were.
      const cut = cutAt(all, chain(read([...tokens.slice(0, 20), ...numbers(20, 500)])), 20);
      const same = cutAt(all, whole, 20);
      expect(await reference.digest(cut as Lineage)).toBe(await reference.digest(same as Lineage));
    },
  );
});

describe('lineages', () => {
  it('are cut where a state goes back to, through earlier cuts', () => {
    const all = createLineages();
    const first = all.add(null, read(numbers(10)), 10);
    const second = all.add(first, read(numbers(10)), 20);
    expect(cutAt(all, second, 20)).toBe(second);
    expect(cutAt(all, second, 10)).toBe(first);
    expect(cutAt(all, second, 0)).toBeNull();
    const cut = cutAt(all, second, 15) as Lineage;
    expect(tokensOf(cut)).toEqual([...numbers(10), ...numbers(5)]);
    const on = all.add(cut, read([1, 2, 3]), 18);
    expect(tokensOf(on)).toEqual([...numbers(10), ...numbers(5), 1, 2, 3]);
    expect(cutAt(all, on, 15)).toBe(cut);
    expect(cutAt(all, on, 12)).toBe(cutAt(all, second, 12));
    expect(cutAt(all, on, 16)?.parent).toBe(on);
  });

  it('follow the passes that llama.cpp makes of a batch', () => {
    const part = (sequence: number, count: number) => ({
      ...{ sequence, first: 0, tokens: numbers(count), logits: [count - 1] },
    });
    const rows = (parts: Parameters<typeof passesOf>[0], most = 512) =>
      passesOf(parts, most).map((pass) =>
        pass.map(({ sequence, step }) => [sequence, step.tokens.length, step.logits.length]),
      );
    // Neighbours go together for as long as both have rows, the rest alone.
    expect(rows([part(0, 1), part(1, 4)])).toEqual([
      [
        [0, 1, 1],
        [1, 1, 0],
      ],
      [[1, 3, 1]],
    ]);
    // Those that do not follow each other go one after the other.
    expect(rows([part(0, 1), part(2, 1)])).toEqual([[[0, 1, 1]], [[2, 1, 1]]]);
    expect(rows([part(1, 1), part(0, 1)])).toEqual([[[1, 1, 1]], [[0, 1, 1]]]);
    expect(rows([part(0, 5)], 4)).toEqual([[[0, 4, 0]], [[0, 1, 1]]]);
  });
});
