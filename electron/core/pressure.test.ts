import { describe, expect, it } from 'vitest';
import { groupPath, readPressure, stalledPercent } from './pressure.ts';

describe('pressure for memory', () => {
  it('reads how long tasks waited', () => {
    const text = [
      'some avg10=12.34 avg60=5.00 avg300=1.00 total=987654',
      'full avg10=3.21 avg60=1.00 avg300=0.50 total=12345',
    ].join('\n');
    expect(stalledPercent(text)).toBe(12.34);
  });

  it.each(['', 'full avg10=3.21', 'some avg10=', 'some avg60=1.00'])('is null for %j', (text) => {
    expect(stalledPercent(text)).toBeNull();
  });

  it('finds the own control group, and none at the root or under version 1', () => {
    expect(groupPath('0::/user.slice/app-quarry.scope\n')).toBe('/user.slice/app-quarry.scope');
    expect(groupPath('12:memory:/x\n0::/\n')).toBeNull();
    expect(groupPath('9:memory:/docker/1\n')).toBeNull();
  });

  it.runIf(process.platform === 'linux')('is a share of time on this machine', async () => {
    const { stalledPercent: share } = await readPressure();
    if (share !== null) expect(share).toBeLessThanOrEqual(100);
    expect(share === null || share >= 0).toBe(true);
  });
});
