import { renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { seriousFaults } from './support/faults.ts';
import { launch } from './support/launch.ts';
import { quarryProcesses } from './support/processes.ts';
import { throttle } from './support/throttle.ts';

test('a folder that was renamed is away, is shown its new place, and its citations open as before', async () => {
  const { folder, planted } = await plantedFolder();
  const { page, window, close } = await launch();
  await window.ready();
  await window.addFolder(folder, planted.length);
  await window.rail('Chat').click();
  await window.searchAllDocuments();
  const [first] = planted;
  if (first === undefined) throw new Error('nothing planted');
  await window.ask(first.question);

  const place = path.join(path.dirname(folder), 'Renamed works');
  renameSync(folder, place);
  await window.rail('Library').click();
  const collection = page
    .getByRole('navigation', { name: 'Collections' })
    .getByRole('button', { name: /^Works/ });
  await expect(collection).toHaveAccessibleName(/away: renamed, moved or on a disk/);
  await collection.click();
  const choose = page.getByRole('button', { name: 'Choose its new place…' });
  await expect(choose).toBeVisible();
  expect(await seriousFaults(page, 'a folder that is away')).toEqual([]);

  await window.nextDialog([place]);
  await choose.click();
  await expect(page.getByText(/3 documents were found again in .*Renamed works/)).toBeVisible();
  await expect(page.getByText('In step with its folder')).toBeVisible();
  await expect(collection).not.toHaveAccessibleName(/away/);
  await window.rail('Chat').click();
  await window.openFirstConversation();
  await window.citation().click();
  await expect(window.mark()).toBeVisible();
  await expect(window.evidence().getByText(first.sentence).first()).toBeAttached();
  await expect(window.evidence().getByText(/no longer/)).toHaveCount(0);
  await close();
});

test('the list tells which conversation is answered, and which has an answer that nobody has seen', async () => {
  const { page, window, profile, close } = await launch();
  await window.ready();
  await window.ask('What can you do?');
  const [engine] = quarryProcesses(profile).engine;
  if (engine === undefined) throw new Error('no engine');
  const free = throttle(engine);
  await window.newConversation();
  await window.send('What is a library?');
  const row = (state: RegExp) =>
    page.getByRole('navigation', { name: 'Conversations' }).getByRole('button', { name: state });
  await expect(row(/^What is a library\? \(being answered\)/)).toBeVisible();
  await window.newConversation();
  expect(await seriousFaults(page, 'a list with a conversation that is answered')).toEqual([]);
  free();
  await expect(row(/^What is a library\? \(new answer\)/)).toBeVisible();
  await expect(page.getByText('1 conversation has a new answer')).toBeAttached();
  expect(await seriousFaults(page, 'a list with a new answer')).toEqual([]);
  await row(/^What is a library\?/).click();
  await expect(row(/new answer/)).toHaveCount(0);
  await close();
});
