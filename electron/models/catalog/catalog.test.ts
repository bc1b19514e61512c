import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { headroom } from '../fit.ts';
import { loadCatalog, parseCatalog } from './catalog.ts';
import { capacityOf, recommend } from './recommend.ts';
import { countParameters, estimateFileBytes, fileBytes } from './size.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const catalog = await loadCatalog(join(root, 'resources'));
const gib = 2 ** 30;
const on = (total: number, context = 32_768, sessions = 1) =>
  recommend({ total: total * gib, available: total * gib }, catalog, { context, sessions });
const entry = (id: string, found: ReturnType<typeof on>) => {
  const one = found.entries.find((candidate) => candidate.id === id);
  if (one === undefined) throw new Error(`no ${id}`);
  return one;
};

describe('the catalogue', () => {
  it('holds every Granite 4.0, 4.1 and 4.2 model once, the announced ones without files', () => {
    const ids = catalog.models.map(({ id }) => id);
    for (const name of ['350m', 'h-350m', '1b', 'h-1b', 'micro', 'h-micro', 'h-tiny', 'h-small']) {
      expect(ids).toContain(`granite-4.0-${name}`);
      expect(ids).toContain(`granite-4.0-${name}-base`);
    }
    for (const size of ['3b', '8b', '30b']) {
      expect(ids).toContain(`granite-4.1-${size}`);
      expect(ids).toContain(`granite-4.2-${size}`);
    }
    expect(new Set(ids).size).toBe(ids.length);
    const announced = catalog.models.filter(({ state }) => state === 'announced');
    expect(announced.map(({ gguf, weights }) => [gguf, weights])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('expects a signer only where signed files were found', () => {
    const signed = catalog.models.filter(({ gguf }) => gguf?.signer).map(({ id }) => id);
    expect(signed).toEqual(['granite-4.2-3b', 'granite-4.2-8b', 'granite-4.2-30b']);
  });

  it('calls a hash pinned only at a pinned revision', () => {
    for (const { gguf } of catalog.models) {
      for (const file of gguf?.files ?? []) {
        if (file.sha256.status === 'pinned') expect(gguf?.revisionStatus).toBe('pinned');
      }
    }
  });

  it.each([
    ['a branch for a commit', { weights: { repository: 'a/b', revision: 'main', signer: null } }],
    ['the context that hybrids claim', { trainedContext: 2 ** 20 }],
    ['a repository that leads elsewhere', { weights: { repository: '../b', revision: null } }],
  ])('refuses %s', (_what, change) => {
    const [first] = catalog.models;
    const damaged = { ...catalog, models: [{ ...first, ...change }] };
    expect(() => parseCatalog(damaged)).toThrow(/damaged/);
  });
});

describe('sizes from shapes', () => {
  it('counts the parameters that IBM states, within 3 %', () => {
    for (const { shape, parameters } of catalog.models) {
      if (shape === null || parameters === null) continue;
      expect(Math.abs(countParameters(shape) / parameters - 1)).toBeLessThan(0.03);
    }
  });

  it('estimates every size that is known within 2 %', () => {
    const known = catalog.models.flatMap(({ shape, gguf }) =>
      (gguf?.files ?? []).flatMap((file) =>
        shape !== null && file.size.bytes !== null ? [{ shape, file }] : [],
      ),
    );
    expect(known.length).toBeGreaterThan(10);
    for (const { shape, file } of known) {
      const estimate = estimateFileBytes(shape, file.quantization) ?? NaN;
      expect(Math.abs(estimate / (file.size.bytes ?? NaN) - 1), file.name).toBeLessThan(0.02);
    }
  });

  it('says of an estimate that it is one', () => {
    const tiny = catalog.models.find(({ id }) => id === 'granite-4.0-h-tiny');
    const sourceOf = (quantization: string) => {
      const file = tiny?.gguf?.files.find((one) => one.quantization === quantization);
      return tiny?.shape && file ? fileBytes(tiny.shape, file)?.source : undefined;
    };
    expect(sourceOf('Q4_K_M')).toBe('pinned');
    expect(sourceOf('Q6_K')).toBe('estimate');
  });
});

describe('what fits', () => {
  it.each([
    [4, 'granite-4.0-h-1b'],
    [8, 'granite-4.0-h-tiny'],
    [16, 'granite-4.0-h-tiny'],
    [24, 'granite-4.0-h-tiny'],
    [64, 'granite-4.0-h-small'],
  ])('picks for a machine of %i GiB: %s', (total, id) => {
    const found = on(total);
    expect(found.pick).toBe(id);
    expect(found.entries[0]?.id).toBe(id);
    expect(entry(id, found).best?.verdict).toBe('fits');
  });

  it('sorts by verdict, and the announced ones come last', () => {
    const order = on(8).entries.slice(1);
    const ranks = order.map(({ state, use, best }) =>
      state === 'announced'
        ? 4
        : best === null || use !== 'chat'
          ? 3
          : { fits: 0, shorter: 1, no: 2 }[best.verdict],
    );
    expect(ranks).toEqual([...ranks].sort());
    expect(new Set(ranks)).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it.each([4, 8, 16, 24, 64])('offers on %i GiB only what stays below its memory', (total) => {
    const found = on(total);
    for (const { offers } of found.entries) {
      for (const { verdict, needed, context } of offers) {
        expect(needed <= found.machine.capacity).toBe(verdict !== 'no');
        if (verdict === 'shorter') expect(context).toBeLessThan(32_768);
      }
    }
    const kept = total * gib - found.machine.capacity;
    expect(kept).toBeGreaterThanOrEqual(gib);
    expect(capacityOf(total * gib)).toBe(found.machine.capacity);
    expect(headroom(total * gib)).toBeGreaterThan(0);
  });

  // ollama#12692: a hybrid's memory was reported as if every layer kept every token.
  it('ollama#12692 lmstudio#1862: a hybrid’s memory hardly grows with the text', () => {
    const at = (id: string, context: number) =>
      entry(id, on(64, context)).offers.find((one) => one.quantization === 'Q4_K_M')?.predicted;
    const hybrid = at('granite-4.0-h-micro', 131_072);
    const dense = at('granite-4.0-micro', 131_072);
    // granite.md §2.1, to the byte.
    expect(hybrid?.kv).toBe(1024 * 2 ** 20);
    expect(hybrid?.recurrent).toBe(77_377_536);
    expect(dense?.kv).toBe(10_240 * 2 ** 20);
  });

  it('ollama#12982: refuses H-Small on 16 GiB with figures instead of running out of memory', () => {
    const small = entry('granite-4.0-h-small', on(16)).offers.find(
      (one) => one.quantization === 'Q4_K_M',
    );
    expect(small?.verdict).toBe('no');
    expect(small?.needed).toBeGreaterThan(18 * gib);
  });

  it('unsloth#11073: counts the checkpoints of a hybrid', () => {
    const { best } = entry('granite-4.0-h-tiny', on(16));
    const rest = (best?.needed ?? 0) - (best?.predicted.ceiling ?? 0) - headroom(16 * gib);
    // The headroom is a tenth of the machine, rounded up with the sum.
    expect(Math.floor(rest)).toBeGreaterThanOrEqual(4 * 58_060_800);
    expect(rest).toBeLessThan(4 * 58_060_800 + 2);
  });

  it('lmstudio#1562: counts the memory of the model that would be exchanged as free', () => {
    const with_ = (reclaimable: number) =>
      entry(
        'granite-4.0-h-tiny',
        recommend({ total: 8 * gib, available: 1 * gib, reclaimable }, catalog, {
          context: 8192,
          sessions: 1,
        }),
      ).best?.fitsNow;
    expect(with_(0)).toBe(false);
    expect(with_(6 * gib)).toBe(true);
  });

  it('lmstudio#1038: gives figures for every model with a shape, never NaN', () => {
    for (const { offers } of on(16).entries) {
      for (const { bytes, needed } of offers) expect(Number.isFinite(bytes + needed)).toBe(true);
    }
  });

  it('never offers more context than a model was trained on', () => {
    const found = on(64, 2 ** 20);
    for (const { offers, trainedContext } of found.entries) {
      for (const { context } of offers) expect(context).toBeLessThanOrEqual(trainedContext ?? 0);
    }
  });

  it('needs more for more conversations at once', () => {
    const at = (sessions: number) =>
      entry('granite-4.0-micro', on(64, 8192, sessions)).best?.predicted.kv ?? 0;
    expect(at(4)).toBe(4 * at(1));
  });
});
