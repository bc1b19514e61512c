import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNear } from '../../electron/documents/vectors/near.ts';
import { likeness, pack } from '../../electron/documents/vectors/packed.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { vectorsRepository } from '../../electron/storage/repositories/vectors.ts';
import { sql } from '../../electron/storage/sql.ts';
import type { Writer } from '../../electron/storage/sql.ts';
import { flag, number } from './flags.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const dimensions = 384;
const queries = 50;
const fingerprint = 'bench';

/**
 * `npm run bench vectors [-- --sizes=1k,10k,100k,1M] [--clusters=1000]`: time of a search by vectors, what it holds in
 * memory, and how many of the ten nearest it finds. The vectors are random, in clusters that all lean one way.
 */
export async function run(): Promise<boolean> {
  const sizes = (flag('sizes') ?? '1k,10k,100k').split(',').filter(Boolean);
  const clusters = number('clusters', 1000);
  const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-vectors-'));
  let isGood = true;
  try {
    for (const name of sizes) isGood = (await measure(folder, name, clusters)) && isGood;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return isGood;
}

async function measure(folder: string, name: string, clusters: number): Promise<boolean> {
  const size = Number(name.replace('k', '000').replace('M', '000000'));
  const opened = openDatabase({
    ...{ file: join(folder, `${name}.db`), backupFolder: '/nowhere', log: quiet },
    clock: { now: () => 1 },
  });
  const { db } = opened;
  const make = maker(clusters);
  fill(db, size, make);
  const store = vectorsRepository(db);
  const near = createNear(db, store);
  globalThis.gc?.();
  const before = process.memoryUsage().arrayBuffers;
  const started = process.cpuUsage();
  await near.load(fingerprint);
  const { user, system } = process.cpuUsage(started);
  const loaded = (user + system) / 1e6;
  const held = process.memoryUsage().arrayBuffers - before;
  const asked = Array.from({ length: queries }, () => make());
  const ask = (scope: Parameters<typeof near.find>[1]['scope']): string => {
    const took = asked.map((vector) => {
      const from = performance.now();
      const used = process.cpuUsage();
      near.find({ fingerprint, vector }, { scope, limit: 50 });
      const { user, system } = process.cpuUsage(used);
      return { wall: performance.now() - from, cpu: (user + system) / 1000 };
    });
    const at = (of: 'wall' | 'cpu', share: number): string => {
      const sorted = took.map((each) => each[of]).sort((x, y) => x - y);
      return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
    };
    return `p50 ${at('wall', 0.5)} p95 ${at('wall', 0.95)} ms (processor ${at('cpu', 0.5)}, ${at('cpu', 0.95)})`;
  };
  ask({ kind: 'all' });
  const all = ask({ kind: 'all' });
  const tenth = ask({ kind: 'collection', collectionId: 'c0' });
  const recall = recallOf(db, near, asked.slice(0, size > 200_000 ? 5 : 20));
  console.log(
    `${name} vectors of ${dimensions}: ${all}; in a tenth of the documents ${tenth}; recall@10 ${recall.toFixed(3)}; ` +
      `read into memory with ${loaded.toFixed(2)} s of processor, ${(held / 2 ** 20).toFixed(1)} MiB`,
  );
  near.close();
  opened.close();
  rmSync(join(folder, `${name}.db`), { force: true });
  return recall >= 0.97;
}

/** Exact search over the packed vectors against the program's. */
function recallOf(
  db: Writer,
  near: ReturnType<typeof createNear>,
  asked: readonly Float32Array[],
): number {
  const best = asked.map((): { rowid: number; value: number }[] => []);
  for (let from = 0; ;) {
    const rows = db.all<{ passage: number; scale: number; vector: Uint8Array }>(
      sql`SELECT passage, scale, vector FROM passage_vectors WHERE passage > ${from} ORDER BY passage LIMIT 5000`,
    );
    const last = rows.at(-1);
    if (last === undefined) break;
    from = last.passage;
    asked.forEach((query, index) => {
      const list = best[index] ?? [];
      for (const row of rows) list.push({ rowid: row.passage, value: likeness(query, row) });
      list.sort((x, y) => y.value - x.value).splice(10);
    });
  }
  let found = 0;
  asked.forEach((vector, index) => {
    const got = near.find({ fingerprint, vector }, { scope: { kind: 'all' }, limit: 10 }) ?? [];
    const rows = new Set(got.map(({ rowid }) => rowid));
    found += (best[index] ?? []).filter(({ rowid }) => rows.has(rowid)).length;
  });
  return found / (asked.length * 10);
}

/** Passages without words: full text is not measured here. */
function fill(db: Writer, size: number, make: () => Float32Array): void {
  db.run(sql`DROP TRIGGER passages_added`);
  db.run(sql`INSERT INTO vector_models (id, fingerprint) VALUES (1, ${fingerprint})`);
  for (let collection = 0; collection < 10; collection += 1) {
    db.run(
      sql`INSERT INTO collections (id, name, created_at) VALUES (${`c${collection}`}, 'c', 1)`,
    );
  }
  for (let from = 0; from < size; from += 10_000) {
    db.loose(() => {
      for (let at = from; at < Math.min(size, from + 10_000); at += 1) {
        const document = `document-${Math.floor(at / 100)}`;
        if (at % 100 === 0) {
          db.run(sql`INSERT INTO documents
            (id, collection_id, name, path, format, bytes, modified_at, sha256, state, passages, added_at)
            VALUES (${document}, ${`c${(at / 100) % 10}`}, 'n', ${document}, 'txt', 1, 1, '', 'ready', 100, 1)`);
        }
        db.run(sql`INSERT INTO passages (rowid, id, document_id, ordinal, start, "end", text, lead)
          VALUES (${at + 1}, ${`p${at}`}, ${document}, ${at % 100}, 0, 1, 'x', '')`);
        const { scale, vector } = pack(make());
        db.run(sql`INSERT INTO passage_vectors (passage, model, scale, vector)
          VALUES (${at + 1}, 1, ${scale}, ${vector})`);
      }
    });
  }
}

/** Unit vectors: what all have in common, one of the clusters' middles, and a part of their own. */
function maker(clusters: number): () => Float32Array {
  let state = 12_345;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  // Three uniform numbers together are near enough to a normal one.
  const spread = (): number => (next() + next() + next() - 1.5) * 2;
  const made = (): Float32Array => Float32Array.from({ length: dimensions }, spread);
  const lean = made();
  const middles = Array.from({ length: clusters }, made);
  return () => {
    const middle = middles[Math.floor(next() * clusters)] ?? lean;
    const vector = lean.map((value, at) => value + (middle[at] ?? 0) + 0.9 * spread());
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
}
