import type { ModelName } from '../model/exactness/models.ts';
import { modelNames } from '../model/exactness/models.ts';
import type { Operation, Sequence } from '../model/exactness/operations.ts';
import { drawSequence } from '../model/exactness/operations.ts';
import { createPool } from '../model/exactness/pool.ts';
import { flag, number } from './flags.ts';

const usage = '--sequences=2000 --seed=1 --models=miniature,moe,dense --minutes=60 --rig=inside';

export async function run(): Promise<boolean> {
  const pool = await createPool();
  const totals: Record<string, number> = {};
  const operations: Record<string, number> = {};
  const names = (flag('models')?.split(',') ?? modelNames) as readonly ModelName[];
  if (!names.every((name) => modelNames.includes(name))) throw new Error(`exactness: ${usage}`);
  const first = number('seed', 1);
  const count = number('sequences', 2000);
  const until = performance.now() + number('minutes', 600) * 60_000;
  const rig = flag('rig') as Sequence['rig'] | undefined;
  const replay = flag('replay');
  const begun = performance.now();
  let done = 0;
  let failures = 0;
  try {
    const one = async (sequence: Sequence): Promise<string | null> => {
      const outcome = await pool.run(sequence);
      add(operations, outcome.operations);
      add(totals, outcome.counts);
      return outcome.failure;
    };
    if (replay !== undefined) {
      const failure = await one(JSON.parse(replay) as Sequence);
      console.log(failure ?? 'everything was as it had to be');
      return failure === null;
    }
    for (let seed = first; seed < first + count && performance.now() < until; seed += 1) {
      const sequence = drawSequence(seed, names, rig);
      const failure = await one(sequence);
      done += 1;
      if (done % 25 === 0) {
        const seconds = Math.round((performance.now() - begun) / 1000);
        console.log(`${done} sequences, ${sum(operations)} operations, ${failures} failed, ${seconds} s`);
      }
      if (failure === null) continue;
      failures += 1;
      console.log(`seed ${seed} (${sequence.model}, ${sequence.rig}) failed ${failure}`);
      if (failures > 20) break;
      if (flag('shrink') !== 'no') {
        const small = await shrink(sequence, async (smaller) => (await one(smaller)) !== null);
        console.log(`  ${small.operations.length} operations are enough:`);
        console.log(`  npm run bench exactness -- --replay='${JSON.stringify(small)}'`);
      }
    }
  } finally {
    await pool.close();
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`${done} sequences from seed ${first}, ${sum(operations)} operations, ${seconds} s`);
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
