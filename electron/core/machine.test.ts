import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { availableFromVmStat, coresFromCpuInfo, createMachine } from './machine.ts';

describe('machine', () => {
  it('tells figures that can be true', () => {
    const machine = createMachine();
    const { total, available } = machine.memory();
    expect(total).toBeLessThanOrEqual(totalmem());
    expect(available).toBeGreaterThan(0);
    expect(available).toBeLessThanOrEqual(total);
    expect(machine.cores).toBeGreaterThanOrEqual(1);
    expect(createMachine().fingerprint).toBe(machine.fingerprint);
  });

  it('counts cores, not threads, over two sockets', () => {
    const thread = (socket: number, core: number): string =>
      `processor\t: 0\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n\n`;
    const text = [0, 1].flatMap((s) => [0, 0, 1, 1].map((c) => thread(s, c))).join('');
    expect(coresFromCpuInfo(text)).toBe(4);
    expect(coresFromCpuInfo('processor : 0\nBogoMIPS : 50\n')).toBeUndefined();
  });

  it('adds what macOS can hand out', () => {
    const text = [
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)',
      'Pages free:                               10.',
      'Pages active:                            999.',
      'Pages inactive:                           20.',
      'Pages speculative:                         3.',
      'Pages purgeable:                           4.',
    ].join('\n');
    expect(availableFromVmStat(text)).toBe(37 * 16384);
    expect(availableFromVmStat('')).toBeUndefined();
  });
});
