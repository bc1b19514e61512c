import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../electron/ipc/client.ts';
import type { Client } from '../../electron/ipc/client.ts';
import { coreCallNames, privateCallNames, streamNames } from '../../electron/ipc/contract/index.ts';
import type { Numbered, TurnEvent } from '../../electron/ipc/contract/index.ts';
import { callExamples, spoilt, streamExamples } from '../support/contract-examples.ts';
import type { PeerContract } from './peer.ts';
import type { Line } from './transports.ts';
import { lines } from './transports.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The answer of a call by any name with any arguments: what a broken window could send. */
async function codeOf(client: Client<PeerContract>, name: string, args: unknown): Promise<string> {
  const call = client.call as (name: string, args: unknown) => Promise<unknown>;
  return call(name, args).then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );
}

describe.each(Object.keys(lines))('the contract over %s', (kind) => {
  let line: Line;
  let client: Client<PeerContract>;

  beforeEach(async () => {
    line = await (lines[kind] as () => Promise<Line>)();
    client = createClient<PeerContract>(line.transport);
  });
  afterEach(() => line.close());

  it('answers calls, each to its own asker', async () => {
    const values = [1, 'two', null, { three: [3, { deep: 'ä€😀' }] }, true, ['x', 0.5, -1]];
    const answers = await Promise.all(values.map((value) => client.call('peer.echo', { value })));
    expect(answers).toEqual(values);
  });

  it('carries errors with code and detail, and makes the unforeseen internal', async () => {
    for (const how of ['typed', 'late'] as const) {
      await expect(client.call('peer.fail', { how })).rejects.toMatchObject({
        name: 'AppError',
        code: 'model-too-large',
        detail: { needed: 12, free: 7 },
      });
    }
    await expect(client.call('peer.fail', { how: 'unforeseen' })).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('lets every call through that is as the contract says', async () => {
    const names = [...coreCallNames, ...privateCallNames];
    for (const name of names) {
      expect([name, await codeOf(client, name, callExamples[name].full)]).toEqual([
        name,
        'answered',
      ]);
    }
    expect(await client.call('peer.reached', {})).toEqual(names);
  });

  it('refuses every call that is not, naming it, before a handler sees it', async () => {
    for (const name of [...coreCallNames, ...privateCallNames]) {
      for (const args of spoilt(callExamples[name])) {
        const call = client.call as (name: string, args: unknown) => Promise<unknown>;
        await expect(call(name, args), `${name} ${JSON.stringify(args)}`).rejects.toMatchObject({
          code: 'invalid-argument',
          detail: { call: name },
        });
      }
    }
    expect(await client.call('peer.reached', {})).toEqual([]);
  });

  it('knows no other names, also not those every object has', async () => {
    for (const name of ['constructor', '__proto__', 'toString', 'chat.sned', 'chat']) {
      expect(await codeOf(client, name, {})).toBe('invalid-argument');
      const open = client.open as (name: string, args: object) => AsyncIterable<unknown>;
      await expect(collect(open(name, {}))).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });

  it('refuses streams with wrong arguments and tells when one breaks', async () => {
    const open = client.open as (name: string, args: unknown) => AsyncIterable<unknown>;
    for (const name of streamNames) {
      for (const args of spoilt(streamExamples[name])) {
        await expect(collect(open(name, args))).rejects.toMatchObject({ code: 'invalid-argument' });
      }
    }
    expect(await client.call('peer.reached', {})).toEqual([]);
    await expect(collect(open('task', { taskId: 'x', after: 0 }))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('pushes in order to every listener until it stops listening', async () => {
    const first: string[] = [];
    const second: string[] = [];
    client.on('tasks.changed', ({ taskId }) => first.push(taskId));
    const stop = client.on('tasks.changed', ({ taskId }) => second.push(taskId));
    client.on('models.changed', () => second.push('never'));
    await client.call('peer.push', { count: 5 });
    stop();
    await client.call('peer.push', { count: 2 });
    expect(second).toEqual(['1', '2', '3', '4', '5']);
    expect(first).toEqual(['1', '2', '3', '4', '5', '1', '2']);
  });

  it('streams without a gap, in order, with one last event, to two readers at once', async () => {
    await client.call('peer.start', { turnId: 'a', texts: 300, finish: false });
    const reading = [0, 0].map((after) => collect(client.open('turn', { turnId: 'a', after })));
    await client.call('peer.finish', { turnId: 'a' });
    for (const events of await Promise.all(reading)) {
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 301 }, (_, i) => i + 1));
      const last = events.filter(({ event }) => event.type !== 'text');
      expect(last).toEqual([events.at(-1)]);
    }
  });

  it('resumes after the last number a reader holds, also when all is over', async () => {
    await client.call('peer.start', { turnId: 'a', texts: 10, finish: true });
    const rest = await collect(client.open('turn', { turnId: 'a', after: 7 }));
    expect(rest.map(({ seq }) => seq)).toEqual([8, 9, 10, 11]);
    expect(await collect(client.open('turn', { turnId: 'a', after: 11 }))).toEqual([]);
  });

  it('lets a reader leave; the run goes on and can be read again', async () => {
    await client.call('peer.start', { turnId: 'a', texts: 3, finish: false });
    const seen: Numbered<TurnEvent>[] = [];
    for await (const numbered of client.open('turn', { turnId: 'a', after: 0 })) {
      seen.push(numbered);
      if (seen.length === 2) break;
    }
    const leaving = new AbortController();
    const waiting = collect(client.open('turn', { turnId: 'a', after: 3 }, leaving.signal));
    leaving.abort();
    expect(await waiting).toEqual([]);
    await expect
      .poll(() => client.call('peer.left', {}), { timeout: 10_000 })
      .toMatchObject({ readers: 2 });
    await client.call('peer.finish', { turnId: 'a' });
    expect(await collect(client.open('turn', { turnId: 'a', after: 2 }))).toHaveLength(2);
  });

  it('cancels a call on both sides', async () => {
    const cancel = new AbortController();
    const waiting = client.call('peer.wait', {}, { signal: cancel.signal });
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect
      .poll(() => client.call('peer.left', {}), { timeout: 10_000 })
      .toMatchObject({ waits: 1 });
  });

  it('ends what is under way when the other side dies, and refuses what comes after', async () => {
    await client.call('peer.start', { turnId: 'a', texts: 2, finish: false });
    const stream = collect(client.open('turn', { turnId: 'a', after: 0 }));
    const results = Promise.allSettled([
      stream,
      client.call('peer.wait', {}),
      client.call('peer.die', {}),
    ]);
    const gone = expect.objectContaining({ code: 'core-unavailable' }) as unknown;
    expect(await results).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason: gone })));
    await expect(client.call('peer.reached', {})).rejects.toEqual(gone);
    await expect(collect(client.open('turn', { turnId: 'a', after: 0 }))).rejects.toEqual(gone);
  });
});
