import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { EngineLease } from '../../electron/engine/port.ts';
import { toErrorShape } from '../../electron/ipc/app-error.ts';
import { createBench } from '../integration/models-support.ts';
import type { Bench } from '../integration/models-support.ts';
import { seeded } from '../support/seeded.ts';
import { answer, ask, greedy, launcher, load, miniature } from './engine-support.ts';

// ENGINE ended, stopped and crashed by its model's file, through the real process.

const { signal } = new AbortController();
const question = {
  messages: [{ role: 'user' as const, content: 'Which languages do you speak?' }],
};
let folder = '';
let bench: Bench;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-kills-'));
  bench = createBench(createEngineLauncher({ nodePath: process.execPath, log: silentLog }));
  await bench.set({ values: { threads: 1, sessions: 2 } });
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The miniature without one tensor that llama.cpp takes for granted: it adds what is not there. */
function withoutBias(): Buffer {
  const bytes = Buffer.from(readFileSync(miniature));
  const missing = 'blk.0.ssm_conv1d.bias';
  let at = bytes.indexOf('token_embd.weight', 0, 'latin1') - 8;
  const infos: { readonly name: string; readonly at: number; readonly end: number }[] = [];
  for (let left = bytes.readBigUInt64LE(8); left > 0n; left -= 1n) {
    const length = Number(bytes.readBigUInt64LE(at));
    const end = at + 8 + length + 4 + 8 * bytes.readUInt32LE(at + 8 + length) + 4 + 8;
    infos.push({ name: bytes.toString('latin1', at + 8, at + 8 + length), at, end });
    at = end;
  }
  const dataStart = Math.ceil(at / 32) * 32;
  const offset = (info: { readonly end: number }): number =>
    Number(bytes.readBigUInt64LE(info.end - 8));
  const index = infos.findIndex(({ name }) => name === missing);
  const gone = infos[index]!;
  const from = offset(gone);
  const size = offset(infos[index + 1]!) - from;
  for (const info of infos.slice(index + 1)) {
    bytes.writeBigUInt64LE(BigInt(offset(info) - size), info.end - 8);
  }
  // A value of the same length in its place, so that the header's length stays.
  const key = 'quarry.gap';
  const value = Buffer.alloc(gone.end - gone.at, 0x20);
  value.writeBigUInt64LE(BigInt(key.length), 0);
  value.write(key, 8, 'latin1');
  value.writeUInt32LE(8, 8 + key.length);
  value.writeBigUInt64LE(BigInt(value.length - 20 - key.length), 12 + key.length);
  const head = Buffer.from(bytes.subarray(0, 24));
  head.writeBigUInt64LE(head.readBigUInt64LE(8) - 1n, 8);
  head.writeBigUInt64LE(head.readBigUInt64LE(16) + 1n, 16);
  return Buffer.concat([
    head,
    value,
    bytes.subarray(24, gone.at),
    bytes.subarray(gone.end, dataStart + from),
    bytes.subarray(dataStart + from + size),
  ]);
}

async function importFile(path: string): Promise<string> {
  const started = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await bench.tasks.finished(started.taskId);
  return started.modelId;
}

async function read(lease: EngineLease, onText: (text: string) => void): Promise<void> {
  const request = ask('a', question, { sampling: greedy });
  for await (const event of lease.engine.generate(request, signal)) {
    if (event.type === 'text') onText(event.text);
  }
}

describe('an engine', () => {
  it('whose file ends llama.cpp with a signal is started three times and no more', async () => {
    const path = join(folder, 'bad.gguf');
    writeFileSync(path, withoutBias());
    const id = await importFile(path);
    const codes: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      try {
        const lease = await bench.models.provider.acquire(id, { signal });
        await read(lease, () => {}).finally(() => lease.release());
        codes.push('answered');
      } catch (error) {
        codes.push(toErrorShape(error).code);
      }
    }
    expect(codes.slice(0, 3)).toEqual(Array(3).fill('engine-crashed'));
    expect(codes.slice(3)).toEqual(Array(2).fill('engine-crash-loop'));
    const found = (await bench.list()).find((model) => model.id === id);
    expect(found).toMatchObject({ loaded: null, error: { code: 'engine-crash-loop' } });
    expect(found!.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    // The others are as they were.
    const { id: other } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(other, { signal });
    expect(lease.modelId).not.toBe(id);
    lease.release();
  });

  it('killed at any point is there again, and answers as if nothing had been', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const next = seeded(5);
    const whole = async (): Promise<string> => {
      let text = '';
      const lease = await bench.models.provider.acquire(id, { signal });
      await read(lease, (part) => {
        text += part;
      }).finally(() => lease.release());
      return text;
    };
    const expected = await whole();
    for (let round = 0; round < 6; round += 1) {
      const lease = await bench.models.provider.acquire(id, { signal });
      const { pid } = lease.engine.info;
      const wait = next() * 60;
      let text = '';
      let isKilled = false;
      const timer = setTimeout(() => {
        isKilled = process.kill(pid, 'SIGKILL');
      }, wait);
      const code = await read(lease, (part) => {
        text += part;
      }).then(
        () => null,
        (error: unknown) => toErrorShape(error).code,
      );
      lease.release();
      clearTimeout(timer);
      if (code === null) {
        expect(text).toBe(expected);
        // Killed behind the answer's last byte: whoever asks before that is known asks a dead process.
        if (isKilled)
          await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 10_000 });
      } else {
        expect(code).toBe('engine-crashed');
        expect(expected.startsWith(text)).toBe(true);
      }
      expect(await whole()).toBe(expected);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'that slept in mid-answer goes on where it was',
    async () => {
      const engine = await launcher.launch(load());
      const { pid } = engine.info;
      const expected = await answer(engine, ask('a', question));
      let isAsleep = false;
      const slept = await answer(engine, ask('b', question), signal, (event) => {
        if (event.type !== 'text' || isAsleep) return;
        isAsleep = true;
        process.kill(pid, 'SIGSTOP');
        setTimeout(() => process.kill(pid, 'SIGCONT'), 1500);
      });
      expect(isAsleep).toBe(true);
      expect(slept.text).toBe(expected.text);
      expect(slept.reason).toBe(expected.reason);
      await engine.close();
    },
  );
});
