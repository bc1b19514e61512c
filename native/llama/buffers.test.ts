import { describe, expect, it } from 'vitest';
import { createBufferReader, refine } from './buffers.ts';

const mebibyte = 1024 * 1024;

describe('createBufferReader', () => {
  it('adds up what the backends report', () => {
    const reader = createBufferReader();
    for (const text of [
      'load_tensors: loading model tensors, this can take a while... (load_mode = mmap)\n',
      'load_tensors:   CPU_Mapped model buffer size =   120.50 MiB\n',
      'load_tensors:        CUDA0 model buffer size =  4031.50 MiB\n',
      'llama_context: constructing llama_context\n',
      'llama_context:        CPU  output buffer size =     0.25 MiB',
      'llama_kv_cache:        CPU KV buffer size =    12.00 MiB\nllama_kv_cache: size =   12.00 MiB (  4096 cells)',
      'llama_memory_recurrent:        CPU RS buffer size =     0.50 MiB',
      'sched_reserve:        CPU compute buffer size =    11.75 MiB',
    ]) {
      reader.read(text);
    }
    expect(reader.sizes()).toEqual({
      weights: 4152 * mebibyte,
      weightParts: {
        mapped: 120.5 * mebibyte,
        read: 0,
        repacked: 0,
        device: 4031.5 * mebibyte,
      },
      kv: 12 * mebibyte,
      recurrent: 0.5 * mebibyte,
      compute: 11.75 * mebibyte,
      output: 0.25 * mebibyte,
    });
  });

  it('tells weights that were read from those that were repacked', () => {
    const reader = createBufferReader();
    reader.read(
      'load_tensors:   CPU model buffer size = 2.00 MiB\nload_tensors:  CPU_REPACK model buffer size = 3.00 MiB',
    );
    expect(reader.sizes().weightParts).toEqual({
      mapped: 0,
      read: 2 * mebibyte,
      repacked: 3 * mebibyte,
      device: 0,
    });
  });

  it('starts again with a new context', () => {
    const reader = createBufferReader();
    for (let round = 0; round < 2; round += 1) {
      reader.read('llama_context: constructing llama_context');
      reader.read('llama_kv_cache:        CPU KV buffer size =     3.00 MiB');
    }
    expect(reader.sizes().kv).toBe(3 * mebibyte);
  });

  it('ignores everything else', () => {
    const reader = createBufferReader();
    reader.read('the user asked about a model buffer size = 9.00 MiB');
    const { weightParts, ...rest } = reader.sizes();
    expect([...Object.values(rest), ...Object.values(weightParts)]).toEqual(Array(9).fill(0));
  });
});

describe('refine', () => {
  it('takes the computed size only where llama.cpp would print it so', () => {
    const printed = Math.round(0.55 * mebibyte);
    expect(refine(printed, 579_584)).toBe(579_584);
    expect(refine(printed, 590_000)).toBe(printed);
    expect(refine(printed, null)).toBe(printed);
  });
});
