import { expect, test } from '@playwright/test';
import { launch } from './support/launch.ts';
import { quarryProcesses, until } from './support/processes.ts';
import { endless, throttle } from './support/throttle.ts';

test('stop in mid-answer keeps the text', async () => {
  const { page, window, profile, close } = await launch();
  await window.ready();
  await window.ask('Hello');
  const [engine] = (
    await until(
      'an engine',
      () => quarryProcesses(profile),
      (seen) => seen.engine.length === 1,
    )
  ).engine;
  if (engine === undefined) throw new Error('no engine');
  // Alone in its conversation: what stands before it would change the answer, and end it sooner.
  await window.newConversation();
  const free = throttle(engine);
  await window.send(endless);
  await expect(window.answers()).toHaveCount(1);
  await expect(window.answerBody()).toHaveText(/\w{2,}/, {
    timeout: 60_000,
  });
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  free();
  await window.finished();
  const kept = await window.answerText();
  expect(kept.length).toBeGreaterThan(1);
  await expect(window.lastAnswer()).toContainText(/Stopped/);
  await close();
  const again = await launch({ profile });
  await again.window.openFirstConversation();
  expect(await again.window.answerText()).toBe(kept);
  await again.close();
});

test('editing an earlier message keeps both branches, and a restart finds everything', async () => {
  const { page, window, profile, close } = await launch();
  await window.ready();
  await window.ask('Hello');
  await window.ask('Which languages do you speak?');
  await window.editMessage(0, 'Good morning');
  await window.finished();
  await expect(page.getByRole('img', { name: 'Version 2 of 2' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Previous version' }).first().click();
  await expect(page.getByRole('img', { name: 'Version 1 of 2' }).first()).toBeVisible();
  await expect(window.answers()).toHaveCount(2);
  await expect(window.lastAnswer()).toContainText('I only know English.');
  await close();

  const again = await launch({ profile });
  await again.window.openFirstConversation();
  await expect(again.window.answers()).toHaveCount(2);
  await expect(again.page.getByRole('img', { name: 'Version 1 of 2' }).first()).toBeVisible();
  await again.page.getByRole('button', { name: 'Next version' }).first().click();
  await expect(again.page.getByText('Good morning').first()).toBeVisible();
  await again.close();
});

test('regenerate makes a sibling, rename and undo of delete hold, search finds the words', async () => {
  const { page, window, close } = await launch();
  await window.ready();
  await window.ask('Which languages do you speak?');
  await window.lastAnswer().getByRole('button', { name: 'Answer again' }).click();
  await expect(page.getByRole('img', { name: 'Version 2 of 2' }).first()).toBeVisible({
    timeout: 60_000,
  });
  await window.finished();
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('English');
  await expect(
    page
      .getByRole('navigation', { name: 'Conversations' })
      .getByText(/only know/)
      .first(),
  ).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search conversations' }).fill('');
  await window.conversationMenu('Delete');
  await expect(window.conversations()).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(window.conversations()).toHaveCount(1);
  await close();
});
