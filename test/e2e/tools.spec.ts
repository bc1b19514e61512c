import { expect, test } from '@playwright/test';
import { launch } from './support/launch.ts';
import type { Launched } from './support/launch.ts';

/** Chooses in the composer's picker what models may do with the calculator. */
async function calculator({ page }: Launched, choice: string): Promise<void> {
  await page.getByRole('button', { name: /^Tools:/ }).click();
  const group = page.getByRole('radiogroup', { name: 'Calculator' });
  await group.getByRole('radio', { name: choice }).click();
  await expect(group.getByRole('radio', { name: choice })).toBeChecked();
  await page.keyboard.press('Escape');
}

test('a model uses the calculator after it was allowed, and all of it is there after a restart', async () => {
  const first = await launch();
  const { page, window, profile } = first;
  await window.ready();
  await calculator(first, 'Ask each time');
  await window.send('Calculate 3615 * 115.');
  const card = page.getByRole('group', { name: 'The model wants to use Calculator' });
  await expect(card).toContainText('3615 * 115', { timeout: 60_000 });
  await expect(card).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Allow once' })).toBeFocused();
  await page.keyboard.press('Enter');
  await window.finished();
  expect(await window.answerText()).toContain('415725');
  await expect(page.getByText('Used Calculator: 415725')).toBeVisible();
  await first.close();

  const again = await launch({ profile });
  await again.window.openFirstConversation();
  const line = again.page.getByText('Used Calculator: 415725');
  await line.click();
  await expect(again.page.getByText('"expression": "3615 * 115"')).toBeVisible();
  await again.close();
});

test('Esc says no, and an app that ends while it waits leaves no turn that hangs', async () => {
  const first = await launch();
  const { page, window, profile } = first;
  await window.ready();
  await calculator(first, 'Ask each time');
  await window.send('Calculate 3615 * 115.');
  const card = page.getByRole('group', { name: 'The model wants to use Calculator' });
  await expect(card).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  await window.finished();
  await expect(page.getByText('Not allowed: Calculator')).toBeVisible();

  await window.newConversation();
  await window.send('Calculate 12 * 12.');
  await expect(card).toBeVisible({ timeout: 60_000 });
  await first.close();
  const again = await launch({ profile });
  await again.window.openFirstConversation();
  await expect(again.page.getByText('Not run: Calculator')).toBeVisible();
  await expect(again.page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
  await again.close();
});
