import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { seriousFaults } from './support/faults.ts';
import { launch } from './support/launch.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no serious fault in any view (${colorScheme})`, async () => {
    const { folder, planted } = await plantedFolder();
    const { page, window, close } = await launch({ colorScheme });
    const check = async (view: string): Promise<void> => {
      expect(await seriousFaults(page, view)).toEqual([]);
    };
    await expect(page.getByRole('button', { name: 'Skip' })).toBeVisible();
    await check('welcome');
    await window.ready();
    await check('chat, empty');
    await window.addFolder(folder, planted.length);
    await check('library');
    await window.rail('Chat').click();
    await window.searchAllDocuments();
    const [first] = planted;
    if (first === undefined) throw new Error('nothing planted');
    await window.ask(first.question);
    await window.citation().click();
    await expect(window.mark()).toBeVisible();
    await check('chat with evidence');
    for (const view of ['Models', 'Memory', 'Settings'] as const) {
      await window.rail(view).click();
      await page.waitForTimeout(500);
      await check(view);
    }
    await close();
  });
}

test('everything is reached by keyboard alone: views, a question, its citation, the shortcut list', async () => {
  const { folder, planted } = await plantedFolder();
  const { page, window, close } = await launch();
  await window.ready();
  await window.addFolder(folder, planted.length);
  await page.keyboard.press('Control+1');
  await page.keyboard.press('Control+n');
  await expect(window.composer()).toBeFocused();
  await window.searchAllDocuments();
  await window.composer().focus();
  const [first] = planted;
  if (first === undefined) throw new Error('nothing planted');
  await page.keyboard.type(first.question);
  await page.keyboard.press('Enter');
  await expect(window.answers()).toHaveCount(1, { timeout: 60_000 });
  await window.finished();
  const chip = window.citation();
  await tabTo(page, chip);
  await page.keyboard.press('Enter');
  await expect(window.mark()).toBeVisible();
  await page.keyboard.press('Control+/');
  await expect(page.getByRole('dialog')).toContainText(/Ctrl/);
  await page.keyboard.press('Escape');
  for (const [key, heading] of [
    ['Control+2', 'Library'],
    ['Control+3', 'Models'],
    ['Control+4', 'Memory'],
    ['Control+5', 'Settings'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(
      page.getByRole('main').getByRole('heading', { name: heading, exact: true }),
    ).toBeVisible();
  }
  await close();
});

/** Presses Tab (backwards) until the element has the focus, as a keyboard user would. */
async function tabTo(
  page: import('@playwright/test').Page,
  target: import('@playwright/test').Locator,
): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Shift+Tab');
  }
  throw new Error('not reached by Tab');
}
