import { mixed } from './downloads-mixed.ts';
import { speed } from './downloads-speed.ts';

/**
 * `npm run bench downloads -- [mixed | speed] [--full]`.
 *
 * `mixed`: `--count`, `--size` (MiB), `--kills`, `--seed`; `--full` is 1,000 files of 64 MiB and 50
 * kills. `--resume=FOLDER` goes on with one that was stopped. `speed`: beside curl and aria2.
 */
export async function run(): Promise<boolean> {
  const chosen = process.argv.slice(3).filter((word) => !word.startsWith('--'));
  const all: Readonly<Record<string, () => Promise<boolean>>> = { speed, mixed };
  let good = true;
  for (const name of chosen.length === 0 ? Object.keys(all) : chosen) {
    const one = all[name];
    if (one === undefined) throw new Error(`bench: downloads has ${Object.keys(all).join(', ')}`);
    good = (await one()) && good;
  }
  return good;
}
