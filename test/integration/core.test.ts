import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCore } from '../../electron/core/compose.ts';
import type { Core } from '../../electron/core/compose.ts';
import { createIds } from '../../electron/core/ids.ts';
import { silentLog } from '../../electron/core/log.ts';
import { createMachine } from '../../electron/core/machine.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeScript } from '../../electron/engine/fake.ts';
import { createClient } from '../../electron/ipc/client.ts';
import type { Client } from '../../electron/ipc/client.ts';
import type { TurnEvent } from '../../electron/ipc/contract/index.ts';
import { createMemoryPair } from '../../electron/ipc/memory-transport.ts';
import { createServer } from '../../electron/ipc/server.ts';
import { coreValidators } from '../../electron/ipc/validators.ts';
import type { CoreContract } from '../../electron/ipc/validators.ts';

const clock = { now: () => Date.now() };
const resourcesFolder = fileURLToPath(new URL('../../resources', import.meta.url));
let dataFolder: string;
let cores: Core[];

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'quarry-core-'));
  cores = [];
});
afterEach(async () => {
  for (const core of cores) await core.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** The whole of CORE on a fake engine, spoken to as a window speaks to it. */
async function start(script: FakeScript = {}) {
  const launcher = createFakeLauncher(script);
  const [near, far] = createMemoryPair();
  const core = await createCore({
    clock,
    ids: createIds(clock),
    log: silentLog,
    machine: createMachine(),
    announcer: { push: (name, data) => far.post({ kind: 'push', name, data }) },
    launcher,
    dataFolder,
    resourcesFolder,
    appVersion: '1.2.3',
    engineVersion: 'fake',
  });
  cores.push(core);
  createServer<CoreContract>(far, {
    calls: { ...core.handlers, 'private.proxy': () => null, 'private.shutdown': () => null },
    streams: core.streams,
    validate: coreValidators,
  });
  return { core, launcher, client: createClient<CoreContract>(near) };
}

async function ask(client: Client<CoreContract>, text: string): Promise<TurnEvent[]> {
  const { id } = await client.call('conversations.create', {});
  const { turnId } = await client.call('chat.send', { conversationId: id, parentId: null, text });
  const events: TurnEvent[] = [];
  for await (const { event } of client.open('turn', { turnId, after: 0 })) events.push(event);
  return events;
}

describe('CORE without a window', () => {
  it('tells about itself and brings the miniature along', async () => {
    const { client } = await start();
    expect(await client.call('app.info', {})).toMatchObject({ version: '1.2.3', dataFolder });
    expect(await client.call('models.list', {})).toMatchObject([
      { name: 'Miniature (demo)', origin: 'builtin', missing: false },
    ]);
  });

  it('answers, tells the window what changed, and finds all of it after a restart', async () => {
    const { core, client } = await start({ answer: 'It ends in March.' });
    const changed = new Set<string>();
    client.on('conversations.changed', () => changed.add('conversations'));
    client.on('models.changed', () => changed.add('models'));
    client.on('tasks.changed', () => changed.add('tasks'));
    client.on('settings.changed', () => changed.add('settings'));
    const events = await ask(client, 'When does it end?');
    expect(events.at(-1)).toMatchObject({ type: 'done', message: { text: 'It ends in March.' } });
    await client.call('settings.set', { values: { theme: 'dark' } });
    expect([...changed].sort()).toEqual(['conversations', 'models', 'settings', 'tasks']);
    await core.close();

    const again = await start();
    const [summary] = await again.client.call('conversations.list', {});
    const found = await again.client.call('conversations.get', { id: summary?.id ?? '' });
    expect(found.messages.map(({ text }) => text)).toEqual([
      'When does it end?',
      'It ends in March.',
    ]);
    expect(await again.client.call('settings.get', {})).toMatchObject({ theme: 'dark' });
  });

  it('closes in mid-answer: the engine ends, what was written is kept, no turn stays open', async () => {
    const { core, client, launcher } = await start({
      answer: 'one two three four five six seven eight nine ten',
      pieceMs: 20,
    });
    const { id } = await client.call('conversations.create', {});
    const { turnId } = await client.call('chat.send', {
      conversationId: id,
      parentId: null,
      text: 'Count.',
    });
    for await (const { event } of client.open('turn', { turnId, after: 0 })) {
      if (event.type === 'text') break;
    }
    await core.close();
    expect(launcher.engines.map(({ closed }) => closed)).toEqual([true]);

    const again = await start();
    const { messages } = await again.client.call('conversations.get', { id });
    const answer = messages.at(-1);
    expect(answer?.text).toMatch(/^one/);
    expect(answer?.status).not.toBe('streaming');
  });

  it('refuses a profile that is open already, and leaves it usable', async () => {
    const { client } = await start();
    await expect(start()).rejects.toMatchObject({ code: 'database-locked' });
    expect(await client.call('conversations.list', {})).toEqual([]);
  });

  it('goes on when an engine dies in mid-answer', async () => {
    const script: FakeScript = { answer: 'one two three', crashAfterPieces: 2 };
    const { client } = await start(script);
    expect((await ask(client, 'Count.')).at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'engine-crashed' },
    });
    delete script.crashAfterPieces;
    expect((await ask(client, 'Count.')).at(-1)).toMatchObject({ type: 'done' });
  });

  it('answers for every name of the contract', async () => {
    const { core, client } = await start();
    for (const name of Object.keys(coreValidators.calls)) {
      if (!['private.shutdown', 'private.proxy'].includes(name))
        expect(Object.keys(core.handlers)).toContain(name);
    }
    await expect(
      client.call('private.documentFile', { documentId: 'nothing' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });
});
