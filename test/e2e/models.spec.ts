import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launch, root } from './support/launch.ts';

const miniature = path.join(root, 'resources/miniature/miniature.gguf');

function folder(): string {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  return mkdtempSync(path.join(base, 'models-'));
}

/** The miniature under another name in its header (of the same length): another model, another hash. */
function otherModel(): string {
  const file = path.join(folder(), 'second.gguf');
  const bytes = readFileSync(miniature);
  for (const [from, to] of [
    ['Granite Mini H (demonstration', 'Second model (a demonstration'],
    ['granite-mini-h', 'second-model-x'],
  ] as const) {
    const at = bytes.indexOf(from);
    if (at < 0 || from.length !== to.length) throw new Error(`no "${from}" in the header`);
    bytes.write(to, at);
  }
  writeFileSync(file, bytes);
  return file;
}

test('a model file is added, shown with its facts, and takes over a conversation that keeps its text', async () => {
  const { page, window, close } = await launch();
  await window.ready();
  await window.ask('Which languages do you speak?');
  await window.rail('Models').click();
  await window.nextDialog([otherModel()]);
  await page.getByRole('button', { name: 'Add a model' }).click();
  await page.getByRole('button', { name: 'Choose a file…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('granitehybrid');
  await expect(dialog).toContainText(/9\.\d+ MB/);
  await dialog.getByRole('button', { name: 'Add model' }).click();
  await expect(dialog).toHaveCount(0);
  // Nobody vouches for it, and a hash alone is no proof; the other came with the app.
  await expect(page.getByText('being checked')).toHaveCount(0, { timeout: 60_000 });
  await expect(page.getByText('unverified')).toHaveCount(1, { timeout: 60_000 });
  await expect(page.getByText('built in', { exact: true })).toHaveCount(1);

  await window.rail('Chat').click();
  await page.getByRole('button', { name: /^Model:/ }).click();
  await page.getByRole('menuitemcheckbox', { name: /^Second model/ }).click();
  await window.ask('Hello');
  await expect(window.answers()).toHaveCount(2);
  await expect(window.answers().first()).toContainText('Miniature (demo)');
  await expect(window.answers().first()).toContainText('I only know English.');
  await expect(window.lastAnswer()).toContainText('Second model');

  await window.rail('Memory').click();
  await expect(page.getByText('Measured').first()).toBeVisible();
  await expect(page.getByText('Predicted').first()).toBeVisible();
  await close();
});

test('files that are no models are refused in words, and the app stays usable', async () => {
  const { page, window, close } = await launch();
  await window.ready();
  const bad = folder();
  const text = path.join(bad, 'text.gguf');
  writeFileSync(text, 'This is a letter and no model.');
  const cut = path.join(bad, 'cut.gguf');
  writeFileSync(cut, readFileSync(miniature).subarray(0, 5_000_000));
  await window.rail('Models').click();
  for (const [file, words] of [
    [text, /not a (GGUF|model)/i],
    [cut, /incomplete|cut|shorter|part/i],
    [path.join(bad, 'gone.gguf'), /not (there|at|found)|no longer|missing/i],
  ] as const) {
    await window.nextDialog([file]);
    await page.getByRole('button', { name: 'Add a model' }).click();
    await page.getByRole('button', { name: 'Choose a file…' }).click();
    await expect(page.getByRole('dialog')).toContainText(words);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await window.rail('Chat').click();
  expect(await window.ask('Which languages do you speak?')).toContain('English');
  await close();
});
