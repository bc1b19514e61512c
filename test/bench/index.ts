/**
 * `npm run bench [name]`: speeds, always as ratios against a peer measured in the same run.
 * Wall-clock times are never asserted in tests; this is where they are looked at.
 */
const benches: Readonly<Record<string, () => Promise<{ run: () => Promise<boolean> }>>> = {
  answerability: () => import('./answerability.ts'),
  downloads: () => import('./downloads.ts'),
  chunks: () => import('./chunks.ts'),
  embedding: () => import('./embedding.ts'),
  exactness: () => import('./exactness.ts'),
  gaps: () => import('./gaps.ts'),
  fuzz: () => import('./fuzz.ts'),
  kv: () => import('./kv.ts'),
  hostile: () => import('./hostile.ts'),
  idle: () => import('./idle.ts'),
  indexing: () => import('./indexing/index.ts'),
  limit: () => import('./limit.ts'),
  memory: () => import('./memory/index.ts'),
  overhead: () => import('./throughput-overhead.ts'),
  rerank: () => import('./rerank.ts'),
  resume: () => import('./resume.ts'),
  retrieval: () => import('./retrieval/index.ts'),
  startup: () => import('./startup.ts'),
  throughput: () => import('./throughput.ts'),
  states: () => import('./states/index.ts'),
  stalls: () => import('./stalls.ts'),
  vectors: () => import('./vectors.ts'),
  watch: () => import('./watch.ts'),
  window: () => import('./window.ts'),
};

const [name] = process.argv.slice(2);
const chosen = name === undefined ? Object.keys(benches) : [name];
let good = true;
for (const each of chosen) {
  const load = benches[each];
  if (load === undefined) {
    console.error(`bench: no bench named ${each}; there are: ${Object.keys(benches).join(', ')}`);
    process.exit(2);
  }
  console.log(`# ${each}`);
  good = (await (await load()).run()) && good;
}
process.exit(good ? 0 : 1);
