import { parseArgs } from 'node:util';
import { runWatch } from '../support/watch-kit.ts';

/**
 * `npm run bench watch -- [--ops=5000] [--kills=10] [--seed=1]`: random operations in a folder that CORE follows,
 * while it is searched and killed (kill -9); at the end its index must equal one built from scratch.
 */
export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      ops: { type: 'string', default: '5000' },
      kills: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
    },
  });
  const done = await runWatch({
    operations: Number(values.ops),
    kills: Number(values.kills),
    seed: Number(values.seed),
    away: 4,
    tell: (line) => console.log(`  ${line}`),
  });
  for (const [name, count] of [...done.counts].sort((a, b) => b[1] - a[1])) {
    console.log(`  ${String(count).padStart(5)}  ${name}`);
  }
  console.log(
    `${done.operations} operations, ${done.kills} kills, ${done.searches} searches in ${done.seconds.toFixed(0)} s; ` +
      `in step ${done.secondsToStep.toFixed(1)} s after the last one`,
  );
  console.log(
    `index: ${done.documents} documents, ${done.passages} passages; ${done.differences.length} differ from one built from scratch`,
  );
  for (const line of done.differences.slice(0, 20)) console.log(`  DIFFERS ${line}`);
  return done.differences.length === 0;
}
