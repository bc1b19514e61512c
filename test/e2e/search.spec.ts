import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { seriousFaults } from './support/faults.ts';
import { launch } from './support/launch.ts';
import type { Launched } from './support/launch.ts';

// Filters of a search: typed, completed, by menu, as chips, and what is said of them.

let launched: Launched;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  launched = await launch({ size: { width: 1000, height: 700 } });
  const { window } = launched;
  await window.ready();
  const { folder, planted } = await plantedFolder();
  const table = 'Item\tCost\nKestrel\t5\nHeron\t7\nFalcon\t9\nOsprey\t11\n';
  writeFileSync(path.join(folder, 'costs.tsv'), table);
  await window.addFolder(folder, planted.length + 1);
  const base = path.join(tmpdir(), 'quarry-e2e');
  const letters = path.join(mkdtempSync(path.join(base, 'search-')), 'Court papers');
  mkdirSync(letters);
  writeFileSync(path.join(letters, 'letter.txt'), 'The boiler was sold to the court.\n');
  await window.nextDialog([letters]);
  await launched.page.getByRole('button', { name: 'Add folder' }).first().click();
  await expect(
    launched.page.getByRole('rowheader').getByRole('button', { name: 'letter.txt' }),
  ).toBeVisible();
  await launched.page.getByRole('button', { name: /^All documents/ }).click();
});

test.afterAll(async () => {
  await launched.close();
});

const field = () => launched.page.getByLabel('Search in the documents');
const chips = () =>
  launched.page.getByRole('list', { name: 'Filters of this search' }).getByRole('button');
const hits = (file: string) =>
  launched.page.getByRole('listitem').getByRole('button').filter({ hasText: file });

const noSeriousFault = async (view: string): Promise<void> =>
  expect(await seriousFaults(launched.page, view)).toEqual([]);

test('values are completed while they are typed, and the filter becomes a chip that a key takes out', async () => {
  const { page } = launched;
  await field().click();
  await page.keyboard.type('boiler in:cou');
  await expect(page.getByRole('option', { name: /^Court papers/ })).toBeVisible();
  await noSeriousFault('values of a filter');
  await page.keyboard.press('Enter');
  await expect(field()).toHaveValue('boiler in:"Court papers" ');
  await expect(chips()).toHaveText([/^Collection: Court papers/]);
  await expect(hits('letter.txt')).toBeVisible();
  await expect(hits('plant.pdf')).toHaveCount(0);
  await expect(
    page.getByText('1 passage for “boiler”, in collections named “Court papers”'),
  ).toBeVisible();
  await noSeriousFault('search with chips');
  await chips().first().focus();
  await page.keyboard.press('Enter');
  await expect(field()).toHaveValue('boiler');
  await expect(field()).toBeFocused();
  await expect(hits('plant.pdf').first()).toBeVisible();
});

test('filters are chosen by menu too, and what they leave nothing of is said', async () => {
  const { page } = launched;
  await field().fill('boiler');
  await page.getByRole('button', { name: /^Kind/ }).click();
  await noSeriousFault('menu of kinds');
  await page.getByRole('menuitemcheckbox', { name: /^Word/ }).click();
  await expect(field()).toHaveValue('boiler type:docx ');
  await expect(chips()).toHaveText([/^Kind: Word/]);
  await expect(page.getByRole('heading', { name: /^Nothing found for “boiler”/ })).toBeVisible();
  await noSeriousFault('nothing found');
  await page.getByRole('button', { name: /^Leave out “Kind: Word”/ }).click();
  await expect(hits('plant.pdf').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await field().fill('boiler in:nowhere');
  await expect(
    page.getByText('No collection with documents in it is named “nowhere”.'),
  ).toBeVisible();
  await field().fill('type:pdf');
  await expect(page.getByText(/^1 document passes these filters/)).toBeVisible();
  await expect(page.getByRole('row', { name: /plant\.pdf/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /letter\.txt/ })).toHaveCount(0);
  await noSeriousFault('documents that filters leave');
  await field().fill('boiler -court');
  await expect(chips()).toHaveText([/^Without: court/]);
  await expect(hits('letter.txt')).toHaveCount(0);
});

test('a search that stays in a collection can be had for all documents', async () => {
  const { page } = launched;
  await page.getByRole('button', { name: /^Court papers/ }).click();
  await field().fill('Tarnov');
  await expect(page.getByText(/^Nothing found for “Tarnov”, in the collection/)).toBeVisible();
  await page.getByRole('button', { name: 'Search all documents' }).click();
  await expect(hits('visit.docx').first()).toBeVisible();
});

test('a hit in a table marks its row alone', async () => {
  const { page } = launched;
  await field().fill('Heron');
  await hits('costs.tsv').first().click();
  const viewer = page.getByRole('region', { name: 'costs.tsv', exact: true });
  await expect(viewer.locator('mark').first()).toBeVisible();
  expect((await viewer.locator('mark').allTextContents()).join(' ')).toBe('Heron 7');
  await page.getByRole('button', { name: 'Back to the search' }).click();
});

test('evidence closes when its conversation is left', async () => {
  const { window } = launched;
  await window.rail('Chat').click();
  await window.newConversation();
  await window.searchAllDocuments();
  await window.ask('Who makes the Harvath boiler?');
  await window.citation().click();
  await expect(window.evidence().locator('q')).toHaveText(
    'The Harvath boiler is made by Velmor Works.',
  );
  await window.rail('Settings').click();
  await expect(window.evidence()).toHaveCount(0);
});
