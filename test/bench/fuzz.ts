import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expectedSigner, loadTrustRoot } from '../../electron/models/verify/index.ts';
import { fuzzBundles, fuzzGguf } from '../support/fuzz.ts';
import type { FuzzResult } from '../support/fuzz.ts';

const inputs = 10_000;
/** A reader that takes longer than this over one small file hangs, on any machine. */
const allowedMs = 5000;
/** Above what a garbage collector lets lie about. */
const allowedGrowth = 512 * 1024 ** 2;
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** 10,000 mutated signatures and 10,000 mutated GGUF headers. */
export async function run(): Promise<boolean> {
  const seed = Number(process.env['QUARRY_SEED'] ?? 1);
  console.log(`seed ${seed}`);
  const expect = expectedSigner('ibm-granite/granite-4.0-h-tiny');
  if (expect === null) throw new Error('no signer');
  const text = readFileSync(at('test/signatures/granite-4.0-h-tiny.model.sig.json'), 'utf8');
  const trustRoot = await loadTrustRoot(at('resources/trust/trusted_root.json'));
  const bundles = await fuzzBundles(inputs, seed, { text, trustRoot, expect });
  const headers = await fuzzGguf(inputs, seed);
  return [report('signatures', bundles), report('GGUF headers', headers)].every(Boolean);
}

function report(what: string, { outcomes, wrong, slowestMs, grownBytes }: FuzzResult): boolean {
  console.log(`${what}: ${inputs} inputs, ${wrong.length} wrong`);
  for (const [outcome, count] of Object.entries(outcomes).sort((a, b) => b[1] - a[1])) {
    console.log(`  ${String(count).padStart(6)}  ${outcome}`);
  }
  const megabytes = Math.round(grownBytes / 1024 ** 2);
  console.log(`  slowest ${slowestMs.toFixed(1)} ms, memory grew by ${megabytes} MiB at most`);
  for (const line of wrong.slice(0, 5)) console.log(`  WRONG ${line}`);
  return wrong.length === 0 && slowestMs < allowedMs && grownBytes < allowedGrowth;
}
