import { expect, test } from '@playwright/test';
import { launch } from './support/launch.ts';
import { quarryProcesses, until } from './support/processes.ts';
import { endless, throttle } from './support/throttle.ts';

test('ENGINE killed in mid-answer: the turn says so and the next question works', async () => {
  const { window, profile, close } = await launch();
  await window.ready();
  await window.ask('Hello');
  const { engine } = await until(
    'an engine',
    () => quarryProcesses(profile),
    (seen) => seen.engine.length === 1,
  );
  const pid = engine[0];
  if (pid === undefined) throw new Error('no engine');
  // Alone in its conversation: what stands before it would change the answer, and end it sooner.
  await window.newConversation();
  const free = throttle(pid);
  await window.send(endless);
  await expect(window.answers()).toHaveCount(1);
  await expect(window.answerBody()).toHaveText(/\w{2,}/, {
    timeout: 60_000,
  });
  process.kill(pid, 'SIGKILL');
  free();
  await window.finished();
  await expect(window.lastAnswer()).toContainText(/engine/i);
  expect((await window.answerText()).length).toBeGreaterThan(1);
  expect((await window.ask('Hello')).length).toBeGreaterThan(1);
  await window.newConversation();
  expect(await window.ask('Which languages do you speak?')).toContain('English');
  await close();
});

test('CORE killed: the window says so, recovers, and nothing saved is lost', async () => {
  const { page, window, profile, close } = await launch();
  await window.ready();
  const answer = await window.ask('Which languages do you speak?');
  const { core } = quarryProcesses(profile);
  const pid = core[0];
  if (pid === undefined) throw new Error('no core');
  process.kill(pid, 'SIGKILL');
  await until(
    'another core',
    () => quarryProcesses(profile).core,
    (seen) => seen.length === 1 && seen[0] !== pid,
  );
  await expect(page.getByText(answer).first()).toBeVisible();
  expect((await window.ask('Hello')).length).toBeGreaterThan(0);
  await expect(window.answers()).toHaveCount(2);
  await close();
});
