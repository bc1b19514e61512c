import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../core/log.ts';
import type { ModelHeader } from '../ipc/contract/index.ts';
import type { EngineMemory } from '../engine/port.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { loadCatalog } from './catalog/catalog.ts';
import { fileBytes, headerOf } from './catalog/size.ts';
import { smallerThan } from './catalog/smaller.ts';
import { planFit } from './fit.ts';
import { fitNow, makeRoom } from './room.ts';
import type { Held } from './room.ts';

const gib = 2 ** 30;
const catalog = await loadCatalog(
  join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'resources'),
);

function header(id: string, quantization: string): ModelHeader {
  const model = catalog.models.find((one) => one.id === id);
  const file = model?.gguf?.files.find((one) => one.quantization === quantization);
  if (!model?.shape || !file) throw new Error(`no ${id} ${quantization}`);
  const bytes = fileBytes(model.shape, file)!.bytes;
  return headerOf(model, model.shape, file, bytes);
}
const stored = (id: string, quantization = 'Q4_K_M'): StoredModel => ({
  ...{ id, name: id, origin: 'referenced', path: `/m/${id}.gguf`, bytes: 1, modifiedAt: 0 },
  ...{ sha256: null, hashState: 'done', promptLimit: null, addedAt: 0 },
  header: header(id, quantization),
});
const tiny = stored('granite-4.0-h-tiny');
const micro = stored('granite-4.0-micro');
const small = stored('granite-4.0-h-small');
const wish = { contextSize: null, sessions: 1 };
const roomy = { total: 64 * gib, available: 60 * gib };
const held = (model: StoredModel, over: Partial<Held> = {}): Held => {
  const plan = planFit(model.header, wish, roomy);
  const resident = plan.predicted.ceiling + plan.checkpointBudget;
  return {
    ...{ model, plan, leases: 0, lastUsed: 0, closing: false },
    // Holds all it was promised: see reserve.test.ts for one that does not.
    engine: { memory: async () => ({ resident, weightParts: { device: 0 } }) as EngineMemory },
    ...over,
  };
};

/** Tries to load where these are loaded already; ended ones give their memory back. */
async function load(
  model: StoredModel,
  memory: { total: number; available: number },
  loaded: readonly Held[] = [],
  over: { contextSize: number | null; sessions: number } = wish,
) {
  let here = [...loaded];
  const ended: string[] = [];
  const plan = makeRoom(model, over, {
    held: () => here,
    end: async (entry) => {
      ended.push(entry.model.id);
      here = here.filter((one) => one !== entry);
      memory.available += entry.plan.predicted.total;
    },
    machine: { memory: () => memory },
    log: silentLog,
    smaller: async (free) => smallerThan(model.header, catalog, over, free),
  });
  return { ended, plan: await plan.catch((error) => error) };
}

describe('estimates before loading', () => {
  it('counts the KV of a hybrid for its attention layers alone (ollama#12692, lmstudio#1862)', () => {
    const at = (model: StoredModel, contextSize: number) =>
      planFit(model.header, { contextSize, sessions: 1 }, roomy).predicted.kv;
    // 4 of 40 layers: 8 KiB a token, where dense Micro takes 80.
    expect(at(tiny, 32_768)).toBe(32_768 * 8192);
    expect(at(micro, 32_768)).toBe(32_768 * 81_920);
  });

  it('counts the recurrent state of every session (llama-toolchest said 0 for 1.75 GiB)', () => {
    const of = (sessions: number) =>
      planFit(tiny.header, { contextSize: 4096, sessions }, roomy).predicted.recurrent;
    expect(of(4)).toBe(4 * of(1));
    expect(of(1)).toBe(tiny.header.recurrentBytesPerSession);
    expect(of(1)).toBeGreaterThan(50 * 2 ** 20);
  });

  it('counts checkpoints in bytes, before they fill memory (unsloth#11073, unsloth#8988)', () => {
    const { needed, predicted, checkpointBudget } = planFit(tiny.header, wish, roomy);
    expect(checkpointBudget).toBe(4 * tiny.header.recurrentBytesPerSession);
    expect(needed).toBeGreaterThanOrEqual(predicted.total + checkpointBudget);
  });

  it('has figures for a model without attention (lmstudio#1038, lmstudio#1753, lmstudio#2017)', () => {
    const pure = { ...tiny.header, attentionLayers: 0, recurrentLayers: 40, kvBytesPerToken: 0 };
    const plan = planFit(pure, wish, roomy);
    for (const figure of [plan.needed, plan.contextSize, ...Object.values(plan.predicted)]) {
      expect(Number.isFinite(figure)).toBe(true);
    }
    expect(plan.predicted.kv).toBe(0);
  });

  it('takes a shorter context by itself rather than none (jan#8236)', async () => {
    const whole = planFit(micro.header, wish, roomy);
    const { plan } = await load(micro, { total: 16 * gib, available: whole.needed - gib });
    expect(plan.fits).toBe(true);
    expect(plan.contextSize).toBeLessThan(whole.contextSize);
  });
});

describe('a model that does not fit (ollama#12982)', () => {
  it('is refused with what it needs, what is there and what would help (lmstudio#1544)', async () => {
    const { plan: error } = await load(small, { total: 16 * gib, available: 9 * gib });
    expect(error).toMatchObject({ code: 'model-too-large' });
    const { detail } = error;
    expect(detail).toMatchObject({ available: 9 * gib, total: 16 * gib, modelId: small.id });
    expect(detail.needed).toBeGreaterThan(15 * gib);
    expect(detail.shorter).toBe(0);
    // Nothing of H-Small is small enough; the next model that is picked first is.
    expect(detail.smaller).toBe('Granite 4.0 H-Tiny Q8_0');
    expect(detail.smallerNeeds).toBeLessThanOrEqual(9 * gib);
  });

  it('names the coarser weights of the same model where those fit', async () => {
    const finer = stored('granite-4.0-h-small', 'Q4_K_M');
    const need = planFit(header('granite-4.0-h-small', 'Q3_K_M'), wish, {
      total: 32 * gib,
      available: 0,
    }).needed;
    const { plan: error } = await load(finer, { total: 32 * gib, available: need + 2 ** 20 });
    expect(error.detail.smaller).toMatch(/^Granite 4\.0 H-Small Q[23]/);
  });

  it('names the context that fits where a longer one was asked for', async () => {
    const asked = { contextSize: 131_072, sessions: 1 };
    const fits = planFit(micro.header, { contextSize: 16_384, sessions: 1 }, roomy).needed;
    const memory = { total: 64 * gib, available: fits };
    const { plan: error } = await load(micro, memory, [], asked);
    expect(error.detail).toMatchObject({ context: 131_072, shorter: 16_384 });
    expect((await load(micro, memory, [], { ...asked, contextSize: 16_384 })).plan.fits).toBe(true);
  });

  it('names the answering model that is in the way, and never ends it', async () => {
    const writing = held(tiny, { leases: 1 });
    const { ended, plan: error } = await load(
      small,
      { total: 24 * gib, available: planFit(small.header, wish, roomy).needed - gib * 3 },
      [writing],
      { contextSize: 32_768, sessions: 1 },
    );
    expect(ended).toEqual([]);
    expect(error.detail).toMatchObject({ unload: tiny.name, unloadId: tiny.id });
  });
});

describe('what a model would need now', () => {
  it('is loaded, fits, or fits when idle ones go, as loading then does (lmstudio#1562)', async () => {
    const memory = { total: 24 * gib, available: 9 * gib };
    expect(fitNow(tiny, wish, [], memory).verdict).toBe('fits');
    expect(fitNow(tiny, wish, [held(tiny)], memory).verdict).toBe('loaded');
    const tight = { total: 24 * gib, available: 4 * gib };
    const fit = fitNow(tiny, wish, [held(micro)], tight);
    expect(fit).toMatchObject({ verdict: 'makes-room', unloads: [micro.name] });
    const { ended, plan } = await load(tiny, tight, [held(micro)]);
    expect(ended).toEqual([micro.id]);
    expect(plan.fits).toBe(true);
  });

  it('ends no more than is needed, the longest unused first', () => {
    const memory = { total: 24 * gib, available: 4 * gib };
    const both = [
      held(micro, { lastUsed: 2 }),
      held(stored('granite-4.0-h-micro'), { lastUsed: 1 }),
    ];
    const first = fitNow(tiny, wish, both, { ...memory, available: 5 * gib });
    expect(first.unloads).toEqual(['granite-4.0-h-micro']);
  });

  it('counts nothing of a model that is answering', () => {
    const fit = fitNow(tiny, wish, [held(micro, { leases: 1 })], {
      total: 24 * gib,
      available: gib,
    });
    expect(fit).toMatchObject({ verdict: 'no', unloads: [], available: gib });
    expect(fit.needed).toBeGreaterThan(4 * gib);
  });
});
