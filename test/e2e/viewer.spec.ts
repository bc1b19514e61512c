import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { seriousFaults } from './support/faults.ts';
import { writePdf } from './support/fixtures.ts';
import { launch } from './support/launch.ts';

const folderOf = (name: string): string => {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  return path.join(mkdtempSync(path.join(base, 'viewer-')), name);
};

test('a pdf of 300 pages opens at once, holds only what is visible, and is searched through', async () => {
  const folder = folderOf('Reports');
  const pages = Array.from({ length: 300 }, (_, index) => [
    `Page ${index + 1} of the report.`,
    index === 211 ? 'The Harvath boiler is made by Velmor Works.' : `Hall ${index} is empty.`,
  ]);
  await writePdf(path.join(folder, 'report.pdf'), pages);
  const launched = await launch();
  const { page, window, close } = launched;
  await window.ready();
  await window.addFolder(folder, 1);
  await page.getByRole('rowheader').getByRole('button', { name: 'report.pdf' }).click();
  await expect(page.getByRole('region', { name: 'report.pdf, page 1 of 300' })).toBeVisible();
  await page.keyboard.press('Control+f');
  const find = page.getByRole('textbox', { name: 'Find' });
  await expect(find).toBeFocused();
  await find.fill('harvath  BOILER');
  await expect(page.getByText('1 of 1', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'report.pdf, page 212 of 300' })).toBeVisible();
  const hit = page.locator('.found.current');
  await expect(hit).toBeInViewport();
  expect(await page.locator('.page canvas').count()).toBeLessThan(8);
  expect(await seriousFaults(page, 'viewer with find')).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(find).toHaveCount(0);
  await page.keyboard.press('End');
  await expect(page.getByRole('region', { name: 'report.pdf, page 300 of 300' })).toBeVisible();
  await close();
});

test('a citation is found again from its document, and survives the change and the loss of the file', async () => {
  const { folder, planted } = await plantedFolder();
  const launched = await launch();
  const { page, window, close } = launched;
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  await window.newConversation();
  await window.searchAllDocuments();
  const notes = planted.find(({ file }) => file === 'notes.md');
  if (notes === undefined) throw new Error('nothing planted');
  expect(await window.ask(notes.question)).toContain(notes.name);
  await window.citation().click();
  await expect(window.mark()).toHaveText(notes.sentence);
  await window
    .evidence()
    .getByRole('button', { name: /^Cited in 1/ })
    .click();
  const cited = page.getByRole('region', { name: 'Cited in your conversations' });
  await expect(cited).toContainText(notes.name);
  expect(await seriousFaults(page, 'evidence with citations')).toEqual([]);

  // The sentence goes from the file; once it was read again the quote is all that is left of it.
  const file = path.join(folder, 'notes.md');
  writeFileSync(file, '# Notes\n\nNothing is organised any more.\n');
  await window.rail('Library').click();
  await window.nextDialog([folder]);
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  await expect(async () => {
    await page.getByRole('searchbox').fill('organised any more');
    await expect(page.getByRole('button', { name: /notes\.md/ }).first()).toBeVisible();
  }).toPass();
  await window.rail('Chat').click();
  await window.openFirstConversation();
  await window.citation().click();
  const evidence = window.evidence();
  await expect(evidence).toContainText('This sentence is no longer in the file');
  await expect(evidence).toContainText(notes.sentence);

  rmSync(file);
  await page.keyboard.press('Escape');
  await window.rail('Library').click();
  await page.getByRole('searchbox').fill('');
  // The folder is kept in step: the document goes with its file, the quote stays with the answer.
  await expect(page.getByRole('row', { name: /notes\.md/ })).toHaveCount(0);
  await window.rail('Chat').click();
  await window.openFirstConversation();
  await window.citation().click();
  await expect(evidence).toContainText('This document was removed from the library');
  await expect(evidence).toContainText(notes.sentence);
  await close();
});

test('names after @ make the scope of one question; what is dropped on a conversation is announced', async () => {
  const { folder, planted } = await plantedFolder();
  const launched = await launch();
  const { page, window, close } = launched;
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  await window.newConversation();
  await window.composer().click();
  await page.keyboard.type('@vis');
  const option = page.getByRole('option', { name: /visit\.docx/ });
  await expect(option).toBeVisible();
  expect(await seriousFaults(page, 'list of names')).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(window.composer()).toHaveValue('@visit.docx ');
  await page.keyboard.type('Who owns the Tarnov mill?');
  await page.keyboard.press('Enter');
  await expect(window.answers()).toHaveCount(1, { timeout: 60_000 });
  await window.finished();
  const question = window.questions().last();
  await expect(question.getByRole('button', { name: 'visit.docx' })).toBeVisible();
  await window.lastAnswer().getByText(/read/).first().waitFor();
  await expect(window.lastAnswer()).not.toContainText('plant.pdf');

  const drag = (type: string, target: string): Promise<void> =>
    page.evaluate(
      ([name, selector]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['a'], 'a.txt'));
        document
          .querySelector(selector ?? '')
          ?.dispatchEvent(new DragEvent(name ?? '', { dataTransfer, bubbles: true }));
      },
      [type, target],
    );
  await drag('dragenter', '[data-drop]');
  await drag('dragover', '[data-drop]');
  await expect(page.getByText('Drop to ask about it here')).toBeVisible();
  await drag('dragover', 'nav');
  await expect(page.getByText('Drop to add to the library')).toBeVisible();
  await drag('dragleave', '[data-drop]');
  await expect(page.getByText('Drop to add to the library')).toHaveCount(0);

  const [letter, program] = [path.join(folder, 'letter.txt'), path.join(folder, 'tool.exe')];
  writeFileSync(letter, 'The Sorrel gate is painted green.\n');
  writeFileSync(program, 'MZ');
  await window.newConversation();
  await window.dropOnConversation([program, letter]);
  await expect(page.getByText(/^tool\.exe was left out/)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Documents:/ }).first()).toContainText(
    'letter.txt',
  );
  expect(await seriousFaults(page, 'notes of a drop')).toEqual([]);
  await close();
});

test('the list of documents is sorted, filtered and gone through by key', async () => {
  const folder = folderOf('Many');
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 300; index += 1) {
    writeFileSync(path.join(folder, `note ${index}.txt`), `Note number ${index}.\n`);
  }
  writeFileSync(path.join(folder, 'broken.pdf'), 'This is no PDF.');
  const launched = await launch();
  const { page, window, close } = launched;
  await window.ready();
  await window.rail('Library').click();
  await window.nextDialog([folder]);
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  await expect(page.getByText('301 files', { exact: true })).toBeVisible({
    timeout: 90_000,
  });
  await expect(page.getByRole('progressbar')).toHaveCount(0, { timeout: 90_000 });
  await expect(page.getByRole('row', { name: /broken\.pdf/ })).toContainText('is damaged');
  expect(await page.getByRole('rowheader').count()).toBeLessThan(120);
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('note 29');
  await expect(page.getByText('11 of 301 files', { exact: true })).toBeVisible();
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('');
  await page.getByRole('rowheader').getByRole('button', { name: 'note 0.txt' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('button', { name: 'note 299.txt', exact: true })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'note 298.txt' })).toBeVisible();
  await close();
});
