import { describe, expect, it } from 'vitest';
import { createProcessMeter, footprintIn } from './process-memory.ts';
import type { ProcessMeterPorts } from './process-memory.ts';

const kib = 1024;

/** A Linux process whose figures, in KiB, and clock are set by hand. A walk takes `walkMs`. */
function linux() {
  const state = { rss: 1000, anon: 800, swap: 0, pss: 900, clean: 50, dirty: 700 };
  const clock = { now: 0, walkMs: 10 };
  const walks: number[] = [];
  const ports: ProcessMeterPorts = {
    platform: 'linux',
    pid: 1,
    rss: () => 0,
    now: () => clock.now,
    run: () => Promise.reject(new Error('no tools here')),
    async proc(name) {
      if (name === 'status') {
        return `VmRSS:\t ${state.rss} kB\nRssAnon:\t ${state.anon} kB\nVmSwap:\t ${state.swap} kB\n`;
      }
      walks.push(clock.now);
      clock.now += clock.walkMs;
      return `Rss: 1 kB\nPss:  ${state.pss} kB\nPrivate_Clean: ${state.clean} kB\nPrivate_Dirty: ${state.dirty} kB\n`;
    },
  };
  return { state, clock, walks, meter: createProcessMeter(ports) };
}

describe('a process on Linux', () => {
  it('tells resident, proportional, private and swapped memory', async () => {
    const { meter } = linux();
    expect(await meter.read()).toEqual({
      resident: 1000 * kib,
      swapped: 0,
      proportional: 900 * kib,
      privateBytes: 750 * kib,
      footprint: null,
      commit: null,
    });
  });

  it('walks its pages no more than a thousandth of the time, however often it is asked', async () => {
    const { meter, clock, walks } = linux();
    for (; clock.now < 100_000; clock.now += 1000) await meter.read();
    expect(walks.length).toBeGreaterThan(5);
    expect(walks.length * clock.walkMs).toBeLessThanOrEqual(clock.now / 1000 + clock.walkMs);
  });

  it('between two walks takes what grew as its own, and is exact in resident memory', async () => {
    const { meter, state, walks } = linux();
    await meter.read();
    state.rss += 300;
    state.anon += 200;
    state.swap = 5;
    expect(await meter.read()).toMatchObject({
      resident: 1300 * kib,
      swapped: 5 * kib,
      proportional: 1100 * kib,
      privateBytes: 950 * kib,
    });
    expect(walks).toHaveLength(1);
  });

  it('walks once for readings at the same time', async () => {
    const { meter, walks } = linux();
    await Promise.all([meter.read(), meter.read(), meter.read()]);
    expect(walks).toHaveLength(1);
  });
});

describe('other systems, as their documentation has it', () => {
  const other = (platform: NodeJS.Platform, output: string | null) =>
    createProcessMeter({
      platform,
      pid: 7,
      rss: () => 4096,
      now: () => 0,
      proc: () => Promise.reject(new Error('no /proc here')),
      run: () =>
        output === null ? Promise.reject(new Error('not found')) : Promise.resolve(output),
    });

  it('macOS tells the footprint', async () => {
    const text = 'node [7]: 64-bit    Footprint: 123456 B (16384 bytes per page)\n';
    expect(await other('darwin', text).read()).toMatchObject({
      resident: 4096,
      footprint: 123_456,
      privateBytes: null,
    });
    expect(footprintIn('node [7]: 64-bit Footprint: 12.5 MB')).toBe(12.5 * 2 ** 20);
    expect(footprintIn('no such process')).toBeNull();
  });

  it('Windows tells the commit charge', async () => {
    expect(await other('win32', '987654\r\n').read()).toMatchObject({ commit: 987_654 });
    expect(await other('win32', '').read()).toMatchObject({ commit: null });
  });

  it('a tool that is missing leaves null, and resident memory stands', async () => {
    const figures = await other('darwin', null).read();
    expect(figures).toMatchObject({ resident: 4096, footprint: null, swapped: null });
  });
});
