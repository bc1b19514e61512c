import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { launch, newProfile } from './support/launch.ts';
const mini = readFileSync('resources/miniature/miniature.gguf');
const src = '/tmp/look-src'; rmSync(src, { recursive: true, force: true }); mkdirSync(src);
const target = '/dev/shm/look-disk'; rmSync(target, { recursive: true, force: true }); mkdirSync(target);
const big = (n: string, mb: number) => { const f = openSync(path.join(src, n), 'w'); writeSync(f, mini); for (let i = 0; i < mb; i++) writeSync(f, randomBytes(1 << 20)); closeSync(f); return path.join(src, n); };
const files = [big('one.gguf', 300), big('two.gguf', 500), big('three.gguf', 5)];
const profile = newProfile();
const size = { width: 1280, height: 800 };
let n = 0;
const run = async (scheme: 'light' | 'dark', size: { width: number; height: number }, work: (x: any) => Promise<void>) => {
  const l = await launch({ unpackaged: true, colorScheme: scheme, size, profile });
  const shot = async (name: string) => { await l.page.screenshot({ path: `/tmp/shots/${String(n++).padStart(2, '0')}-${name}.png`, animations: 'disabled' }); };
  try { await work({ ...l, shot }); } catch (e) { console.error(e); await shot('error'); } finally { await l.close(); }
};
const bottom = (page: any) => page.locator('#storage-title').evaluate((e: any) => e.scrollIntoView());
await run('light', size, async ({ page, window, shot }) => {
  await window.ready();
  await window.rail('Models').click();
  for (const f of files) {
    await window.nextDialog([f]);
    await page.getByRole('button', { name: 'Add a model file' }).first().click();
    await page.getByRole('radio', { name: /Copy into/ }).click();
    await page.getByRole('button', { name: 'Add model' }).click();
    await page.waitForTimeout(500);
  }
  await page.waitForTimeout(9000);
  writeFileSync(path.join(profile, 'models', 'cd'.repeat(32) + '.gguf'), Buffer.alloc(3_000_000, 1)); writeFileSync(path.join(profile, 'models', 'notes.txt'), 'x');
  await shot('models');
  await window.rail('Memory').click(); await window.rail('Models').click(); await page.waitForTimeout(1500);
  await bottom(page); await page.waitForTimeout(300); await shot('storage');
  await page.mouse.wheel(0, 3000); await page.waitForTimeout(300); await shot('storage-foot'); await page.getByRole('button', { name: /^Delete 1 leftover/ }).click(); await page.waitForTimeout(300); await shot('clean'); await page.getByRole('button', { name: 'Delete', exact: true }).click(); await page.waitForTimeout(800); await shot('cleaned');
  writeFileSync(path.join(profile, 'models', 'ab'.repeat(32) + '.gguf'), Buffer.alloc(3_000_000, 1));
  writeFileSync(path.join(profile, 'models', 'notes.txt'), 'x');
  await window.nextDialog([target]);
  await bottom(page);
  await page.getByRole('button', { name: 'Move to another disk…' }).click();
  await page.getByRole('dialog').waitFor(); await page.waitForTimeout(300); await shot('confirm');
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  for (let i = 0; i < 4; i++) { await page.waitForTimeout(i === 0 ? 400 : 1200); await shot('moving'); }
  await page.getByText('The models are in').waitFor({ timeout: 60000 });
  await shot('moved');
  await page.waitForTimeout(9000);
  await bottom(page); await shot('moved-later');
  await page.getByRole('button', { name: 'Check all now' }).click(); await page.waitForTimeout(700); await shot('checking');
  await page.waitForTimeout(5000);
});
