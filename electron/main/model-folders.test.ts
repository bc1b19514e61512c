import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { usualModelFolders } from './model-folders.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'quarry-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const make = (path: string): string => {
  mkdirSync(join(home, path), { recursive: true });
  return join(home, path);
};
/** Without what this machine itself may have. */
const found = async (env: Record<string, string> = {}) =>
  (await usualModelFolders(home, env)).filter((path) => path.startsWith(home));

it('names the folders that are there, and no file of such a name', async () => {
  expect(await found()).toEqual([]);
  const studio = make('.lmstudio/models');
  const hub = make('.cache/huggingface/hub');
  make('.ollama');
  writeFileSync(join(home, '.ollama/models'), '');
  expect(await found()).toEqual([studio, hub]);
});

it('follows the programs’ own settings, absolute ones only', async () => {
  const [own, cache] = [make('own'), make('cache')];
  make('hub/hub');
  make('.ollama/models');
  expect(await found({ OLLAMA_MODELS: own, HF_HUB_CACHE: cache })).toEqual([own, cache]);
  expect(await found({ OLLAMA_MODELS: 'own', HF_HOME: join(home, 'hub') })).toEqual([
    join(home, 'hub/hub'),
  ]);
});
