import { describe, expect, it } from 'vitest';
import { AppError } from '../../electron/ipc/app-error.ts';
import { droppedChannel, frameChannel } from '../../electron/ipc/electron-channels.ts';
import { windowTransport } from '../../electron/ipc/electron-main.ts';
import type { Frame } from '../../electron/ipc/frames.ts';
import { createFakeElectron } from '../support/fake-electron.ts';

function setUp(origin?: string) {
  const fake = createFakeElectron(origin);
  const arrived: Frame[] = [];
  const dropped: string[] = [];
  const transport = windowTransport(fake.contents, {
    origin: 'quarry://app',
    refused: () => new AppError('permission-denied', 'not ours'),
    dropped(paths) {
      dropped.push(...paths);
      return paths;
    },
  });
  transport.onFrame((frame) => arrived.push(frame));
  return { fake, arrived, dropped };
}

const call: Frame = { kind: 'call', id: '1', name: 'models.list', args: {} };
const open: Frame = { kind: 'open', id: '2', name: 'turn', args: {} };

describe("Electron's line", () => {
  it('refuses another frame of the same origin with an error, not with null', async () => {
    const { fake, arrived } = setUp();
    const other = { origin: 'quarry://app' };
    expect(await fake.sendAs(other, frameChannel, call)).toEqual({
      kind: 'answer',
      id: '1',
      result: { ok: false, error: { code: 'permission-denied', message: 'not ours' } },
    });
    expect(await fake.sendAs(other, frameChannel, open)).toMatchObject({
      kind: 'end',
      error: { code: 'permission-denied' },
    });
    expect(arrived).toEqual([]);
  });

  it('refuses the main frame when it shows another origin', async () => {
    const { fake, arrived, dropped } = setUp('https://example.org');
    const answer = await fake.sendAs(fake.contents.mainFrame, frameChannel, call);
    expect(answer).toMatchObject({ result: { ok: false, error: { code: 'permission-denied' } } });
    await expect(
      fake.sendAs(fake.contents.mainFrame, droppedChannel, ['/etc/passwd']),
    ).rejects.toMatchObject({ code: 'permission-denied' });
    expect([arrived, dropped]).toEqual([[], []]);
  });

  it('hears only frames that ask', async () => {
    const { fake, arrived } = setUp();
    for (const message of [
      { kind: 'push', name: 'shell.core', data: {} },
      { kind: 'answer', id: '1', result: { ok: true, value: 1 } },
      { kind: 'ready', error: null },
      { kind: 'call', id: 7, name: 'models.list' },
      { kind: 'call', id: 'x'.repeat(201), name: 'models.list' },
      null,
      'call',
      [],
    ]) {
      fake.renderer.send(frameChannel, message);
    }
    fake.renderer.send(frameChannel, call);
    await expect.poll(() => arrived).toEqual([call]);
  });

  it('takes dropped paths from the preload, and only text', async () => {
    const { fake, dropped } = setUp();
    expect(await fake.renderer.invoke(droppedChannel, ['/a', 5, null, '/b'])).toEqual(['/a', '/b']);
    expect(await fake.renderer.invoke(droppedChannel, 'no list')).toEqual([]);
    expect(dropped).toEqual(['/a', '/b']);
  });
});
