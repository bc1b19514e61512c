// Electron's own default app is not in the stand-in runtime (setup/electron-fallback.mjs). This one
// does the part that is needed: `electron [switches] <folder> [arguments]` loads that folder. It is a
// module, and waits for the app's: only then does Electron hold back 'ready' until it is loaded.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const given = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (given === undefined) {
  process.stderr.write('usage: electron [switches] <folder of an app>\n');
  app.exit(2);
} else {
  const folder = resolve(given);
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  app.setAppPath(folder);
  app.setName(description.productName ?? description.name);
  app.setVersion(description.version);
  app.setPath('userData', join(app.getPath('appData'), app.getName()));
  try {
    await import(pathToFileURL(join(folder, description.main)).href);
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    app.exit(1);
  }
}
