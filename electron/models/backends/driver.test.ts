import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDrivers } from './driver.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-drivers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text = 'x'): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const linux = (environment: Record<string, string> = {}) =>
  findDrivers({
    platform: 'linux',
    arch: 'x64',
    environment: { LD_LIBRARY_PATH: folder, ...environment },
  });

describe('graphics drivers', () => {
  it('are tried in the order CUDA, Vulkan, processor; on Macs Metal, processor', () => {
    expect(linux().order).toEqual(['cuda', 'vulkan', 'cpu']);
    const mac = { platform: 'darwin', environment: {} } as const;
    expect(findDrivers({ ...mac, arch: 'arm64' }).order).toEqual(['metal', 'cpu']);
    expect(findDrivers({ ...mac, arch: 'arm64' }).has('metal')).toBe(true);
    expect(findDrivers({ ...mac, arch: 'x64' }).has('metal')).toBe(false);
  });

  it('on Linux are a library of CUDA, and of Vulkan with at least one driver', () => {
    const manifest = file('icd.json', '{}');
    const before = linux({ VK_DRIVER_FILES: manifest });
    file('libcuda.so.1');
    file('libvulkan.so.1');
    const after = linux({ VK_DRIVER_FILES: manifest });
    expect(after.has('cuda')).toBe(true);
    expect(after.has('vulkan')).toBe(true);
    expect(after.has('cpu')).toBe(true);
    expect(linux({ VK_DRIVER_FILES: join(folder, 'none.json') }).has('vulkan')).toBe(false);
    expect(after.fingerprint).not.toBe(before.fingerprint);
  });

  it('on Windows are files of the system', () => {
    const windows = () =>
      findDrivers({ platform: 'win32', arch: 'x64', environment: { SystemRoot: folder } });
    expect(windows().has('cuda')).toBe(false);
    file('System32/nvcuda.dll');
    file('System32/vulkan-1.dll');
    expect(windows().has('cuda')).toBe(true);
    expect(windows().has('vulkan')).toBe(true);
  });

  it('look the same until one is updated or a variable they read is set', () => {
    const library = file('libvulkan.so.1');
    const before = linux().fingerprint;
    expect(linux().fingerprint).toBe(before);
    writeFileSync(library, 'a newer one');
    const updated = linux().fingerprint;
    expect(updated).not.toBe(before);
    expect(linux({ CUDA_VISIBLE_DEVICES: '1' }).fingerprint).not.toBe(updated);
  });
});
