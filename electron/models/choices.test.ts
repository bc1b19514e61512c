import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explain } from '../core/cli-errors.ts';
import type { EngineMemory } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { ModelHeader } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { loadCatalog } from './catalog/catalog.ts';
import { fileBytes, headerOf } from './catalog/size.ts';
import { choicesFor } from './choices.ts';
import { endedForMemory } from './endings.ts';
import { planFit } from './fit.ts';
import type { PlanWish } from './fit.ts';
import { ranShort } from './refusal.ts';
import { makeRoom, planRoom } from './room.ts';
import type { Held, RoomPorts } from './room.ts';

const gib = 2 ** 30;
const catalog = await loadCatalog(
  join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'resources'),
);

function header(id: string): ModelHeader {
  const model = catalog.models.find((one) => one.id === id);
  const file = model?.gguf?.files.find((one) => one.quantization === 'Q4_K_M');
  if (!model?.shape || !file) throw new Error(`no ${id}`);
  return headerOf(model, model.shape, file, fileBytes(model.shape, file)!.bytes);
}
const stored = (id: string): StoredModel => ({
  ...{ id, name: id, origin: 'referenced', path: `/m/${id}.gguf`, bytes: 1, modifiedAt: 0 },
  ...{ sha256: null, hashState: 'done', promptLimit: null, addedAt: 0 },
  header: header(id),
});
const micro = stored('granite-4.0-micro');
const tiny = stored('granite-4.0-h-tiny');
const roomy = { total: 64 * gib, available: 60 * gib };
const needed = (model: StoredModel, wish: PlanWish): number =>
  planFit(model.header, wish, roomy).needed;

/** What is offered for a wish with so much memory, each as the wish that it stands for. */
function offered(model: StoredModel, wish: PlanWish, available: number) {
  const memory = { total: 64 * gib, available };
  const found = choicesFor(model.header, wish, planFit(model.header, wish, memory), memory);
  return { found, memory };
}

describe('what is offered where a load does not fit (ollama#12982)', () => {
  const wish = { contextSize: 32_768, sessions: 4, kvType: 'f16' } as const;

  it('is the finest memory for text that fits at the wished context (lmstudio#1544)', () => {
    const eight = needed(micro, { ...wish, kvType: 'q8_0' });
    const four = needed(micro, { ...wish, kvType: 'q4_0' });
    expect(offered(micro, wish, eight).found).toMatchObject({
      ...{ kv: 'q8_0', kvContext: 32_768, kvNeeds: eight },
    });
    expect(offered(micro, wish, eight - 1).found).toMatchObject({ kv: 'q4_0', kvNeeds: four });
    expect(offered(micro, wish, four - 1).found).not.toHaveProperty('kv');
  });

  it('is the most conversations that fit (jan#8236)', () => {
    const three = needed(micro, { ...wish, sessions: 3 });
    const one = needed(micro, { ...wish, sessions: 1 });
    expect(offered(micro, wish, three).found).toMatchObject({ fewer: 3, fewerContext: 32_768 });
    expect(offered(micro, wish, one).found).toMatchObject({ fewer: 1, fewerNeeds: one });
    expect(offered(micro, wish, one - 1).found).not.toHaveProperty('fewer');
  });

  it('is nothing that would be refused a moment later', () => {
    for (let available = 2 * gib; available < 12 * gib; available += gib / 8) {
      const { found, memory } = offered(micro, { ...wish, kvType: 'q8_0' }, available);
      const { shorter, kvContext, fewerContext } = found as Record<string, number>;
      const wishes: [unknown, PlanWish][] = [
        [shorter, { ...wish, kvType: 'q8_0', contextSize: shorter ?? null }],
        [found['kv'], { ...wish, kvType: 'q4_0', contextSize: kvContext ?? null }],
        [
          found['fewer'],
          { kvType: 'q8_0', sessions: Number(found['fewer']), contextSize: fewerContext ?? null },
        ],
      ];
      for (const [isOffered, one] of wishes) {
        if (isOffered) expect(planFit(micro.header, one, memory).fits).toBe(true);
      }
    }
  });

  it('keeps the type of the memory for text when it offers a shorter context', () => {
    const small = { contextSize: 16_384, sessions: 4, kvType: 'q4_0' } as const;
    const { found } = offered(micro, { ...small, contextSize: 131_072 }, needed(micro, small));
    expect(found['shorter']).toBe(16_384);
  });

  it('offers no coarser memory for text to a model that keeps none', () => {
    const pure = { ...tiny.header, attentionLayers: 0, kvBytesPerToken: 0 };
    const plan = planFit(pure, wish, { total: 64 * gib, available: gib });
    const found = choicesFor(pure, wish, plan, { total: 64 * gib, available: 60 * gib });
    expect(found).not.toHaveProperty('kv');
  });
});

const held = (model: StoredModel, wish: PlanWish, over: Partial<Held> = {}): Held => {
  const plan = planFit(model.header, wish, roomy);
  const resident = plan.predicted.ceiling + plan.checkpointBudget;
  return {
    ...{ model, plan, leases: 0, lastUsed: 0, closing: false },
    engine: { memory: async () => ({ resident, weightParts: { device: 0 } }) as EngineMemory },
    ...over,
  };
};
const ports = (memory: { total: number; available: number }, loaded: Held[]): RoomPorts<Held> => ({
  held: () => loaded,
  machine: { memory: () => memory },
  smaller: async () => null,
});
const residentOf = async (entry: Held): Promise<number> => (await entry.engine.memory()).resident;

describe('a loaded model that is wished otherwise', () => {
  const now = { contextSize: 8192, sessions: 1, kvType: 'f16' } as const;
  const larger = { ...now, contextSize: 65_536 };

  it('gives its own memory to the new load, once (jan#4727, lmstudio#1562)', async () => {
    const own = held(micro, now);
    const free = needed(micro, larger) - (await residentOf(own));
    const memory = { total: 64 * gib, available: free };
    const plan = await planRoom(micro, larger, ports(memory, [own]));
    expect(plan).toMatchObject({ verdict: 'fits', needed: needed(micro, larger), loaded: now });
    expect(plan.available).toBe(plan.needed);
    const short = { ...memory, available: free - 1 };
    expect(await planRoom(micro, larger, ports(short, [own]))).toMatchObject({ verdict: 'no' });
  });

  it('stays as it is where the new wish does not fit', async () => {
    const own = held(micro, now);
    const ended: string[] = [];
    const memory = { total: 64 * gib, available: 2 * gib };
    const refused = await makeRoom(micro, larger, {
      ...ports(memory, [own]),
      end: async ({ model }) => void ended.push(model.id),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    }).catch(toErrorShape);
    expect(refused).toMatchObject({ code: 'model-too-large', detail: { context: 65_536 } });
    expect(ended).toEqual([]);
  });

  it('counts what another model holds as taken, and not once more (jan#4727)', async () => {
    // Available already lacks what the other one holds.
    const other = held(tiny, now, { leases: 1 });
    const memory = { total: 64 * gib, available: needed(micro, now) };
    expect((await planRoom(micro, now, ports(memory, [other]))).verdict).toBe('fits');
    memory.available -= 1;
    expect((await planRoom(micro, now, ports(memory, [other]))).verdict).toBe('no');
  });

  it('says that an answer is being written', async () => {
    const own = held(micro, now, { leases: 1 });
    expect(await planRoom(micro, larger, ports(roomy, [own]))).toMatchObject({ isBusy: true });
  });
});

describe('memory that ran short after all', () => {
  const killed = { code: null, signal: 'SIGKILL', expected: false } as const;

  it('is known by the kernel’s count, or by what was left before the end', () => {
    const memory = { total: 16 * gib, available: 6 * gib };
    expect(endedForMemory({ ...killed, outOfMemory: true }, memory, gib)).toBe(true);
    expect(endedForMemory(killed, memory, 6 * gib)).toBe(true);
    expect(endedForMemory(killed, memory, 3 * gib)).toBe(false);
    expect(endedForMemory({ ...killed, signal: 'SIGSEGV' }, memory, 6 * gib)).toBe(false);
    expect(endedForMemory({ ...killed, expected: true, outOfMemory: true }, memory, gib)).toBe(
      false,
    );
  });

  it('offers only what takes less than what failed, with words for a terminal (ollama#12982)', async () => {
    const wish = { contextSize: 32_768, sessions: 4, kvType: 'f16' } as const;
    const plan = planFit(micro.header, wish, roomy);
    const how = { code: 'model-too-large', reason: 'allocation' } as const;
    const error = await ranShort(micro, wish, plan, roomy, ports(roomy, []), how);
    const { detail = {} } = error;
    for (const key of ['shorterNeeds', 'kvNeeds', 'fewerNeeds']) {
      expect(detail[key]).toBeLessThan(plan.needed);
    }
    const words = explain(toErrorShape(error));
    expect(words).toContain('gave it no more memory');
    expect(words).toContain('32768 tokens fit with --kv q8_0 (experimental), it needs');
    expect(words).toContain('--sessions 3 instead of 4');
  });
});
