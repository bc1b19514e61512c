import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attackStates } from './attacks.ts';
import { checkBudget } from './budget.ts';
import { measureStates } from './speed.ts';

/**
 * `npm run bench states`: bytes and milliseconds of keeping and composing a state (`--mib=64`, or
 * `--model` for the miniature's own: what compression would bring). `-- attacks [--cases=1000] [--seed=1]`
 * attacks made-up states, `-- engine [--cases=100]` real ones, gone on with by llama.cpp; `-- budget
 * [--cases=20]` runs the random sequences of the budget with as many seeds.
 */
export async function run(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(3),
    allowPositionals: true,
    options: {
      cases: { type: 'string' },
      seed: { type: 'string', default: '1' },
      mib: { type: 'string', default: '64' },
      folder: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const place = await mkdtemp(join(values.folder ?? tmpdir(), 'quarry-bench-states-'));
  try {
    switch (positionals[0]) {
      case undefined:
        return await measureStates(place, Number(values.mib));
      case 'attacks': {
        const cases = Number(values.cases ?? 1000);
        return tell(await attackStates(place, { cases, seed }));
      }
      case 'engine': {
        const { attackEngine } = await import('./engine.ts');
        return tell(await attackEngine(place, { cases: Number(values.cases ?? 100), seed }));
      }
      case 'budget': {
        for (let one = seed; one < seed + Number(values.cases ?? 20); one += 1) {
          const { most, ...counts } = await checkBudget(place, { steps: 300, seed: one });
          console.log(
            `seed ${one}: ${JSON.stringify(counts)}, at most ${(most * 100).toFixed(1)} %`,
          );
        }
        return true;
      }
      default:
        console.error('bench states: there are attacks, engine and budget');
        return false;
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function tell({
  cases,
  wrong,
  gone,
}: {
  readonly cases: number;
  readonly wrong: readonly string[];
  readonly gone: number;
}): boolean {
  console.log(`${cases} cases; in ${gone} a state was gone; wrong: ${wrong.length}`);
  for (const line of wrong.slice(0, 20)) console.log(line);
  return wrong.length === 0;
}
