/**
 * `npm run shots`: every view in its states, light and dark, 1280x800 and 900x600, to out/shots/ with a
 * contact sheet (index.html and sheet-*.png). Look at the sheet after every change of the interface.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { plantedFolder } from './support/corpus.ts';
import { launch, root } from './support/launch.ts';

const folder = path.join(root, 'out/shots');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const names: string[] = [];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const size of [
    { width: 1280, height: 800 },
    { width: 900, height: 600 },
  ]) {
    const { app, page, window, close } = await launch({ unpackaged: true, colorScheme, size });
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
    await shot('library');
    await window.rail('Chat').click();
    await window.newConversation();
    await window.searchAllDocuments();
    for (const { question } of planted) await window.ask(question);
    await shot('chat');
    await window.citation().click();
    await window.mark().waitFor();
    await shot('chat-evidence');
    await page.keyboard.press('Control+/');
    await shot('shortcuts');
    await page.keyboard.press('Escape');
    for (const view of ['Models', 'Memory', 'Settings'] as const) {
      await window.rail(view).click();
      await page.waitForTimeout(1500);
      await shot(view.toLowerCase());
    }
    if (size.width === 1280) {
      const sheet = `<!doctype html><meta charset="utf-8"><style>body{margin:8px;display:grid;grid-template-columns:repeat(3,1fr);gap:8px;font:12px sans-serif;background:#888}img{width:100%}</style>${names
        .filter((name) => name.includes(`-${colorScheme}-1280`))
        .map((name) => `<div>${name}<img src="${name}"></div>`)
        .join('')}`;
      writeFileSync(path.join(folder, `sheet-${colorScheme}.html`), sheet);
      const file = pathToFileURL(path.join(folder, `sheet-${colorScheme}.html`)).href;
      const image = await app.evaluate(async ({ BrowserWindow }, url) => {
        const view = new BrowserWindow({ width: 1500, height: 1900, show: false });
        await view.loadURL(url);
        await new Promise((resolve) => setTimeout(resolve, 800));
        const picture = await view.webContents.capturePage();
        view.destroy();
        return picture.toPNG().toString('base64');
      }, file);
      writeFileSync(path.join(folder, `sheet-${colorScheme}.png`), Buffer.from(image, 'base64'));
    }
    await close();
  }
}
console.log(`${names.length} pictures in ${path.relative(root, folder)}/`);
