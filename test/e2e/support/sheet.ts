import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { developmentRuntime, environment, rootArguments } from './launch.ts';

/**
 * Puts pictures side by side into one: three in a row, each with its name. Drawn by the same Electron
 * in an app of its own, since Quarry's window rightly refuses to load files.
 */
export function contactSheet(pictures: readonly string[], target: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-sheet-'));
  const page = path.join(folder, 'sheet.html');
  const figures = pictures.map(
    (file) => `<figure>${path.basename(file)}<img src="${pathToFileURL(file).href}"></figure>`,
  );
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><style>body{margin:8px;display:grid;grid-template-columns:repeat(3,1fr);gap:8px;font:12px sans-serif;background:#999}figure{margin:0}img{display:block;width:100%}</style>${figures.join('')}`,
  );
  writeFileSync(
    path.join(folder, 'package.json'),
    '{"name":"sheet","version":"1.0.0","main":"main.cjs"}',
  );
  writeFileSync(
    path.join(folder, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron');
const { writeFileSync } = require('node:fs');
app.whenReady().then(async () => {
  // Drawn off screen: a window would be cut at the display's height, and the last rows with it.
  const webPreferences = { offscreen: true };
  const window = new BrowserWindow({ show: false, width: 1500, height: 1000, webPreferences });
  await window.loadURL(${JSON.stringify(pathToFileURL(page).href)});
  const height = await window.webContents.executeJavaScript('document.documentElement.scrollHeight');
  window.setContentSize(1500, height);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  writeFileSync(${JSON.stringify(target)}, (await window.webContents.capturePage()).toPNG());
  app.exit(0);
});`,
  );
  const { status } = spawnSync(developmentRuntime(), [folder, ...rootArguments()], {
    env: environment({}),
    stdio: 'ignore',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the contact sheet was not drawn (status ${status})`);
}
