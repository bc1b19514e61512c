import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { sizes, writeSizes } from '../support/miniature-sizes.ts';
import { launch } from './support/launch.ts';

const [small, medium, large] = sizes.map(({ name }) => name);

/** Pictures of every step, where a person asks for them. */
const pictures = process.env['QUARRY_SWITCH_SHOTS'];

test('one conversation goes through three models, by keyboard alone, and says what each switch took', async () => {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  const files = writeSizes(mkdtempSync(path.join(base, 'sizes-')));
  const { page, window, close } = await launch({ size: { width: 1280, height: 800 } });
  let step = 0;
  const look = async (name: string) => {
    step += 1;
    if (pictures) await page.screenshot({ path: path.join(pictures, `${step}-${name}.png`) });
  };
  await window.ready();
  await window.rail('Models').click();
  for (const [index, file] of files.entries()) {
    await window.nextDialog([file]);
    await page.getByRole('button', { name: 'Add a model' }).click();
    await page.getByRole('button', { name: 'Choose a file…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add model' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('heading', { name: sizes[index]!.name })).toBeVisible();
  }

  // From here on the keyboard alone.
  await page.keyboard.press('Control+1');
  await expect(window.composer()).toBeFocused();
  const pick = async (name: string) => {
    await page.keyboard.press('Control+Shift+M');
    const items = page.getByRole('menuitemcheckbox');
    await expect(items.first()).toBeVisible();
    const names = await items.allInnerTexts();
    const place = names.findIndex((words) => words.includes(name));
    await look(`picker-${name.split(' ')[1]}`);
    // The menu opens on the model that is chosen.
    await expect(page.locator('[role="menuitemcheckbox"][data-highlighted]')).toHaveCount(1);
    const from = await items.evaluateAll((all) =>
      all.findIndex((item) => item.hasAttribute('data-highlighted')),
    );
    const key = place > from ? 'ArrowDown' : 'ArrowUp';
    for (let left = Math.abs(place - from); left > 0; left -= 1) await page.keyboard.press(key);
    await expect(items.nth(place)).toHaveAttribute('data-highlighted', '');
    await page.keyboard.press('Enter');
    await expect(items).toHaveCount(0);
    await expect(window.composer()).toBeFocused();
    await expect(page.getByRole('button', { name: `Model: ${name}` })).toBeVisible();
    return names;
  };
  const ask = async (words: string, name: string) => {
    const before = await window.answers().count();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await expect(window.answers()).toHaveCount(before + 1);
    await window.finished();
    await expect(window.lastAnswer()).toContainText(name);
    await look(`answer-${name.split(' ')[1]}`);
    return window.answerLine();
  };

  await pick(small!);
  await look('loading');
  expect(await ask('Which languages do you speak?', small!)).toMatch(/\d\s?m?s to first token/);
  await pick(medium!);
  expect(await ask('Hello', medium!)).toMatch(
    new RegExp(`\\d\\s?m?s to first token after switching from ${small!.replace(/[()]/g, '\\$&')}`),
  );
  const offered = await pick(large!);
  expect(offered.find((words) => words.includes(medium!))).toContain('in memory');
  expect(offered.find((words) => words.includes(large!))).toMatch(/fits, needs \d/);
  expect(await ask('Hello again', large!)).toMatch(
    /to first token after switching from Miniature medium/,
  );
  // There was memory for all three: back without loading.
  await pick(small!);
  const back = await ask('Which languages do you speak?', small!);
  expect(back).toMatch(/to first token after switching from Miniature large/);
  expect(back).not.toContain('loading');

  // Every answer keeps the model that wrote it.
  for (const [index, name] of [small, medium, large, small].entries()) {
    await expect(window.answers().nth(index)).toContainText(name!);
  }
  await close();
});
