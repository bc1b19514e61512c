import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectedSigner, loadTrustRoot } from '../../electron/models/verify/index.ts';
import type { ExpectedSigner } from '../../electron/models/verify/index.ts';
import { fuzzBundles, fuzzGguf } from '../support/fuzz.ts';
import { root } from './models-support.ts';

// `npm run bench fuzz` does 10,000 of each, with another seed, and looks at time and memory.
describe('mutated files', () => {
  it('500 signatures: refused, or the very same meaning', async () => {
    const result = await fuzzBundles(500, 3, {
      text: readFileSync(join(root, 'test/signatures/granite-4.0-h-tiny.model.sig.json'), 'utf8'),
      trustRoot: await loadTrustRoot(join(root, 'resources/trust/trusted_root.json')),
      expect: expectedSigner('ibm-granite/granite-4.0-h-tiny') as ExpectedSigner,
    });
    expect(result.wrong).toEqual([]);
    // Mutations that reach every part, or this proves little.
    expect(Object.keys(result.outcomes).length).toBeGreaterThan(8);
  });

  it('1,500 model headers: read, or refused as what they are', async () => {
    const result = await fuzzGguf(1500, 5);
    expect(result.wrong).toEqual([]);
    expect(Object.keys(result.outcomes)).toEqual(
      expect.arrayContaining(['read', 'model-not-gguf', 'model-truncated']),
    );
  });
});
