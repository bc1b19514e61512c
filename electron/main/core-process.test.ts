import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { CoreProcess, CoreProcessOptions } from './core-process.ts';
import { createCoreProcess } from './core-process.ts';

/** A stand-in for CORE in a process of its own: answers `app.info` with its number, obeys a few others. */
const program = `
const send = (frame) => process.send(frame);
const [number, how] = process.argv.slice(1);
if (how === 'refuse') {
  process.send({ kind: 'ready', error: { code: 'database-newer', message: 'x' } }, () => process.exit(3));
} else if (how === 'die') {
  process.exit(1);
} else {
  process.on('message', (frame) => {
    const answer = (value) => send({ kind: 'answer', id: frame.id, result: { ok: true, value } });
    if (frame.name === 'app.info') answer(Number(number));
    if (frame.name === 'models.list') process.kill(process.pid, 'SIGKILL');
    if (frame.name === 'private.shutdown' && how !== 'stubborn') process.exit(0);
  });
  process.on('disconnect', () => process.exit(0));
  process.stderr.write('{"at":"now","event":"hello"}\\n');
  send({ kind: 'ready', error: null });
}`;

const open: CoreProcess[] = [];
afterEach(() => Promise.all(open.splice(0).map((core) => core.shutdown())));

function setUp(how: (start: number) => string, more: Partial<CoreProcessOptions> = {}) {
  const children: ChildProcess[] = [];
  const lines: string[] = [];
  const states: string[] = [];
  const core = createCoreProcess({
    spawn() {
      const number = children.length + 1;
      const child = spawn(process.execPath, ['-e', program, '--', `${number}`, how(number)], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      children.push(child);
      return child;
    },
    pauses: [1, 1, 1],
    graceMs: 500,
    onLine: (line) => lines.push(line),
    log: () => {},
    ...more,
  });
  core.onStatus(({ state }) => states.push(state));
  open.push(core);
  return { core, children, lines, states };
}

describe('CORE as MAIN keeps it', () => {
  it('holds calls back until it is ready', async () => {
    const { core, lines } = setUp(() => 'well');
    expect(core.status.state).toBe('starting');
    expect(await core.client.call('app.info', {})).toBe(1);
    expect(core.status).toEqual({ state: 'ready', restarts: 0, error: null });
    await expect.poll(() => lines).toEqual(['{"at":"now","event":"hello"}']);
  });

  it('starts it again after a crash, failing what was under way', async () => {
    const { core, states } = setUp(() => 'well');
    await core.client.call('app.info', {});
    await expect(core.client.call('models.list', {})).rejects.toMatchObject({
      code: 'core-unavailable',
    });
    expect(core.status).toMatchObject({ state: 'restarting', restarts: 1 });
    expect(await core.client.call('app.info', {})).toBe(2);
    expect(states).toEqual(['ready', 'restarting', 'ready']);
  });

  it('gives up after quick failures, says so, and starts again when asked', async () => {
    const { core, children } = setUp((start) => (start <= 4 ? 'die' : 'well'));
    await expect(core.client.call('app.info', {})).rejects.toMatchObject({
      code: 'core-unavailable',
    });
    expect(core.status.state).toBe('failed');
    expect(children).toHaveLength(4);
    await expect(core.client.call('app.info', {})).rejects.toMatchObject({
      code: 'core-unavailable',
    });
    core.restart();
    expect(await core.client.call('app.info', {})).toBe(5);
  });

  it('does not try again where only a person can help, and passes the reason on', async () => {
    const { core, children } = setUp(() => 'refuse');
    await expect(core.client.call('app.info', {})).rejects.toMatchObject({
      code: 'database-newer',
    });
    expect(core.status).toMatchObject({ state: 'failed', error: { code: 'database-newer' } });
    expect(children).toHaveLength(1);
  });

  it('fails with reason when the program is not there', async () => {
    const { core } = setUp(() => 'well', { spawn: () => spawn('/nowhere/node', []) });
    await expect(core.client.call('app.info', {})).rejects.toMatchObject({
      code: 'core-unavailable',
    });
    expect(core.status.state).toBe('failed');
  });

  it('ends it in order, or by force when it does not end', async () => {
    for (const how of ['well', 'stubborn']) {
      const { core, children } = setUp(() => how);
      await core.client.call('app.info', {});
      await core.shutdown();
      expect([how, children[0]?.exitCode, children[0]?.signalCode]).toEqual(
        how === 'well' ? [how, 0, null] : [how, null, 'SIGKILL'],
      );
      expect(children).toHaveLength(1);
    }
  });
});
