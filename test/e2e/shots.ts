/**
 * `npm run shots`: every view in its states, light and dark, 1280x800 and 900x600, and what has to do with
 * documents also at 1000 and 1600, to out/shots/ with contact sheets (sheet-light.png, sheet-light-documents.png,
 * the same for dark). Look at the sheets after every change of the interface.
 * `npm run shots -- documents light`: only those of documents, only light.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { plantedFolder } from './support/corpus.ts';
import { documentShots } from './support/document-shots.ts';
import { launch, root } from './support/launch.ts';
import { quarryProcesses } from './support/processes.ts';
import { contactSheet } from './support/sheet.ts';
import { throttle } from './support/throttle.ts';

const folder = path.join(root, 'out/shots');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const names: string[] = [];
const documentNames: string[] = [];
const asked = process.argv.slice(2);
const schemes = (['light', 'dark'] as const).filter(
  (scheme) => asked.includes(scheme) || !asked.some((word) => word === 'light' || word === 'dark'),
);

for (const colorScheme of schemes) {
  await documentShots(colorScheme, async ({ page }, name, { width }) => {
    const file = `${name}-${colorScheme}-${width}.png`;
    await page.screenshot({ path: path.join(folder, file), animations: 'disabled' });
    documentNames.push(file);
  });
  if (asked.includes('documents')) continue;
  for (const size of [
    { width: 1280, height: 800 },
    { width: 900, height: 600 },
  ]) {
    const { page, window, profile, close } = await launch({ unpackaged: true, colorScheme, size });
    const shot = async (name: string): Promise<void> => {
      await page.waitForTimeout(500);
      const file = `${name}-${colorScheme}-${size.width}.png`;
      await page.screenshot({ path: path.join(folder, file), animations: 'disabled' });
      names.push(file);
    };
    await page.getByRole('button', { name: 'Skip' }).waitFor();
    await shot('welcome');
    await window.ready();
    await shot('chat-empty');
    for (const view of ['Library', 'Memory'] as const) {
      await window.rail(view).click();
      await shot(`${view.toLowerCase()}-empty`);
    }
    const { folder: corpus, planted } = await plantedFolder();
    await window.addFolder(corpus, planted.length);
    writeFileSync(path.join(corpus, 'broken.pdf'), 'This is no PDF.');
    await window.nextDialog([corpus]);
    await page.getByRole('button', { name: 'Add folder' }).first().click();
    await page.getByText('broken.pdf').first().waitFor();
    await page.waitForTimeout(1500);
    await shot('library');
    await page.getByRole('searchbox').fill(planted[0]?.name ?? '');
    await page.waitForTimeout(800);
    await shot('library-search');
    await window.rail('Chat').click();
    await window.newConversation();
    await window.searchAllDocuments();
    for (const { question } of planted) await window.ask(question);
    await shot('chat');
    await window.citation().click();
    await window.mark().waitFor();
    await shot('chat-evidence');
    await page.keyboard.press('Escape');
    const [engine] = quarryProcesses(profile).engine;
    if (engine === undefined) throw new Error('no engine');
    // What is kept of this question leaves only a few tokens to be calculated.
    const free = throttle(engine, 1, 800);
    await window.send(planted[0]?.question ?? '');
    await page.waitForTimeout(1200);
    await shot('chat-busy');
    process.kill(engine, 'SIGKILL');
    free();
    await window.finished();
    await shot('chat-error');
    await window.ask(planted[1]?.question ?? '');
    await page.keyboard.press('Control+/');
    await shot('shortcuts');
    await page.keyboard.press('Escape');
    for (const view of ['Models', 'Memory', 'Settings'] as const) {
      await window.rail(view).click();
      await page.waitForTimeout(1500);
      await shot(view.toLowerCase());
      if (view === 'Memory') {
        for (const part of ['Over time', 'What if', 'Hybrid beside dense'] as const) {
          await page.getByRole('heading', { name: part, exact: true }).evaluate((heading) => {
            heading.scrollIntoView({ block: 'start' });
          });
          await shot(`memory-${part.toLowerCase().replaceAll(' ', '-')}`);
        }
        await page.evaluate(() => (document.documentElement.dataset['theme'] = 'contrast'));
        await shot('memory-contrast');
        await page.evaluate(() => delete document.documentElement.dataset['theme']);
      }
    }
    await close();
  }
}
for (const colorScheme of schemes) {
  const sheet = (all: readonly string[], name: string): void => {
    const shown = all.filter((file) => file.includes(`-${colorScheme}-1280`));
    if (shown.length === 0) return;
    contactSheet(
      shown.map((file) => path.join(folder, file)),
      path.join(folder, name),
    );
  };
  sheet(names, `sheet-${colorScheme}.png`);
  sheet(documentNames, `sheet-${colorScheme}-documents.png`);
}
console.log(`${names.length + documentNames.length} pictures in ${path.relative(root, folder)}/`);
