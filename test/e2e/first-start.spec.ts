import { expect, test } from '@playwright/test';
import { launch } from './support/launch.ts';

test('first start: the welcome page, the miniature, a streamed answer', async () => {
  const { page, window, close } = await launch();
  await expect(page.getByRole('heading', { name: /Quarry/ }).first()).toBeVisible();
  await window.ready();
  // Seen while the answer is being written: the text grows in more than one step.
  const lengths = new Set<number>();
  await window.send('Which languages do you speak?');
  await expect(window.answers()).toHaveCount(1, { timeout: 60_000 });
  while ((await page.getByRole('button', { name: 'Stop', exact: true }).count()) > 0) {
    lengths.add((await window.answerText().catch(() => '')).length);
  }
  await window.finished();
  expect(await window.answerText()).toBe('I only know English.');
  await expect(window.lastAnswer()).toContainText('Miniature (demo)');
  await expect(window.lastAnswer()).toContainText(/tok\/s/);
  await close();
});

test('the welcome page is shown once and can be reached again', async () => {
  const first = await launch();
  await expect(first.page.getByRole('button', { name: 'Skip' })).toBeVisible();
  await first.window.ready();
  await first.close();
  const second = await launch({ profile: first.profile });
  await expect(second.window.composer()).toBeVisible();
  await expect(second.page.getByRole('button', { name: 'Skip' })).toHaveCount(0);
  await second.close();
});
