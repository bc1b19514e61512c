import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClient } from '../ipc/client.ts';
import type { Pushes, Streams } from '../ipc/contract/index.ts';
import type { AnyCalls } from '../ipc/contract/index.ts';
import type { Frame } from '../ipc/frames.ts';
import { createMemoryPair } from '../ipc/memory-transport.ts';
import type { CallHandlers } from '../ipc/shape.ts';
import type { ShellContract } from '../ipc/validators.ts';
import { createGrants } from './grants.ts';
import { createRelay } from './relay.ts';

interface Everything {
  readonly calls: AnyCalls;
  readonly pushes: Pushes;
  readonly streams: Streams;
}

const kept = { since: null, protection: null, canProtect: false, isUnreadable: false };
const picked = resolve('/picked/a.txt');

function setUp() {
  const [page, window] = createMemoryPair();
  const [core, behind] = createMemoryPair();
  const arrived: Frame[] = [];
  behind.onFrame((frame) => arrived.push(frame));
  const grants = createGrants();
  const shell: CallHandlers<ShellContract> = {
    'shell.pickDocuments': () => grants.grant([picked]),
    'shell.pickFolder': () => [],
    'shell.pickModel': () => [],
    'shell.pickLibrary': () => [],
    'shell.pickSignature': () => [],
    'shell.pickAuthority': () => [],
    'shell.tokenStatus': () => kept,
    'shell.setToken': () => kept,
    'shell.removeToken': () => kept,
    'shell.usualModelFolders': () => [],
    'shell.saveFile': () => null,
    'shell.openExternal': () => null,
    'shell.showDocument': () => null,
    'shell.coreStatus': () => ({ state: 'ready', restarts: 0, error: null }),
    'shell.restartCore': () => null,
  };
  const { isGranted, grant } = grants;
  const relay = createRelay({
    window,
    core,
    shell,
    isGranted,
    grant: (paths) => void grant(paths),
  });
  const client = createClient<Everything>(page);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { client, relay, behind, arrived, grants, settle };
}

describe('relay', () => {
  it('passes calls to CORE unopened and answers back', async () => {
    const { client, behind, arrived, settle } = setUp();
    const answer = client.call('conversations.get', { id: 'a', odd: 1 } as never);
    await settle();
    expect(arrived).toMatchObject([
      { kind: 'call', name: 'conversations.get', args: { id: 'a', odd: 1 } },
    ]);
    const [frame] = arrived as [Frame & { id: string }];
    behind.post({ kind: 'answer', id: frame.id, result: { ok: true, value: 'the value' } });
    expect(await answer).toBe('the value');
  });

  it('answers shell calls itself and keeps private ones from the window', async () => {
    const { client, arrived } = setUp();
    expect(await client.call('shell.coreStatus', {})).toMatchObject({ state: 'ready' });
    for (const name of ['private.shutdown', 'private.documentFile', 'made.up'] as const) {
      await expect(client.call(name as 'private.shutdown', {})).rejects.toMatchObject({
        code: 'invalid-argument',
        detail: { call: name },
      });
    }
    expect(arrived).toEqual([]);
  });

  it('lets through only paths that a person chose', async () => {
    const { client, arrived, settle } = setUp();
    const add = (paths: readonly string[]) => client.call('documents.add', { paths });
    for (const paths of [
      ['/etc/passwd'],
      [picked],
      [picked, resolve('/picked/b.txt')],
      ['/picked/../etc/passwd'],
    ]) {
      await expect(add(paths)).rejects.toMatchObject({ code: 'path-not-allowed' });
    }
    await expect(add(picked as never)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await client.call('shell.pickDocuments', {})).toEqual([picked]);
    await expect(add([picked, '/etc/passwd'])).rejects.toMatchObject({
      code: 'path-not-allowed',
      detail: { path: '/etc/passwd' },
    });
    expect(arrived).toEqual([]);
    void add([picked]).catch(() => {});
    await settle();
    expect(arrived).toHaveLength(1);
  });

  it('grants what a scan of a chosen folder found, and nothing that another answer names', async () => {
    const { client, behind, arrived, grants, settle } = setUp();
    const [folder = ''] = grants.grant(['/home/a/.lmstudio/models']);
    const file = resolve('/home/a/.lmstudio/models/o/n/m.gguf');
    const other = resolve('/etc/other.gguf');
    const answer = async (value: unknown) => {
      await settle();
      const { id } = arrived.at(-1) as Frame & { id: string };
      behind.post({ kind: 'answer', id, result: { ok: true, value } } as Frame);
    };
    const add = (path: string) => client.call('models.addFound', { paths: [path] });
    await expect(add(file)).rejects.toMatchObject({ code: 'path-not-allowed' });
    const listed = client.call('models.catalog', {});
    await answer({ models: [{ path: other }] });
    await listed;
    const scanned = client.call('models.scan', { paths: [folder] });
    await answer({ models: [{ path: file }], isCut: false });
    await scanned;
    const added = add(file);
    await answer({ modelId: 'm' });
    expect(await added).toEqual({ modelId: 'm' });
    await expect(add(other)).rejects.toMatchObject({ code: 'path-not-allowed' });
  });

  it('closes the streams of a page that goes, and gives nothing of them to the next', async () => {
    const { client, relay, behind, arrived, settle } = setUp();
    const events: unknown[] = [];
    client.listen(
      'turn',
      { turnId: 't', after: 0 },
      (event) => events.push(event),
      () => {},
    );
    await settle();
    const [frame] = arrived as [Frame & { id: string }];
    behind.post({ kind: 'event', id: frame.id, seq: 1, event: { type: 'text', text: 'a' } });
    await settle();
    expect(events).toHaveLength(1);
    relay.pageGone();
    behind.post({ kind: 'event', id: frame.id, seq: 2, event: { type: 'text', text: 'b' } });
    await settle();
    expect(arrived.at(-1)).toEqual({ kind: 'close', id: frame.id });
    expect(events).toHaveLength(1);
  });

  it('passes pushes of the contract and no answers to questions nobody asked', async () => {
    const { client, relay, behind, settle } = setUp();
    const seen: unknown[] = [];
    client.on('tasks.changed', (data) => seen.push(data));
    client.on('shell.core', (data) => seen.push(data.state));
    behind.post({ kind: 'push', name: 'tasks.changed', data: { taskId: 'x' } });
    behind.post({ kind: 'push', name: 'made.up', data: {} });
    behind.post({ kind: 'answer', id: 'nobody', result: { ok: true, value: 1 } });
    await settle();
    relay.push('shell.core', { state: 'restarting', restarts: 1, error: null });
    await settle();
    expect(seen).toEqual([{ taskId: 'x' }, 'restarting']);
  });
});
