import type { ModelName } from '../model/exactness/models.ts';
import { modelNames } from '../model/exactness/models.ts';
import type { Operation, Sequence } from '../model/exactness/operations.ts';
import { drawSequence } from '../model/exactness/operations.ts';
import { createPool } from '../model/exactness/pool.ts';
import type { Pool } from '../model/exactness/pool.ts';
import { flag, number } from './flags.ts';

const usage =
  '--sequences=2000 --seed=1 --models=miniature,moe,dense --minutes=60 --jobs=2 --rig=inside';

export async function run(): Promise<boolean> {
  const names = (flag('models')?.split(',') ?? modelNames) as readonly ModelName[];
  if (!names.every((name) => modelNames.includes(name))) throw new Error(`exactness: ${usage}`);
  const first = number('seed', 1);
  const count = number('sequences', 2000);
  const until = performance.now() + number('minutes', 600) * 60_000;
  const rig = flag('rig') as Sequence['rig'] | undefined;
  const totals: Record<string, number> = {};
  const operations: Record<string, number> = {};
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  let done = 0;
  let failures = 0;
  let seed = first;
  const one = async (pool: Pool, sequence: Sequence): Promise<string | null> => {
    const outcome = await pool.run(sequence);
    add(operations, outcome.operations);
    add(totals, outcome.counts);
    return outcome.failure;
  };
  const work = async (pool: Pool): Promise<void> => {
    while (seed < first + count && performance.now() < until && failures < 20) {
      const sequence = drawSequence(seed++, names, rig);
      const failure = await one(pool, sequence);
      done += 1;
      if (done % 25 === 0) {
        const failed = `${failures} failed`;
        console.log(`${done} sequences, ${sum(operations)} operations, ${failed}, ${seconds()} s`);
        if (done % 100 === 0) console.log(`  ${told(operations)}\n  ${told(totals)}`);
      }
      if (failure === null) continue;
      failures += 1;
      console.log(`seed ${sequence.seed} (${sequence.model}, ${sequence.rig}) failed ${failure}`);
      if (flag('shrink') === 'no') continue;
      const small = await shrink(sequence, async (less) => (await one(pool, less)) !== null);
      console.log(`  ${small.operations.length} operations are enough:`);
      console.log(`  npm run bench exactness -- --replay='${JSON.stringify(small)}'`);
    }
  };

  const pools = await Promise.all(Array.from({ length: number('jobs', 1) }, createPool));
  try {
    const replay = flag('replay');
    if (replay !== undefined) {
      const failure = await one(pools[0] as Pool, JSON.parse(replay) as Sequence);
      console.log(failure ?? 'everything was as it had to be');
      console.log(told(totals));
      return failure === null;
    }
    await Promise.all(pools.map(work));
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
  console.log(
    `${done} sequences from seed ${first}, ${sum(operations)} operations, ${seconds()} s`,
  );
  console.log(`operations: ${told(operations)}`);
  console.log(`seen: ${told(totals)}`);
  console.log(`failed: ${failures}`);
  return failures === 0;
}

/** Leaves out operations, later ones first, as long as it still fails. */
async function shrink(
  sequence: Sequence,
  fails: (sequence: Sequence) => Promise<boolean>,
): Promise<Sequence> {
  let small = sequence;
  let tries = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (let at = small.operations.length - 1; at >= 0 && tries < 80; at -= 1) {
      const operations: Operation[] = small.operations.toSpliced(at, 1);
      tries += 1;
      if (!(await fails({ ...small, operations }))) continue;
      small = { ...small, operations };
      isSmaller = true;
    }
  }
  return small;
}

function add(into: Record<string, number>, more: Partial<Record<string, number>>): void {
  for (const [name, value] of Object.entries(more)) into[name] = (into[name] ?? 0) + (value ?? 0);
}

const sum = (all: Record<string, number>): number =>
  Object.values(all).reduce((total, value) => total + value, 0);

const told = (all: Record<string, number>): string =>
  Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
