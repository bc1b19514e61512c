import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { ChatPrompt, EngineExit } from '../../electron/engine/port.ts';
import {
  answer,
  ask,
  isAlive,
  launcher,
  load,
  miniature,
  never,
  rambling,
  silent,
  temporaryFolder,
  until,
} from './engine-support.ts';

const talk: ChatPrompt = { messages: [{ role: 'user', content: 'Which languages do you speak?' }] };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let bytes: Buffer;

beforeAll(async () => {
  folder = await temporaryFolder();
  bytes = await readFile(miniature);
});
afterAll(() => folder.remove());

async function file(name: string, content: Buffer | string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, content);
  return path;
}

/** The miniature with one text in its header replaced by another of the same length. */
function patched(from: string, to: string): Buffer {
  const copy = Buffer.from(bytes);
  const headerEnd = 400_000;
  for (let at = copy.indexOf(from); at >= 0 && at < headerEnd; at = copy.indexOf(from, at + 1)) {
    copy.write(to, at, 'latin1');
  }
  return copy;
}

/** Processes that this one has started and that still exist. */
function children(): number[] {
  if (process.platform !== 'linux') return [];
  const tasks = `/proc/${process.pid}/task`;
  return readdirSync(tasks)
    .flatMap((task) =>
      readFileSync(join(tasks, task, 'children'), 'utf8')
        .trim()
        .split(' '),
    )
    .filter((pid) => pid !== '')
    .map(Number);
}

/** The load fails with the code, and no process is left behind. */
async function expectFailure(
  request: Parameters<typeof load>[0],
  code: string,
): Promise<Record<string, string | number>> {
  const before = children();
  const error = await launcher.launch(load(request)).then(
    () => {
      throw new Error('the load did not fail');
    },
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'AppError', code });
  expect(children()).toEqual(before);
  return (error as { detail?: Record<string, string | number> }).detail ?? {};
}

describe('bad model files', () => {
  it('a missing file', async () => {
    await expectFailure({ modelPath: join(folder.path, 'none.gguf') }, 'model-missing');
  });

  it('a text file and an empty file named .gguf, and a folder', async () => {
    const text = await file('text.gguf', 'Dear reader, this is no model.');
    await expectFailure({ modelPath: text }, 'model-not-gguf');
    await expectFailure({ modelPath: await file('empty.gguf', '') }, 'model-not-gguf');
    await expectFailure({ modelPath: folder.path }, 'model-not-gguf');
  });

  it.each([4, 100, 30_000, 0.3, 0.7, 0.9999])('a file cut at %d', async (cut) => {
    const length = cut < 1 ? Math.floor(bytes.length * cut) : cut;
    const path = await file('cut.gguf', bytes.subarray(0, length));
    await expectFailure({ modelPath: path }, 'model-truncated');
  });

  it('an architecture that llama.cpp does not know', async () => {
    const path = await file('alien.gguf', patched('granitehybrid', 'granitehybrix'));
    const detail = await expectFailure({ modelPath: path }, 'model-architecture-unknown');
    expect(detail).toEqual({ architecture: 'granitehybrix' });
  });

  it('a file whose tensors do not fit its architecture', async () => {
    const path = await file('odd.gguf', patched('blk.0.ssm_in.weight', 'blk.0.ssm_on.weight'));
    await expectFailure({ modelPath: path }, 'model-load-failed');
  });

  it('a model larger than the memory it may take, before anything is mapped', async () => {
    const detail = await expectFailure({ memoryLimit: 10_000_000 }, 'model-too-large');
    expect(detail['neededBytes']).toBeGreaterThan(bytes.length);
    expect(detail['availableBytes']).toBe(10_000_000);
  });

  it('sessions larger than the memory of any machine', async () => {
    const detail = await expectFailure({ contextSize: 1 << 24, sessions: 256 }, 'model-too-large');
    expect(detail['neededBytes']).toBeGreaterThan(detail['availableBytes'] as number);
  });

  it('leaves the launcher able to load a good file', async () => {
    const engine = await launcher.launch(load());
    expect((await answer(engine, ask('a', talk))).text.trim()).toBe('I only know English.');
    await engine.close();
  });
});

describe('loads that do not end well', () => {
  it('is cancelled while it loads', async () => {
    const before = children();
    const abort = new AbortController();
    const seen: number[] = [];
    const loading = launcher.launch(load(), {
      signal: abort.signal,
      onProgress(fraction) {
        seen.push(fraction);
        abort.abort();
      },
    });
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen.length).toBeGreaterThan(0);
    expect(children()).toEqual(before);
    await expect(launcher.launch(load(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('is cancelled while the process says nothing', async () => {
    const entry = await file('mute.mjs', 'process.on("message", () => {});');
    const mute = createEngineLauncher({ nodePath: process.execPath, log: silent, entry });
    const abort = new AbortController();
    const before = children();
    const loading = mute.launch(load(), { signal: abort.signal });
    setTimeout(() => abort.abort(), 200);
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' });
    expect(children()).toEqual(before);
  });

  it('ends in a native crash', async () => {
    const entry = await file('crash.mjs', 'process.on("message", () => process.abort());');
    const crashing = createEngineLauncher({ nodePath: process.execPath, log: silent, entry });
    await expect(crashing.launch(load())).rejects.toMatchObject({
      code: 'engine-crashed',
      ...(process.platform === 'win32' ? {} : { detail: { signal: 'SIGABRT' } }),
    });
  });

  it('crashes with the graphics driver and is loaded again without it', async () => {
    const entry = await file(
      'driver.mjs',
      `process.on('message', ({ id, args }) => {
        if (args.gpu === 'auto') process.abort();
        process.send({ kind: 'answer', id, result: { ok: true, value: { pid: process.pid } } });
      });`,
    );
    const driver = createEngineLauncher({
      nodePath: process.execPath,
      log: silent,
      entry,
      graceMs: 50,
    });
    const engine = await driver.launch(load({ gpu: 'auto' }));
    expect(isAlive(engine.info.pid)).toBe(true);
    await engine.close();
    expect(isAlive(engine.info.pid)).toBe(false);
  });

  it('has no Node to run on', async () => {
    const none = createEngineLauncher({ nodePath: join(folder.path, 'no-node'), log: silent });
    await expect(none.launch(load())).rejects.toMatchObject({ code: 'engine-start-failed' });
  });
});

describe('the end of a process', () => {
  it('gives everything back when it is closed, also in the middle of an answer', async () => {
    const engine = await launcher.launch(load());
    const exits: EngineExit[] = [];
    engine.onExit((exit) => exits.push(exit));
    const request = ask('a', talk, { sampling: rambling(2), maxTokens: 900 });
    const reading = (async () => {
      for await (const event of engine.generate(request, never)) {
        if (event.type === 'text') void engine.close();
      }
    })();
    await reading.catch(() => undefined);
    await engine.close();
    expect(isAlive(engine.info.pid)).toBe(false);
    expect(exits).toEqual([{ code: 0, signal: null, expected: true }]);
    await expect(engine.memory()).rejects.toMatchObject({ code: 'engine-crashed' });
  });

  it('is told as a crash when it is killed in mid-answer', async () => {
    const engine = await launcher.launch(load());
    const exits: EngineExit[] = [];
    engine.onExit((exit) => exits.push(exit));
    const request = ask('a', talk, { sampling: rambling(2), maxTokens: 900 });
    let text = '';
    const reading = (async () => {
      for await (const event of engine.generate(request, never)) {
        if (event.type !== 'text') continue;
        text += event.text;
        process.kill(engine.info.pid, 'SIGKILL');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'engine-crashed' });
    expect(text.length).toBeGreaterThan(0);
    expect(exits).toMatchObject([{ expected: false }]);
    const late: EngineExit[] = [];
    engine.onExit((exit) => late.push(exit));
    await until(() => late.length === 1);
    await engine.close();
  });

  it('follows the end of its parent, also by SIGKILL in mid-answer', async () => {
    const script = fileURLToPath(new URL('./engine-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    parent.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => said.includes('\n'));
    const pid = Number(said);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});
