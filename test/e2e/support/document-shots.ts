import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { corpusFormats } from '../../support/corpus/document.ts';
import { writeRound } from '../../support/corpus/round.ts';
import { plantedFolder } from './corpus.ts';
import { launch, resize } from './launch.ts';
import type { Launched } from './launch.ts';
import { quarryProcesses } from './processes.ts';
import { contradictLastAnswer } from './shown-facts.ts';
import { throttle } from './throttle.ts';

const sizes = [
  { width: 900, height: 600 },
  { width: 1000, height: 700 },
  { width: 1280, height: 800 },
  { width: 1600, height: 1000 },
] as const;
const plain = sizes[2];

type Size = (typeof sizes)[number];
type Shots = (name: string, at?: readonly Size[]) => Promise<void>;

/** Every screen that has to do with documents, in four widths. `shoot` takes the picture. */
export async function documentShots(
  colorScheme: 'light' | 'dark',
  shoot: (launched: Launched, name: string, size: Size) => Promise<void>,
): Promise<void> {
  const launched = await launch({ unpackaged: true, colorScheme, size: plain });
  const { page, window, app } = launched;
  // Pictures wait for a busy machine.
  page.setDefaultTimeout(120_000);
  const shots: Shots = async (name, at = sizes) => {
    for (const size of at) {
      await resize(app, size);
      await page.waitForTimeout(350);
      await shoot(launched, name, size);
    }
    await resize(app, plain);
  };
  try {
    await window.ready();
    await window.rail('Library').click();
    await shots('documents-empty');
    const files = await lists(launched, shots);
    await searches(launched, shots);
    await viewers(launched, shots, files);
    await answers(launched, shots);
    await places(launched, shots);
  } catch (error) {
    // What stood there instead of what was waited for.
    await shoot(launched, 'failed', plain).catch(() => {});
    throw error;
  } finally {
    await launched.close();
  }
}

async function lists({ page, window }: Launched, shots: Shots): Promise<readonly string[]> {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'quarry-shots-')), 'Papers');
  const facts = await writeRound(folder, corpusFormats);
  for (let index = 0; index < 80; index += 1) {
    const lines = Array.from({ length: 60 }, (_, line) => `Entry ${line} of ${index}.`);
    writeFileSync(
      path.join(folder, `log ${index}.md`),
      `# Log ${index}\n\n${lines.join('\n\n')}\n`,
    );
  }
  await window.nextDialog([folder]);
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  await page.getByRole('progressbar').first().waitFor();
  // Long enough for four pictures.
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await shots('documents-paused');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('progressbar').first().waitFor();
  await shots('documents-reading', [sizes[0], sizes[2]]);
  await page.getByRole('progressbar').first().waitFor({ state: 'detached', timeout: 240_000 });
  const { folder: works } = await plantedFolder();
  writeFileSync(path.join(works, 'broken.pdf'), 'This is no PDF.');
  writeFileSync(path.join(works, 'empty notes of the meeting in the north hall.txt'), '');
  await window.nextDialog([works]);
  await page.getByRole('button', { name: 'Add folder' }).first().click();
  await page.getByText('broken.pdf').first().waitFor();
  await page.waitForTimeout(1500);
  await shots('documents-failed');
  await page.getByRole('button', { name: /^All documents/ }).click();
  await page.waitForTimeout(500);
  await shots('documents-all');
  return facts.map(({ file }) => file);
}

async function searches({ page }: Launched, shots: Shots): Promise<void> {
  const field = page.getByLabel('Search in the documents');
  const search = async (name: string, query: string): Promise<void> => {
    await field.fill(query);
    await page.waitForTimeout(900);
    await shots(name);
  };
  await search('search', 'boiler');
  await search('search-chips', 'boiler in:Works type:pdf after:2024 -court');
  await search('search-nothing', 'Harvath type:docx');
  await search('search-filters-only', 'type:pdf type:docx');
  await field.fill('');
  await field.click();
  await page.keyboard.type('boiler type:');
  await page.waitForTimeout(400);
  await shots('search-completion');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Kind/ }).click();
  await shots('search-menu');
  await page.keyboard.press('Escape');
}

/** One file of each format: the search's hit in it. */
async function viewers({ page }: Launched, shots: Shots, files: readonly string[]): Promise<void> {
  const field = page.getByLabel('Search in the documents');
  await field.fill('');
  await page.getByRole('button', { name: /^Papers/ }).click();
  for (const file of files) {
    await page.getByRole('textbox', { name: 'Filter by name' }).fill(file);
    await page.getByRole('rowheader').getByRole('button', { name: file, exact: true }).click();
    await page.waitForTimeout(1200);
    await shots(
      `viewer${path.extname(file).replace('.', '-')}`,
      /(pdf|pptx|xlsx|eml)$/.test(file) ? sizes : [plain],
    );
    await page.getByRole('button', { name: 'Back to the list' }).click();
  }
  await page.getByRole('textbox', { name: 'Filter by name' }).fill('');
}

async function answers({ page, window, profile }: Launched, shots: Shots): Promise<void> {
  await window.rail('Chat').click();
  // A menu that goes gives the focus back, which closes the next one where that is open already.
  const choose = async (button: RegExp, choice: RegExp | string): Promise<void> => {
    await page.getByRole('button', { name: button }).first().click();
    await page.getByRole('menuitemcheckbox', { name: choice }).click();
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.waitForTimeout(300);
  };
  const documents = (choice: RegExp | string): Promise<void> => choose(/^Documents:/, choice);
  await window.newConversation();
  await documents('All documents');
  await window.send('Xylophone quarterly zebra?');
  await window.finished();
  await shots('answer-not-in-documents');
  await window.newConversation();
  await documents(/^Works/);
  await choose(/^How the documents are used/, /^Across many documents/);
  await window.ask('Who makes the Harvath boiler?');
  await page.locator('summary', { hasText: /^\s*Answers in/ }).click();
  await shots('answer-across');
  await window.newConversation();
  await documents(/^Works/);
  await window.ask('Who makes the Harvath boiler?');
  await window.citation().click();
  await window.mark().waitFor();
  await shots('answer-citation');
  await page.keyboard.press('Escape');
  contradictLastAnswer(profile);
  await window.newConversation();
  await window.openFirstConversation();
  await page.locator('summary', { hasText: /did not fit|only in part/ }).click();
  await shots('answer-contradiction');
}

async function places({ page, window, profile }: Launched, shots: Shots): Promise<void> {
  const [engine] = quarryProcesses(profile).engine;
  if (engine !== undefined) {
    const free = throttle(engine);
    await window.newConversation();
    await window.send('What is a boiler?');
    await window.rail('Memory').click();
    await page.getByRole('heading', { name: 'Queue' }).first().scrollIntoViewIfNeeded();
    await shots('queue');
    free();
  }
  await window.rail('Settings').click();
  await page.getByRole('heading', { name: 'Reading documents' }).evaluate((heading) => {
    heading.scrollIntoView({ block: 'start' });
  });
  await shots('settings-reading');
  await window.rail('Models').click();
  await page
    .getByRole('heading', { name: /^Saved states/ })
    .first()
    .evaluate((heading) => {
      heading.scrollIntoView({ block: 'center' });
    });
  await shots('storage-states');
  await page
    .getByRole('button', { name: /^More for Miniature/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: /^Load/ }).click();
  await page.getByRole('button', { name: 'Threads and calculation' }).click();
  await page.waitForTimeout(600);
  await shots('load-options');
  await page.keyboard.press('Escape');
}
