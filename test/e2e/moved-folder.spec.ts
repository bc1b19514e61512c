import { renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { plantedFolder } from './support/corpus.ts';
import { seriousFaults } from './support/faults.ts';
import { launch } from './support/launch.ts';
import type { Launched } from './support/launch.ts';
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
  const launched = await launch();
  const { page, window, profile } = launched;
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
  await launched.close();

  // Nobody has seen it when the program starts again; then somebody does, and it stays so.
  const again = await launch({ profile });
  await again.window.ready();
  const rowAgain = (of: Launched, state: RegExp) =>
    of.page.getByRole('navigation', { name: 'Conversations' }).getByRole('button', { name: state });
  await expect(rowAgain(again, /\(new answer\)/)).toHaveCount(1);
  await expect(again.page.getByText('1 conversation has a new answer')).toBeAttached();
  await rowAgain(again, /^What is a library\? \(new answer\)/).click();
  await expect(again.window.answers()).toHaveCount(1);
  await expect(rowAgain(again, /new answer/)).toHaveCount(0);
  await again.close();
  const third = await launch({ profile });
  await third.window.ready();
  await expect(rowAgain(third, /^What is a library\?/)).toBeVisible();
  await expect(rowAgain(third, /new answer/)).toHaveCount(0);
  await third.close();
});
