import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writePdf } from '../e2e/support/fixtures.ts';
import { launch } from '../e2e/support/launch.ts';
import { until } from '../e2e/support/processes.ts';

const pages = 200;
const allowedMs = 50;
/** How much longer than asked a bare timer may come late before the machine itself is the one that stalls. */
const period = 10;

interface Probe {
  quarryProbe?: { gaps: number[]; timer: NodeJS.Timeout };
}

/** A 10 ms probe in MAIN while a model loads and a 200-page PDF is read. */
export async function run(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-stalls-'));
  await writePdf(
    path.join(folder, 'long.pdf'),
    Array.from({ length: pages }, (_, page) =>
      Array.from(
        { length: 30 },
        (__, line) =>
          `Page ${page + 1}, line ${line + 1}: the pump of hall ${page} runs at ${line} bar.`,
      ),
    ),
  );
  const { app, page, window, close } = await launch({ unpackaged: true });
  await window.ready();
  await window.nextDialog([folder]);
  const startProbe = (): Promise<void> =>
    app.evaluate((_, every) => {
      const state = globalThis as Probe;
      let last = performance.now();
      const gaps: number[] = [];
      const timer = setInterval(() => {
        const now = performance.now();
        gaps.push(now - last - every);
        last = now;
      }, every);
      state.quarryProbe = { gaps, timer };
    }, period);
  const stopProbe = (): Promise<number[]> =>
    app.evaluate(() => {
      const probe = (globalThis as Probe).quarryProbe;
      if (probe === undefined) throw new Error('no probe');
      clearInterval(probe.timer);
      return probe.gaps;
    });
  const report = (name: string, gaps: readonly number[]): number => {
    const sorted = [...gaps].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    console.log(
      `${name.padEnd(10)} ${gaps.length} probes, p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms late`,
    );
    return at(1);
  };
  await startProbe();
  await page.waitForTimeout(3000);
  report('idle', await stopProbe());
  await startProbe();
  await page.evaluate(async () => {
    const { api } = window as unknown as {
      api: import('../../electron/ipc/contract/index.ts').Api;
    };
    const paths = await api.shell.pickFolder({ purpose: 'documents' });
    if (!paths.ok) throw new Error(paths.error.message);
    const added = await api.documents.add({ paths: paths.value });
    if (!added.ok) throw new Error(added.error.message);
    const models = await api.models.list();
    if (!models.ok || models.value[0] === undefined) throw new Error('no model');
    await api.models.load({ modelId: models.value[0].id });
  });
  await until(
    'the model loaded and the pdf read',
    () =>
      page.evaluate(async () => {
        const { api } = window as unknown as {
          api: import('../../electron/ipc/contract/index.ts').Api;
        };
        const tasks = await api.tasks.list();
        return tasks.ok ? tasks.value.map((task) => task.state) : [];
      }),
    (states) => states.length > 0 && states.every((state) => state === 'done'),
    120_000,
  );
  const worst = report('busy', await stopProbe());
  await close();
  console.log(`allowed    ${allowedMs} ms`);
  return worst <= allowedMs;
}
