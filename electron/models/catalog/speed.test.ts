import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MachineSpeed } from '../../ipc/contract/index.ts';
import { loadCatalog } from './catalog.ts';
import { recommend } from './recommend.ts';
import { activeBytes, activeBytesOf, expectedSpeed } from './speed.ts';
import { fileBytes, headerOf } from './size.ts';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const catalog = await loadCatalog(join(root, 'resources'));
const machine = (all: number, over: Partial<MachineSpeed> = {}): MachineSpeed => ({
  bandwidth: { one: all / 2, all, threads: 8, at: 0 },
  graphics: null,
  ...over,
});
const fileOf = (id: string, quantization: string) => {
  const model = catalog.models.find((one) => one.id === id)!;
  const file = model.gguf!.files.find((one) => one.quantization === quantization)!;
  const shape = model.shape!;
  return { model, file, shape, bytes: fileBytes(shape, file)!.bytes };
};

describe('weights that a token reads', () => {
  it.each(['granite-4.0-h-tiny', 'granite-4.0-h-small'])(
    'are about the share of parameters that IBM calls active: %s',
    (id) => {
      const { model, shape, bytes } = fileOf(id, 'Q4_K_M');
      const share = activeBytes(shape, 'Q4_K_M', bytes)! / bytes;
      const told = model.activeParameters! / model.parameters!;
      // The table of tokens is kept finer than the rest, so the share in bytes is somewhat larger.
      expect(share).toBeGreaterThan(told * 0.8);
      expect(share).toBeLessThan(told * 1.6);
    },
  );

  it('are all of them in a dense model whose table is the output too', () => {
    const { shape, bytes } = fileOf('granite-4.0-micro', 'Q4_K_M');
    expect(activeBytes(shape, 'Q4_K_M', bytes)).toBe(bytes);
  });

  it('are found for a file by the shape in its header, not by its name', () => {
    const { model, shape, file, bytes } = fileOf('granite-4.0-h-tiny', 'Q4_K_M');
    const header = { ...headerOf(model, shape, file, bytes), name: 'anything' };
    expect(activeBytesOf(header, catalog)).toBeLessThan(bytes / 2);
    expect(activeBytesOf({ ...header, layers: 39 }, catalog)).toBeNull();
    expect(activeBytesOf({ ...header, layers: 39, experts: 0 }, catalog)).toBe(header.tensorBytes);
  });
});

describe('tokens a second to expect', () => {
  const gb = 1e9;

  it('follow from the bandwidth: twice as fast a memory, twice the tokens', () => {
    const slow = expectedSpeed(2 * gb, 0, machine(20 * gb))!;
    const fast = expectedSpeed(2 * gb, 0, machine(40 * gb))!;
    expect(fast.low / slow.low).toBeCloseTo(2);
    expect(slow).toMatchObject({ from: 'bandwidth' });
    // No more than the memory can give, and not a single figure.
    expect(slow.high).toBeLessThanOrEqual(10);
    expect(slow.low).toBeLessThan(slow.high);
  });

  it('count the state of a hybrid, which is read and written', () => {
    const without = expectedSpeed(gb, 0, machine(20 * gb))!;
    expect(expectedSpeed(gb, gb / 2, machine(20 * gb))!.high).toBeCloseTo(without.high / 2);
  });

  it('are corrected by answers that were written here', () => {
    const own = [{ tokensPerSecond: 3, activeBytes: 2 * gb }];
    const found = expectedSpeed(gb, 0, machine(20 * gb), own)!;
    expect(found.from).toBe('answers');
    expect(found.low).toBeLessThan(6);
    expect(found.high).toBeGreaterThan(6);
    expect(found.high / found.low).toBeLessThan(1.5);
  });

  it('are not told where reading weights does not decide: the miniature, fast or slow', () => {
    for (const rate of [11 * gb, 34 * gb]) {
      expect(expectedSpeed(10_244_480, 289_792, machine(rate))).toBeNull();
    }
    // And what it wrote says nothing about others.
    const own = [{ tokensPerSecond: 400, activeBytes: 10_244_480 }];
    expect(expectedSpeed(gb, 0, machine(20 * gb), own)?.from).toBe('bandwidth');
  });

  it('are not told before a measurement, nor for graphics, nor for unknown weights', () => {
    const graphics = { backend: 'vulkan', devices: ['A'], total: 8 * gb, free: 8 * gb };
    expect(expectedSpeed(gb, 0, null)).toBeNull();
    expect(expectedSpeed(gb, 0, machine(20 * gb, { graphics }))).toBeNull();
    expect(expectedSpeed(null, 0, machine(20 * gb))).toBeNull();
  });

  it('stand in the catalogue: 9 of 10 weights of H-Tiny rest, so it is faster than Micro', () => {
    const found = recommend({ total: 16e9, available: 9e9, speed: machine(20 * gb) }, catalog, {
      context: 32_768,
      sessions: 1,
    });
    const speed = (id: string) => found.entries.find((one) => one.id === id)?.best?.speed;
    expect(speed('granite-4.0-h-tiny')!.low).toBeGreaterThan(
      speed('granite-4.0-micro')!.high * 0.9,
    );
    expect(found.machine.speed?.bandwidth.all).toBe(20 * gb);
  });
});
