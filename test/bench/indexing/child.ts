import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from '../../../electron/storage/sql.ts';
import { removeFolder, setUpDocuments } from '../../support/documents-setup.ts';
import { bareFor, watch } from './bare.ts';
import type { Took } from './bare.ts';
import { watchBeside, watchTurns } from './turns.ts';
import type { Waits } from './turns.ts';

/** What the bench asks of a process of its own, as JSON in the first argument. */
export interface Ask {
  readonly folder: string;
  /** Format to measure the bare library of, before each round; null: the whole way alone, and cold. */
  readonly bare: string | null;
  readonly rounds: number;
}

export interface Answer {
  readonly peer: string | null;
  readonly rounds: readonly Round[];
  readonly pages: number;
  readonly passages: number;
  readonly characters: number;
  readonly failed: number;
  /** Most that the process ever held, its threads included. */
  readonly peakBytes: number;
  /** Without `bare`: what others waited for their turn in CORE's thread, and in an idle process at that time. */
  readonly waits: Waits;
  readonly beside: Waits;
}

export interface Round {
  /** The library alone. */
  readonly parsed: Took;
  /** The library, and its text in a bare full-text table. */
  readonly indexed: Took;
  readonly whole: Took;
  /** Processor time of the thread that writes; the rest is the parser's and the system's helpers. */
  readonly writing: number;
}

const none: Took = { wall: 0, cpu: 0 };

async function measure(ask: Ask): Promise<Answer> {
  const bare = ask.bare === null ? null : await bareFor(ask.bare);
  const rounds: Round[] = [];
  let counts = { pages: 0, passages: 0, characters: 0, failed: 0 };
  const root = mkdtempSync(path.join(tmpdir(), 'quarry-indexing-'));
  const setup = setUpDocuments({ folder: root });
  let waits: Waits = { longest: 0, long: 0, busiest: 0 };
  let besides = waits;
  // Round 0 warms both ways up, as a large folder would; each round reads its own copies.
  for (let round = bare === null ? 1 : 0; round <= ask.rounds; round += 1) {
    const folder = bare === null ? ask.folder : path.join(root, `files-${round}`);
    if (bare !== null) cpSync(ask.folder, folder, { recursive: true });
    const bareTook = (await bare?.run(folder)) ?? { parsed: none, indexed: none };
    const beside = bare === null ? await watchBeside() : null;
    const turns = bare === null ? watchTurns() : null;
    const thread = process.threadCpuUsage();
    const took = watch();
    const { collectionId } = await setup.add([folder]);
    const whole = took();
    const { user, system } = process.threadCpuUsage(thread);
    waits = turns?.stop() ?? waits;
    besides = (await beside?.stop()) ?? besides;
    if (round > 0) rounds.push({ ...bareTook, whole, writing: (user + system) / 1000 });
    counts =
      setup.db.get<typeof counts>(
        sql`SELECT SUM(pages) AS pages, SUM(passages) AS passages, SUM(characters) AS characters,
        SUM(state <> 'ready') AS failed FROM documents WHERE collection_id = ${collectionId}`,
      ) ?? counts;
  }
  bare?.close();
  await setup.close();
  removeFolder(root);
  return {
    peer: bare?.name ?? null,
    rounds,
    ...counts,
    peakBytes: peak(),
    waits,
    beside: besides,
  };
}

function peak(): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (found !== undefined) return Number(found) * 1024;
  } catch {
    // No Linux: what the system says of the process at its largest.
  }
  return process.resourceUsage().maxRSS * 1024;
}

const answer = await measure(JSON.parse(process.argv[2] ?? '') as Ask);
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
