import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { writeRound } from '../support/corpus/round.ts';
import { launch, root } from './support/launch.ts';
import type { Launched } from './support/launch.ts';
import { expectMarked, placeWords, readFormats } from './support/marks.ts';

// One planted fact in a file of every format: a hit of the search and a citation in an answer open the
// right part with the fact marked.

const { read, left } = readFormats();
const pictures = path.join(root, 'out/citations');
const tables = new Set(['xlsx', 'ods', 'csv', 'tsv']);

test.beforeAll(() => {
  mkdirSync(pictures, { recursive: true });
  if (left.length > 0) {
    console.log(`left out, this build does not read them yet: ${left.join(', ')}`);
  }
});

async function withRound(): Promise<
  Launched & { readonly facts: Awaited<ReturnType<typeof writeRound>> }
> {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  const folder = path.join(mkdtempSync(path.join(base, 'round-')), 'Papers');
  const facts = await writeRound(folder, read);
  const launched = await launch({ size: { width: 1280, height: 800 } });
  await launched.window.ready();
  await launched.window.addFolder(folder, facts.length);
  return { ...launched, facts };
}

test('lmstudio#789: a hit of the search opens its part with the fact marked, in every format', async () => {
  test.setTimeout(600_000);
  const { page, close, facts } = await withRound();
  for (const fact of facts) {
    await test.step(fact.format, async () => {
      await page.getByRole('searchbox', { name: 'Search in the documents' }).fill(fact.question);
      // Until then the hits are those of the question before.
      await expect(page.getByText(`“${fact.question}”`)).toBeVisible();
      const hit = page
        .getByRole('listitem')
        .getByRole('button')
        .filter({ hasText: fact.file })
        .filter({ hasText: fact.answer })
        .first();
      await expect(hit, fact.question).toBeVisible();
      const place = placeWords(fact);
      if (place !== null) await expect(hit).toContainText(place);
      await hit.click();
      const viewer = page.getByRole('region', { name: fact.file, exact: true });
      await expectMarked(viewer, fact, fact.span);
      await page.screenshot({ path: path.join(pictures, `hit-${fact.format}.png`) });
      await page.getByRole('button', { name: 'Back to the search' }).click();
    });
  }
  await close();
});

test('lmstudio#789, open-webui#12655: a citation opens its part with its words marked, in every format', async () => {
  test.setTimeout(900_000);
  const { window, page, close, facts } = await withRound();
  await window.rail('Chat').click();
  // The miniature was never shown a table: rows are opened from the search only.
  for (const fact of facts.filter(({ format }) => !tables.has(format))) {
    await test.step(fact.format, async () => {
      await window.newConversation();
      await window.searchAllDocuments();
      expect(await window.ask(fact.question), fact.question).toContain(fact.answer);
      const chips = window.citations();
      const count = await chips.count();
      expect(count, fact.question).toBeGreaterThan(0);
      let opened = 0;
      for (let at = 0; at < count; at += 1) {
        const chip = chips.nth(at);
        const name = (await chip.getAttribute('aria-label')) ?? '';
        if (!name.includes(fact.file)) continue;
        opened += 1;
        const place = placeWords(fact);
        if (place !== null) expect(name).toMatch(place);
        await chip.click();
        await expect(window.evidence()).toContainText(fact.file);
        const quote = await window.evidence().locator('q').first().textContent();
        expect(quote).toContain(fact.answer);
        await expectMarked(window.evidence(), fact, fact.span, quote ?? '');
      }
      expect(opened, `no citation of ${fact.file}`).toBeGreaterThan(0);
      await page.screenshot({ path: path.join(pictures, `cited-${fact.format}.png`) });
    });
  }
  await close();
});
