import { describe, expect, it } from 'vitest';
import { isShortOfMemory } from './load.ts';
import { oomKills } from './oom-kills.ts';

const files = (texts: Record<string, string>) => (path: string) => texts[path] ?? '';

describe('kills for lack of memory', () => {
  it('are read from the own control group, of either version', () => {
    const unified = files({
      '/proc/self/cgroup': '0::/app\n',
      '/sys/fs/cgroup/app/memory.events': 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n',
      '/proc/vmstat': 'oom_kill 9\n',
    });
    expect(oomKills(unified)).toBe(2);
    const old = files({
      '/proc/self/cgroup': '4:memory:/app\n0::/\n',
      '/sys/fs/cgroup/memory/app/memory.oom_control':
        'oom_kill_disable 0\nunder_oom 0\noom_kill 5\n',
    });
    expect(oomKills(old)).toBe(5);
  });

  it('are the machine’s where the group counts none, and unknown elsewhere', () => {
    expect(oomKills(files({ '/proc/vmstat': 'pgfault 1\noom_kill 7\n' }))).toBe(7);
    expect(oomKills(files({}))).toBeNull();
  });
});

describe('a load that llama.cpp gave up', () => {
  it.each([
    [
      'Failed to create context',
      ['ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9'],
    ],
    [
      'Failed to load model',
      ['llama_model_load: error loading model: unable to allocate CPU buffer'],
    ],
    ['x', ['cudaMalloc failed: out of memory']],
    ['x', ['ggml_vulkan: Device memory allocation of size 9 failed: ErrorOutOfDeviceMemory']],
    ['x', ['ggml_metal: error: failed to allocate buffer, size = 9.00 MiB']],
    ['A context size of 9 is too large for the available VRAM: insufficient memory', []],
    ['std::bad_alloc', []],
  ])('for lack of memory is told from other reasons: %s %j', (message, lines) => {
    expect(isShortOfMemory(message, lines, false)).toBe(true);
  });

  it('for another reason is not', () => {
    const line = 'llama_init_from_model: V cache quantization requires flash_attn';
    expect(isShortOfMemory('Failed to create context', [line], true)).toBe(false);
    expect(isShortOfMemory('Failed to create context', [], true)).toBe(true);
    expect(isShortOfMemory('Failed to load model', [], false)).toBe(false);
  });
});
