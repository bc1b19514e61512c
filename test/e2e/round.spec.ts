import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { writeCorpus } from '../support/corpus/index.ts';
import { writeRound } from '../support/corpus/round.ts';
import type { RoundFact } from '../support/corpus/round.ts';
import { plantedFolder } from './support/corpus.ts';
import { launch, root } from './support/launch.ts';
import type { Launched } from './support/launch.ts';
import { expectMarked, readFormats } from './support/marks.ts';

// The whole way of a person with a folder of documents, on a part of the generated corpus.

const pictures = path.join(root, 'out/round');
const acrossName = /^Across many documents/;
let launched: Launched;
let facts: readonly RoundFact[];
let folder: string;

const picture = async (name: string): Promise<void> => {
  await launched.page.screenshot({
    path: path.join(pictures, `${name}.png`),
    animations: 'disabled',
  });
};

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  const whole = mkdtempSync(path.join(base, 'round-'));
  await writeCorpus(whole);
  folder = path.join(whole, 'west');
  rmSync(path.join(whole, 'north'), { recursive: true });
  facts = await writeRound(path.join(folder, 'papers'), readFormats().read);
  launched = await launch({ size: { width: 1280, height: 800 } });
  await launched.window.ready();
});

test.afterAll(async () => {
  await launched.close();
});

/** Opens every citation of the last answer: the pane shows its document, and the mark is the quote. */
async function clickEveryCitation(): Promise<readonly string[]> {
  const { window } = launched;
  const chips = window.citations();
  const quotes: string[] = [];
  const count = await chips.count();
  for (let at = 0; at < count; at += 1) {
    const name = (await chips.nth(at).getAttribute('aria-label')) ?? '';
    await chips.nth(at).click();
    const evidence = window.evidence();
    const file = /Citation \d+: ([^,]+)/.exec(name)?.[1]?.trim() ?? '';
    await expect(evidence.getByRole('heading', { name: file })).toBeVisible();
    const quote = (await evidence.locator('q').first().textContent()) ?? '';
    quotes.push(quote);
    const fact = facts.find((each) => each.file === file && quote.includes(each.answer));
    if (fact !== undefined) await expectMarked(evidence, fact, fact.span, quote);
    else await expect(window.mark()).toBeVisible();
  }
  return quotes;
}

const factOf = (format: RoundFact['format']): RoundFact => {
  const found = facts.find((fact) => fact.format === format);
  if (found === undefined) throw new Error(`no ${format}`);
  return found;
};

test('gpt4all#1757: a folder is read while its progress is shown, and what cannot be read does not stop it', async () => {
  test.setTimeout(300_000);
  const { window, page } = launched;
  await window.rail('Library').click();
  await window.nextDialog([folder]);
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  const progress = page.getByRole('progressbar', { name: /^(Reading|Looking)/ }).first();
  await expect(progress).toBeVisible();
  await expect(progress).toHaveAccessibleName(/\d+ of \d+ files/);
  await picture('1-reading');
  await expect(page.getByRole('progressbar')).toHaveCount(0, { timeout: 240_000 });
  const readable = page.getByRole('rowheader').getByRole('button', { name: /^paper-/ });
  // The list holds only the rows near those in view.
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('paper-');
  await expect(readable).toHaveCount(facts.length);
  await picture('2-read');
});

test('a question is answered, every citation opens, and the next one may say "it"', async () => {
  const { window } = launched;
  const fact = factOf('pdf');
  await window.rail('Chat').click();
  await window.newConversation();
  await window.searchAllDocuments();
  expect(await window.ask(fact.question)).toContain(fact.answer);
  expect((await clickEveryCitation()).join(' ')).toContain(fact.answer);
  await picture('3-answer');
  const { next } = fact;
  if (next === undefined) throw new Error('nothing to go on with');
  expect(await window.ask(next.question)).toContain(next.answer);
  expect((await clickEveryCitation()).join(' ')).toContain(next.answer);
  await picture('4-follow-up');
});

test('nanorag#10: a question that no document answers is told so', async () => {
  const { window } = launched;
  await window.newConversation();
  await window.searchAllDocuments();
  await window.send('Xylophone quarterly zebra?');
  await window.finished();
  await expect(window.lastAnswer()).toContainText('Not in the documents');
  await expect(window.citations()).toHaveCount(0);
  await picture('5-not-in-documents');
});

test('a whole document answers, and its citations open', async () => {
  const { window, page } = launched;
  const works = await plantedFolder();
  await window.addFolder(works.folder, works.planted.length);
  await window.rail('Chat').click();
  await window.newConversation();
  await page
    .getByRole('button', { name: /^Documents:/ })
    .first()
    .click();
  await page.getByRole('menuitemcheckbox', { name: /^Works/ }).click();
  await page.getByRole('button', { name: /^How the documents are used/ }).click();
  await page.getByRole('menuitemcheckbox', { name: /^Whole: plant\.pdf/ }).click();
  expect(await window.ask('Who makes the Harvath boiler?')).toContain('Velmor Works');
  expect((await clickEveryCitation()).join(' ')).toContain('Velmor Works');
  await picture('6-whole');
});

test('a question across many documents asks each and combines, and its citations open', async () => {
  const { window, page } = launched;
  await window.newConversation();
  await page
    .getByRole('button', { name: /^Documents:/ })
    .first()
    .click();
  await page.getByRole('menuitemcheckbox', { name: /^Works/ }).click();
  await page.getByRole('button', { name: /^How the documents are used/ }).click();
  await page.getByRole('menuitemcheckbox', { name: acrossName }).click();
  await window.ask('Who makes the Harvath boiler?');
  await expect(window.lastAnswer()).toContainText('Velmor Works');
  expect(await window.citations().count()).toBeGreaterThan(0);
  await clickEveryCitation();
  await picture('7-across');
});
