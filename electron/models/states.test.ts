import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SaveStatesRequest } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import { defaultSettings } from '../settings/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { createStates, stateBudget } from './states.ts';

const gib = 1024 ** 3;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const model = (id: string): StoredModel =>
  ({ id, sha256: 'f'.repeat(64), bytes: 10, modifiedAt: 5 }) as StoredModel;

let dataFolder = '';
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'quarry-states-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

function setUp(free: number | null = 100 * gib, keepStates = true) {
  const settings = { ...defaultSettings, keepStates };
  const conversations = new Set(['c1', 'c2', 'c3']);
  const states = createStates({
    dataFolder,
    settings: { get: () => settings },
    log: quiet,
    isConversation: (id) => conversations.has(id),
    free: async () => free,
  });
  return { states, settings, conversations };
}

/** As ENGINE writes it: `bytes` in all. */
function put(modelId: string, id: string, bytes: number, at = 1_800_000_000): void {
  const folder = join(dataFolder, 'states', modelId);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.state`), Buffer.alloc(bytes - 10));
  writeFileSync(join(folder, `${id}.json`), Buffer.alloc(10));
  utimesSync(join(folder, `${id}.json`), at, at);
}

const found = (modelId: string): string[] => {
  try {
    return readdirSync(join(dataFolder, 'states', modelId)).sort();
  } catch {
    return [];
  }
};

const engineThat = (write: (request: SaveStatesRequest) => number | Promise<number>) => ({
  saveStates: async (request: SaveStatesRequest) => write(request),
});

describe('room for states', () => {
  it('is a tenth of what would be free without them, 4 GiB at most, nothing where unknown', () => {
    expect(stateBudget(10 * gib, 0)).toBe(gib);
    expect(stateBudget(9 * gib, gib)).toBe(gib);
    expect(stateBudget(900 * gib, 0)).toBe(4 * gib);
    expect(stateBudget(0, 0)).toBe(0);
    expect(stateBudget(null, gib)).toBe(0);
  });

  it('is what the engine is told, and the oldest give way, of whichever model', async () => {
    const { states } = setUp(99_000);
    put('m1', 'c1', 400, 10);
    put('m2', 'c2', 600, 20);
    const budgets: number[] = [];
    const bytes = await states.save(
      model('m1'),
      engineThat(({ budget }) => {
        budgets.push(budget);
        put('m1', 'c3', 9_300, 30);
        return 9_300;
      }),
    );
    expect(bytes).toBe(9_300);
    expect(budgets).toEqual([10_000]);
    expect(found('m1')).toEqual(['c3.json', 'c3.state']);
    expect(found('m2')).toEqual(['c2.json', 'c2.state']);
    expect(statSync(join(dataFolder, 'states')).mode & 0o777).toBe(0o700);
  });

  it('is counted for each conversation and model', () => {
    const { states } = setUp();
    put('m1', 'c1', 400);
    expect(states.savedBytes('c1', 'm1')).toBe(400);
    expect(states.savedBytes('c1', 'm2')).toBe(0);
    expect(states.savedBytes('../m1/c1', 'm1')).toBe(0);
  });
});

describe('a state', () => {
  it('dies with its conversation', async () => {
    const { states } = setUp();
    put('m1', 'c1', 400);
    put('m2', 'c1', 400);
    put('m1', 'c2', 400);
    await states.forget('c1');
    expect(found('m1')).toEqual(['c2.json', 'c2.state']);
    expect(found('m2')).toEqual([]);
  });

  it('dies with its conversation even if it is being written just then', async () => {
    const { states } = setUp();
    await states.save(
      model('m1'),
      engineThat(async () => {
        await states.forget('c1');
        put('m1', 'c1', 400);
        put('m1', 'c2', 400);
        return 800;
      }),
    );
    expect(found('m1')).toEqual(['c2.json', 'c2.state']);
  });

  it('dies with its model', async () => {
    const { states } = setUp();
    put('m1', 'c1', 400);
    put('m2', 'c1', 400);
    await states.removeModel('m1');
    expect(found('m1')).toEqual([]);
    expect(found('m2')).toHaveLength(2);
  });

  it('is removed at the start where its model or conversation is gone', async () => {
    const { states, conversations } = setUp();
    put('m1', 'c1', 400);
    put('m1', 'c2', 400);
    put('gone', 'c1', 400);
    conversations.delete('c2');
    await states.start([model('m1')]);
    expect(found('m1')).toEqual(['c1.json', 'c1.state']);
    expect(found('gone')).toEqual([]);
  });
});

describe('saving', () => {
  it('is off where a person wants none: nothing is written, looked for or left', async () => {
    const { states } = setUp(100 * gib, false);
    put('m1', 'c1', 400);
    const asked: unknown[] = [];
    const engine = engineThat((request) => asked.push(request));
    expect(await states.save(model('m1'), engine)).toBe(0);
    expect(asked).toEqual([]);
    expect(states.request(model('m1'))).toBeNull();
    await states.start([model('m1')]);
    expect(found('m1')).toEqual([]);
  });

  it('that fails costs nothing but the states', async () => {
    const { states } = setUp();
    const engine = engineThat(() => {
      throw new AppError('engine-crashed', 'gone');
    });
    expect(await states.save(model('m1'), engine)).toBe(0);
  });

  it('tells a model apart by its content, in a folder of its own', () => {
    const { states } = setUp();
    const one = states.request(model('m1'));
    const other = states.request({ ...model('m1'), sha256: null });
    expect(one?.folder).toBe(join(dataFolder, 'states', 'm1'));
    expect(one?.model).not.toBe(other?.model);
    expect(states.request(model('../m1'))).toBeNull();
  });
});
