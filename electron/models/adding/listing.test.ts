import { describe, expect, it } from 'vitest';
import { isPart, isWanted, listModels, quantizationIn } from './listing.ts';

const file = (path: string, bytes = 1, sha256: string | null = null) => ({
  ...{ path, bytes, sha256 },
  gitSha1: '',
});

describe('a repository’s files', () => {
  it.each([
    ['granite-4.0-h-tiny-Q4_K_M.gguf', 'Q4_K_M'],
    ['granite-4.2-3b-bf16.gguf', 'BF16'],
    ['a/b/model.IQ2_XXS.gguf', 'IQ2_XXS'],
    ['Q8_0/model-Q4_0.gguf', 'Q4_0'],
    ['granite-f16.gguf', 'F16'],
    ['q1-model.gguf', 'Q1'],
    ['granite.gguf', null],
    ['bf16x-granite.gguf', null],
  ])('%s says %s', (path, quantization) => {
    expect(quantizationIn(path)).toBe(quantization);
  });

  it('wants weights and the signature, no vision parts, no other files', () => {
    const all = ['m.gguf', 'sub/M.GGUF', 'model.sig', 'mmproj-x.gguf', 'x/model.sig', 'README.md'];
    expect(all.filter(isWanted)).toEqual(['m.gguf', 'sub/M.GGUF', 'model.sig']);
  });

  it('shows a split model once, with all its bytes; one that lacks a part not at all', () => {
    const parts = [1, 2, 3].map((n) => file(`big-Q8_0-0000${n}-of-00003.gguf`, 10, 'a'));
    const torn = [file('torn-00001-of-00002.gguf')];
    const { files } = listModels([...parts, ...torn, file('m-Q4_0.gguf', 5, 'b')], (sha256) =>
      sha256 === 'b' ? 'Mine' : null,
    );
    expect(files).toEqual([
      {
        ...{ file: 'm-Q4_0.gguf', quantization: 'Q4_0', bytes: 5, sha256: 'b' },
        ...{ parts: 1, knownAs: 'Mine' },
      },
      {
        ...{ file: 'big-Q8_0-00001-of-00003.gguf', quantization: 'Q8_0', bytes: 30, sha256: null },
        ...{ parts: 3, knownAs: null },
      },
    ]);
    expect(isPart('big-Q8_0-00001-of-00003.gguf')).toBe(true);
    expect(isPart('m-Q4_0.gguf')).toBe(false);
  });

  it('of 100,000 files keeps what a person can look through, and says so', () => {
    const many = Array.from({ length: 100_000 }, (_, n) => file(`m-${n}.gguf`, n + 1));
    const { files, isCut } = listModels(many, () => null);
    expect(files).toHaveLength(200);
    expect(files[0]?.file).toBe('m-0.gguf');
    expect(isCut).toBe(true);
  });
});
