import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from '../../../electron/storage/sql.ts';
import { removeFolder, setUpDocuments } from '../../support/documents-setup.ts';
import { bareFor, watch } from './bare.ts';
import type { Took } from './bare.ts';

/** What the bench asks of a process of its own, as JSON in the first argument. */
export interface Ask {
  readonly folder: string;
  readonly warm: string | null;
  /** Format to measure the bare library of, before each round; null: the whole way alone. */
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
  /** Longest time for which nothing else got a turn. */
  readonly blockMs: number;
}

export interface Round {
  readonly bare: Took;
  readonly whole: Took;
  /** Processor time of the thread that writes; the rest is the parser's and the system's helpers. */
  readonly writing: number;
}

const resolution = 2;

async function measure(ask: Ask): Promise<Answer> {
  const bare = ask.bare === null ? null : await bareFor(ask.bare);
  const rounds: Round[] = [];
  let counts = { pages: 0, passages: 0, characters: 0, failed: 0 };
  const delay = monitorEventLoopDelay({ resolution });
  for (let round = 0; round < ask.rounds; round += 1) {
    const bareTook = (await bare?.run(ask.folder)) ?? { wall: 0, cpu: 0 };
    const setup = setUpDocuments({ folder: mkdtempSync(path.join(tmpdir(), 'quarry-indexing-')) });
    if (ask.warm !== null) await setup.add([ask.warm]);
    delay.enable();
    const thread = process.threadCpuUsage();
    const took = watch();
    const { collectionId } = await setup.add([ask.folder]);
    const whole = took();
    const { user, system } = process.threadCpuUsage(thread);
    rounds.push({ bare: bareTook, whole, writing: (user + system) / 1000 });
    delay.disable();
    counts =
      setup.db.get<typeof counts>(
        sql`SELECT SUM(pages) AS pages, SUM(passages) AS passages, SUM(characters) AS characters,
        SUM(state <> 'ready') AS failed FROM documents WHERE collection_id = ${collectionId}`,
      ) ?? counts;
    await setup.close();
    removeFolder(setup.files);
  }
  return {
    peer: bare?.name ?? null,
    rounds,
    ...counts,
    peakBytes: peak(),
    blockMs: Math.max(0, delay.max / 1e6 - resolution),
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
