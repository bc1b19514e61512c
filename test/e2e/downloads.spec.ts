import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { startLocalHub } from '../support/local-hub.ts';
import { seriousFaults } from './support/faults.ts';
import { launch, newProfile, root } from './support/launch.ts';
import { processesWith, until } from './support/processes.ts';

test('a model is got: progress, pause, resume, kill -9 in the middle, and in use at the end', async () => {
  const miniature = readFileSync(path.join(root, 'resources/miniature/miniature.gguf'));
  // Bytes after the weights are no part of a model, and make the way longer.
  const body = Buffer.concat([miniature, Buffer.alloc(20 * 2 ** 20, 7)]);
  const hub = await startLocalHub(body, 'c'.repeat(40), ['granite-4.0-h-350m-Q8_0.gguf']);
  hub.rate = 2 * 2 ** 20;
  const profile = newProfile();
  const env = { HF_ENDPOINT: hub.origin };
  const first = await launch({ profile, env });
  await first.window.ready();
  await first.window.rail('Models').click();
  const offered = { name: 'Granite 4.0 H-350M', exact: true };
  const queued = { name: 'Granite 4.0 H-350M Q8_0' };
  expect(hub.asked).toEqual([]);
  await first.page.getByRole('listitem', offered).getByRole('button', { name: /^Get/ }).click();
  const row = first.page.getByRole('listitem', queued);
  await expect(row).toContainText(/fetching · .* of .* MB · .* a second · .* left/);
  await expect(first.page.getByRole('button', { name: /^Downloading a model, \d/ })).toBeVisible();
  await row.getByRole('button', { name: /^What happened/ }).click();
  await expect(row).toContainText('You asked for it; it comes from 127.0.0.1');
  expect(await seriousFaults(first.page, 'a download')).toEqual([]);

  await row.getByRole('button', { name: /^Pause/ }).click();
  await expect(row).toContainText('paused');
  const held = hub.asked.length;
  await row.getByRole('button', { name: /^Resume/ }).click();
  await expect(row).toContainText('fetching');
  await until(
    'more requests',
    () => hub.asked.length,
    (asked) => asked > held,
  );
  process.kill(first.pid, 'SIGKILL');
  await first.close().catch(() => undefined);
  await until(
    'no process of the profile',
    () => processesWith(profile),
    ({ length }) => length === 0,
  );

  const sent = hub.sent();
  const again = await launch({ profile, env });
  await again.window.ready();
  await expect(again.page.getByText('A download goes on where it was.')).toBeVisible();
  hub.rate = 0;
  await again.page.getByRole('button', { name: 'Use it now' }).click();
  await expect(again.window.composer()).toBeVisible();
  // What was safely here before the kill was not fetched again.
  expect(hub.sent() - sent).toBeLessThan(body.length);
  await again.window.rail('Models').click();
  const entry = again.page.getByRole('listitem', offered);
  await expect(entry).toContainText('installed');
  await expect(entry.getByRole('button', { name: /^Use/ })).toBeVisible();
  await expect(again.page.getByRole('region', { name: 'Downloads' })).toHaveCount(0);
  await again.close();
  await hub.close();
});
