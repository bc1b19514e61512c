import { describe, expect, it } from 'vitest';
import { freeMemory, groupMemory } from './free-memory.ts';

const files = (given: Record<string, string>) => (path: string) => given[path] ?? '';

describe('what control groups leave', () => {
  it('is nothing to speak of without a limit', () => {
    expect(groupMemory(files({}))).toBeNull();
    const open = files({
      '/proc/self/cgroup': '0::/a.scope\n',
      '/sys/fs/cgroup/a.scope/memory.max': 'max\n',
      '/sys/fs/cgroup/a.scope/memory.high': 'max\n',
      '/sys/fs/cgroup/a.scope/memory.current': '1000\n',
    });
    expect(groupMemory(open)).toBeNull();
  });

  it('v2: counts cached files as free, and takes the tightest of the groups above', () => {
    const read = files({
      '/proc/self/cgroup': '0::/user.slice/a.scope\n',
      '/sys/fs/cgroup/user.slice/a.scope/memory.max': '6000\n',
      '/sys/fs/cgroup/user.slice/a.scope/memory.high': 'max\n',
      '/sys/fs/cgroup/user.slice/a.scope/memory.current': '5900\n',
      '/sys/fs/cgroup/user.slice/a.scope/memory.stat':
        'anon 900\nfile 5000\nshmem 1000\nactive_file 1500\ninactive_file 2500\n',
      '/sys/fs/cgroup/user.slice/memory.max': '20000\n',
      '/sys/fs/cgroup/user.slice/memory.high': '9000\n',
      '/sys/fs/cgroup/user.slice/memory.current': '8000\n',
      '/sys/fs/cgroup/user.slice/memory.stat': 'active_file 0\ninactive_file 500\n',
    });
    expect(groupMemory(read)).toEqual({ limit: 6000, available: 1500 });
  });

  it('v1: reads the own group, not the root of the machine', () => {
    const read = files({
      '/proc/self/cgroup': '12:cpu,cpuacct:/x\n4:memory:/app\n0::/\n',
      '/sys/fs/cgroup/memory/app/memory.limit_in_bytes': '6000\n',
      '/sys/fs/cgroup/memory/app/memory.usage_in_bytes': '5000\n',
      '/sys/fs/cgroup/memory/app/memory.stat':
        'cache 9\ntotal_active_file 300\ntotal_inactive_file 700\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '70000\n',
    });
    expect(groupMemory(read)).toEqual({ limit: 6000, available: 2000 });
  });

  it('v1 in a container, where the own path does not lead below the mount', () => {
    const read = files({
      '/proc/self/cgroup': '4:memory:/docker/abc\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '6000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '5000\n',
      '/sys/fs/cgroup/memory/memory.stat': 'total_active_file 0\ntotal_inactive_file 100\n',
    });
    expect(groupMemory(read)).toEqual({ limit: 6000, available: 1100 });
  });

  it('never tells less than nothing', () => {
    const read = files({
      '/proc/self/cgroup': '0::/a\n',
      '/sys/fs/cgroup/a/memory.max': '1000',
      '/sys/fs/cgroup/a/memory.current': '1200',
    });
    expect(groupMemory(read)?.available).toBe(0);
    expect(freeMemory()).toBeGreaterThan(0);
  });
});
