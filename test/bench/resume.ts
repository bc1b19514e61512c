import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureShape } from '../shapes/write.ts';
import { ensurePeer } from './peer/build.ts';
import type { Peer } from './peer/build.ts';
import type { ServerOptions } from './peer/server.ts';
import { quarrySide, serverSide } from './peer/sides.ts';
import type { Cell, PeerSetting, Rows } from './resume-rows.ts';
import { cells, isGood, openRows, summary, table } from './resume-rows.ts';
import { documentCells, documentScene, talkCells, talkScene } from './resume-scenes.ts';
import type { Scene } from './resume-scenes.ts';

/**
 * `npm run bench resume`: time to the first token beside llama-server built from the same source, same
 * file, same threads, same token ids, in turn within one run.
 *
 * llama-server runs in two ways. `slots` is what its source (tools/server/server-context.cpp) shows to be
 * best for a client that does all by itself: a slot of its own for each branch and document, named with
 * every request; a checkpoint at every user message (`--checkpoint-min-step 0`, with the message
 * delimiters in the request), 32 of them; no prompt cache (copying slots out and in costs time that
 * slots of their own save); every slot saved to a file after each answer and restored after a restart,
 * which counts only where it is waited for. `usual` is `llama-server -m FILE -c TOKENS -np 1 -fa on` with
 * its defaults: 8 GiB of prompt cache, checkpoints at least 8,192 tokens apart. `--cache-reuse` does
 * nothing for hybrids (it says so itself). The table compares with the better one of the two.
 *
 * `--give-up=25`: where llama-server reads everything again, it is waited for 25 times as long as Quarry took, and the
 * table says that it takes longer: with a large model one such reading takes half an hour.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const settings: readonly PeerSetting[] = ['slots', 'usual'];

export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      shapes: { type: 'string', default: 'h-1b,h-micro' },
      sizes: { type: 'string', default: '2048,8192,16384' },
      threads: { type: 'string', default: '1' },
      cells: { type: 'string', default: Object.keys(cells).join(',') },
      settings: { type: 'string', default: settings.join(',') },
      'give-up': { type: 'string', default: 'Infinity' },
      out: { type: 'string', default: path.join(root, '.cache/bench/resume.json') },
      table: { type: 'boolean', default: false },
    },
  });
  const rows = openRows(values.out);
  if (!values.table) {
    const peer = await ensurePeer();
    const wanted = listOf(values.cells, Object.keys(cells) as Cell[]);
    for (const setting of listOf(values.settings, settings)) {
      for (const shape of values.shapes.split(',')) {
        for (const size of values.sizes.split(',').map(Number)) {
          await measure({
            ...{ peer, rows, wanted, setting, shape, size, threads: Number(values.threads) },
            giveUp: Number(values['give-up']),
          });
        }
      }
    }
  }
  console.log(table(rows.all));
  const bad = rows.all.filter((row) => !isGood(row));
  for (const row of bad) {
    const { factor } = summary(row);
    console.log(`not as promised: ${row.shape} ${row.size} ${row.cell} ${row.setting} ${factor}`);
  }
  return bad.length === 0;
}

function listOf<T extends string>(text: string, known: readonly T[]): T[] {
  return text.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined) throw new Error(`"${word}" is none of ${known.join(', ')}`);
    return found;
  });
}

interface Measurement {
  readonly peer: Peer;
  readonly rows: Rows;
  readonly wanted: readonly Cell[];
  readonly setting: PeerSetting;
  readonly shape: string;
  readonly size: number;
  readonly threads: number;
  readonly giveUp: number;
}

async function measure(measurement: Measurement): Promise<void> {
  const { rows, wanted, setting, shape, size, threads, giveUp } = measurement;
  const wants = (cell: Cell): boolean =>
    wanted.includes(cell) && !rows.has({ shape, size, threads, setting, cell });
  const parts = [
    { cells: talkCells, play: talkScene },
    { cells: documentCells, play: documentScene },
  ];
  for (const part of parts) {
    if (!part.cells.some(wants)) continue;
    const folder = mkdtempSync(path.join(tmpdir(), 'quarry-resume-'));
    try {
      await withBoth(measurement, folder, async (both) => {
        const say = (text: string): void =>
          console.log(
            `${new Date().toISOString().slice(11, 19)} ${shape} ${size} ${setting}: ${text}`,
          );
        await part.play({
          ...{ size, wants, say, giveUp, ...both },
          record(cell, samples) {
            const at = new Date().toISOString();
            const row = { shape, size, threads, setting, cell, at, samples };
            rows.add(row);
            const { quarryMs, serverMs, factor, quarryRead, serverRead, givenUp } = summary(row);
            say(
              `${cell}: ${quarryMs.toFixed(0)} ms, llama-server ${serverMs.toFixed(0)} ms ` +
                `(${factor.toFixed(2)}x), read ${quarryRead} and ${serverRead}${givenUp ? ', given up' : ''}`,
            );
          },
        });
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function withBoth(
  { peer, shape, size, threads, setting }: Measurement,
  folder: string,
  play: (both: Pick<Scene, 'quarry' | 'server'>) => Promise<void>,
): Promise<void> {
  const { path: model } = await ensureShape({ id: shape, quantization: 'Q4_K_M' });
  const contextSize = Math.ceil(size / 1024) * 1024 + 2048;
  const [states, slots] = [path.join(folder, 'states'), path.join(folder, 'slots')];
  mkdirSync(slots);
  const common = { binary: peer.server, model, contextSize, threads };
  const options: Record<PeerSetting, ServerOptions> = {
    slots: {
      ...common,
      ...{ slots: 3, slotFolder: slots },
      extra: ['--no-kv-unified', '--checkpoint-min-step', '0', '--cache-ram', '0'],
    },
    usual: { ...common, slots: 1 },
  };
  const quarry = await quarrySide({ model, contextSize, sessions: 2, threads, states });
  try {
    const server = await serverSide(options[setting], quarry.quarry);
    try {
      await play({ quarry, server });
    } finally {
      await server.close();
    }
  } finally {
    await quarry.close();
  }
}
