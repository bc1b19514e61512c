import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCore } from '../../electron/core/compose.ts';
import type { Core } from '../../electron/core/compose.ts';
import { createIds } from '../../electron/core/ids.ts';
import { silentLog } from '../../electron/core/log.ts';
import { createMachine } from '../../electron/core/machine.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { DocumentScope, Message, TurnEvent } from '../../electron/ipc/contract/index.ts';

// The miniature through the whole of CORE: a sample document that stands whole in the prompt.

const clock = { now: () => Date.now() };
const resourcesFolder = fileURLToPath(new URL('../../resources', import.meta.url));
let dataFolder: string;
let core: Core;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'quarry-whole-'));
});
afterEach(async () => {
  await core.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  core = await createCore({
    ...{ clock, ids: createIds(clock), log: silentLog, machine: createMachine() },
    announcer: { push: () => {} },
    launcher: createEngineLauncher({ nodePath: process.execPath, log: silentLog }),
    ...{ dataFolder, resourcesFolder, appVersion: '1.2.3', engineVersion: 'x' },
  });
  await core.handlers['settings.set']({ values: { threads: 1, sessions: 2 } });
}

async function ended(taskId: string): Promise<void> {
  const signal = new AbortController().signal;
  for await (const { event } of core.streams.task({ taskId, after: 0 }, signal)) {
    if (event.type === 'failed') throw new Error(event.error.message);
  }
}

const create = async (scope: DocumentScope): Promise<string> =>
  (await core.handlers['conversations.create']({ scope, use: 'whole' })).id;

async function ask(conversationId: string, text: string): Promise<Message> {
  const { turnId } = await core.handlers['chat.send']({ conversationId, parentId: null, text });
  let last: TurnEvent | undefined;
  const signal = new AbortController().signal;
  for await (const { event } of core.streams.turn({ turnId, after: 0 }, signal)) last = event;
  if (last?.type !== 'done') throw new Error(JSON.stringify(last));
  return last.message;
}

it('a whole document is read once: other conversations and the next start begin at its end (lmstudio-js#308)', async () => {
  await start();
  const { taskId } = await core.handlers['documents.add']({
    paths: [join(resourcesFolder, 'samples/town-guide.md')],
  });
  await ended(taskId);
  const [document] = await core.handlers['documents.list']({});
  const scope: DocumentScope = { kind: 'document', documentId: document!.id };
  // Hashing the model's file is part of what its states are known by.
  for (const task of await core.handlers['tasks.list']({})) await ended(task.id);

  const first = await create(scope);
  await ended((await core.handlers['chat.readNow']({ conversationId: first })).taskId);
  const whole = await core.handlers['chat.whole']({ scope });
  expect(whole).toMatchObject({ isExact: true, fits: true, documents: 1 });
  const question = 'How tall is the Kestrel Tower?';
  const one = await ask(first, question);
  expect(one.text).toContain('84 metres');
  expect(one.support).toBe('supported');
  expect(one.claims[0]?.citation?.quote).toContain('84 metres tall');
  const own = one.stats!.promptTokens - whole.tokens;
  expect(one.stats!.readTokens).toBeLessThanOrEqual(own + 8);

  const second = await ask(await create(scope), 'Who designed the Norhaven Library?');
  expect(second.stats!.keptTokens).toBeGreaterThan(whole.tokens - 8);
  await vi.waitFor(
    async () => expect((await core.handlers['chat.whole']({ scope })).isReadBefore).toBe(true),
    { timeout: 20_000 },
  );
  const status = await core.handlers['states.status']({});
  expect(status.models[0]?.documents).toBeGreaterThan(0);
  expect(status.bytes).toBeLessThanOrEqual(status.budget);

  await core.close();
  await start();
  expect((await core.handlers['chat.whole']({ scope })).isReadBefore).toBe(true);
  const third = await ask(await create(scope), question);
  expect(third.stats!.keptTokens).toBeGreaterThan(whole.tokens - 8);
  expect(third.text).toBe(one.text);

  // What was kept of a document goes with it, and with the conversations on it.
  await core.handlers['documents.remove']({ documentId: document!.id });
  await vi.waitFor(async () => expect((await core.handlers['states.status']({})).bytes).toBe(0), {
    timeout: 20_000,
  });
}, 120_000);
