import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron } from '@playwright/test';
import {
  developmentRuntime,
  environment,
  newProfile,
  rootArguments,
} from '../e2e/support/launch.ts';

const rounds = 7;
/** "It starts at once": the first window may take twice a bare one's time, no more. */
const allowed = 2;

/** An app that is nothing but a window with a button: the floor of the same runtime. */
function bareApp(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-bare-'));
  writeFileSync(
    path.join(folder, 'package.json'),
    '{"name":"bare","version":"1.0.0","main":"main.cjs"}',
  );
  writeFileSync(
    path.join(folder, 'index.html'),
    '<!doctype html><title>Bare</title><button>Skip</button>',
  );
  writeFileSync(
    path.join(folder, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1280, height: 800, webPreferences: { sandbox: true } });
  window.loadFile(require('node:path').join(__dirname, 'index.html'));
});
app.on('window-all-closed', () => app.quit());`,
  );
  return folder;
}

/** Milliseconds from the start of the process to a button that can be pressed. */
async function time(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const app = await _electron.launch({
    executablePath: developmentRuntime(),
    args: [...args, ...rootArguments()],
    env: environment({}),
  });
  const page = await app.firstWindow();
  await page.getByRole('button', { name: 'Skip' }).click({ trial: true });
  const taken = performance.now() - start;
  await app.close();
  return taken;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** First window interactive, Quarry beside a bare window, alternating in one run. */
export async function run(): Promise<boolean> {
  const bare = bareApp();
  const repository = path.resolve(import.meta.dirname, '../..');
  const times: { bare: number[]; quarry: number[] } = { bare: [], quarry: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(await time([bare]));
    times.quarry.push(await time([repository, `--data=${newProfile()}`]));
  }
  const ratio = median(times.quarry) / median(times.bare);
  console.log(
    `bare window    ${median(times.bare).toFixed(0)} ms (median of ${rounds})\n` +
      `Quarry, first  ${median(times.quarry).toFixed(0)} ms (new profile)\n` +
      `ratio          ${ratio.toFixed(2)} (allowed ${allowed})`,
  );
  return ratio <= allowed;
}
