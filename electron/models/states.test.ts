import {
  existsSync,
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
import { createSeal } from '../engine/states/seal.ts';
import { AppError } from '../ipc/app-error.ts';
import { defaultSettings } from '../settings/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { automaticBudget, shareBudget } from './states-budget.ts';
import { createStates } from './states.ts';

const gib = 1024 ** 3;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const model = (id: string): StoredModel =>
  ({ id, name: `Model ${id}`, sha256: 'f'.repeat(64), bytes: 10, modifiedAt: 5 }) as StoredModel;
const key = Buffer.alloc(32, 7).toString('base64');

let dataFolder = '';
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'quarry-states-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

/** An engine as far as its states go: what it is told, oldest first. */
function engineOf(id: string) {
  const budgets: number[] = [];
  const forgotten: string[] = [];
  return {
    model: model(id),
    budgets,
    forgotten,
    engine: {
      resizeStates: async (budget: number) => {
        budgets.push(budget);
        return 0;
      },
      forget: async (owner: string) => void forgotten.push(owner),
    },
  };
}

function setUp(free: number | null = 100 * gib, settings = { ...defaultSettings }) {
  const owners = new Set(['c1', 'c2', 'c3', 'doc:lease']);
  const loaded: ReturnType<typeof engineOf>[] = [];
  const opening = new Set<string>();
  const states = createStates({
    dataFolder,
    settings: { get: () => ({ ...settings }) },
    log: quiet,
    isOwner: (id) => owners.has(id),
    loaded: () => loaded,
    isOpen: (id) => opening.has(id) || loaded.some((entry) => entry.model.id === id),
    free: async () => free,
  });
  /** As `engines` does it: asked for the room, then loaded. */
  const load = async (id: string) => {
    opening.add(id);
    const request = await states.request(model(id));
    const entry = engineOf(id);
    loaded.push(entry);
    opening.delete(id);
    return { entry, request };
  };
  const unload = async (id: string) => {
    loaded.splice(0, loaded.length, ...loaded.filter((entry) => entry.model.id !== id));
    await states.rebalance();
  };
  return { states, settings, owners, loaded, load, unload };
}

let made = 0;
/** A state as ENGINE's store writes it, of `bytes` in all. */
function put(
  modelId: string,
  owners: readonly string[],
  bytes: number,
  more: { readonly kind?: string; readonly at?: number; readonly secret?: string } = {},
): void {
  const { kind = 'answer', at = 1_800_000_000, secret } = more;
  const folder = join(dataFolder, 'states', modelId);
  mkdirSync(folder, { recursive: true });
  const id = (made += 1).toString(16).padStart(32, '0');
  const seal = createSeal(secret === undefined ? null : Buffer.from(secret, 'base64'));
  const text = JSON.stringify({ format: 2, key: 'k', id, salt: id, kind, owners, parent: null });
  const sidecar = seal.sealText(`state 2 k ${id}`, text);
  writeFileSync(join(folder, `${id}.state`), sidecar);
  writeFileSync(join(folder, `${id}.rows`), Buffer.alloc(bytes - sidecar.length));
  utimesSync(join(folder, `${id}.state`), at, at);
}

const bytesOf = (modelId: string): number => {
  const folder = join(dataFolder, 'states', modelId);
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((all, name) => all + statSync(join(folder, name)).size, 0);
};
const statesOf = (modelId: string): number => {
  const folder = join(dataFolder, 'states', modelId);
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.state')).length
    : 0;
};

describe('room for states', () => {
  it('is a tenth of what would be free without them, 16 GB at most, nothing where unknown', () => {
    expect(automaticBudget(10 * gib, 0)).toBe(gib);
    expect(automaticBudget(9 * gib, gib)).toBe(gib);
    expect(automaticBudget(900 * gib, 0)).toBe(16e9);
    expect(automaticBudget(null, gib)).toBe(0);
  });

  it('is never given out twice, whatever is loaded and kept', () => {
    let seed = 7;
    const random = (most: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % most;
    };
    for (let round = 0; round < 500; round += 1) {
      const [budget, loaded, rest] = [random(1_000_000), random(5), random(2_000_000)];
      const shares = shareBudget(budget, loaded, rest);
      expect(shares.each * loaded + shares.rest).toBeLessThanOrEqual(budget);
      expect(shares.each >= 0 && shares.rest >= 0).toBe(true);
      if (loaded > 0) expect(shares.each * loaded).toBeGreaterThan(budget / 2 - loaded - 1);
    }
  });

  it('is shared by loaded models; what others keep stays, up to half (lmstudio#498)', async () => {
    const { states, settings, load, unload } = setUp();
    settings.statesBudget = 100_000;
    put('m3', ['c1'], 10_000);
    const one = await load('m1');
    expect(one.request).toMatchObject({
      folder: join(dataFolder, 'states', 'm1'),
      budget: 90_000,
    });
    expect(one.request).not.toHaveProperty('key');
    expect(statSync(join(dataFolder, 'states')).mode & 0o777).toBe(0o700);
    const two = await load('m2');
    expect(two.request?.budget).toBe(45_000);
    // The first gave before the second got.
    expect(one.entry.budgets).toEqual([45_000]);
    put('m2', ['c2'], 40_000);
    await unload('m2');
    expect(one.entry.budgets).toEqual([45_000, 50_000]);
    expect(bytesOf('m3') + bytesOf('m2')).toBeLessThanOrEqual(50_000);
    expect(statesOf('m2')).toBe(1);
    settings.statesBudget = 200_000;
    await states.settingsChanged();
    expect(one.entry.budgets.at(-1)).toBe(150_000);
  });

  it('is given back by the folder that was not used for longest, documents last', async () => {
    const { settings, load } = setUp();
    settings.statesBudget = 10_000;
    put('old', ['c1'], 3_000, { at: 100 });
    put('new', ['c1'], 1_000, { at: 300 });
    put('new', ['doc:lease'], 2_000, { at: 200, kind: 'document' });
    put('new', ['c2'], 1_500, { at: 400 });
    const { request } = await load('m1');
    expect(statesOf('old')).toBe(0);
    expect(bytesOf('new')).toBe(4_500);
    expect(request?.budget).toBe(5_500);
  });

  it('is told, with what is used for what', async () => {
    const { states, load } = setUp(100 * gib);
    put('m1', ['c1'], 4_000);
    put('m1', ['doc:lease', 'c2'], 6_000, { kind: 'document' });
    await load('m2');
    const status = await states.status([model('m1'), model('m2')]);
    expect(status).toMatchObject({ isKept: true, bytes: 10_000, budget: 10 * gib + 1_000 });
    expect(status.automatic).toBe(status.budget);
    expect(status.models).toEqual([
      { modelId: 'm1', name: 'Model m1', conversations: 4_000, documents: 6_000, allotted: null },
    ]);
    expect(await states.keepsDocuments('m1', 'doc:lease')).toBe(true);
    expect(await states.keepsDocuments('m1', 'doc:other')).toBe(false);
    expect(await states.keepsDocuments('m2', 'doc:lease')).toBe(false);
  });

  it('is counted for each conversation and model', async () => {
    const { states } = setUp();
    put('m1', ['c1'], 400);
    put('m1', ['c1', 'c2'], 500);
    await states.status([]);
    expect(states.savedBytes('c1', 'm1')).toBe(900);
    expect(states.savedBytes('c2', 'm1')).toBe(500);
    expect(states.savedBytes('c1', 'm2')).toBe(0);
  });
});

describe('a state', () => {
  it('dies with its conversation, with every model, loaded or not', async () => {
    const { states, load } = setUp();
    put('m1', ['c1'], 400);
    put('m2', ['c1'], 400);
    put('m1', ['c2'], 400);
    const { entry } = await load('m3');
    put('m3', ['c1'], 400);
    await states.forget('c1');
    expect(statesOf('m1')).toBe(1);
    expect(statesOf('m2')).toBe(0);
    // A folder that an engine has open is the engine's.
    expect(entry.forgotten).toEqual(['c1']);
    expect(statesOf('m3')).toBe(1);
  });

  it('dies with its document set, unless a conversation needs it too', async () => {
    const { states } = setUp();
    put('m1', ['doc:lease'], 400, { kind: 'document' });
    put('m1', ['doc:lease', 'c2'], 400, { kind: 'document' });
    await states.forget('doc:lease');
    expect(statesOf('m1')).toBe(1);
    expect(await states.keepsDocuments('m1', 'doc:lease')).toBe(false);
  });

  it('of before they were shared dies even if it is being written just then', async () => {
    const { states, load } = setUp();
    await load('m1');
    const folder = join(dataFolder, 'states', 'm1');
    await states.save(model('m1'), {
      saveStates: async () => {
        await states.forget('c1');
        mkdirSync(folder, { recursive: true });
        for (const name of ['c1.json', 'c1.state', 'c2.json', 'c2.state']) {
          writeFileSync(join(folder, name), 'x');
        }
        return 4;
      },
    });
    expect(readdirSync(folder).sort()).toEqual(['c2.json', 'c2.state']);
  });

  it('dies with its model', async () => {
    const { states } = setUp();
    put('m1', ['c1'], 400);
    put('m2', ['c1'], 400);
    await states.removeModel('m1');
    expect(existsSync(join(dataFolder, 'states', 'm1'))).toBe(false);
    expect(statesOf('m2')).toBe(1);
  });

  it('is removed at the start where its model, conversation or document set is gone', async () => {
    const { states, owners } = setUp();
    put('m1', ['c1'], 400);
    put('m1', ['c2'], 400);
    put('m1', ['doc:lease'], 400);
    put('m1', ['doc:gone'], 400);
    put('gone', ['c1'], 400);
    owners.delete('c2');
    await states.start([model('m1')]);
    expect(statesOf('m1')).toBe(2);
    expect(existsSync(join(dataFolder, 'states', 'gone'))).toBe(false);
  });

  it('goes when all are deleted, and engines may keep new ones', async () => {
    const { states, load } = setUp(100_000);
    put('m1', ['c1'], 400);
    const { entry, request } = await load('m2');
    expect(await states.clear()).toBe(400);
    expect(statesOf('m1')).toBe(0);
    expect(entry.budgets[0]).toBe(0);
    expect(entry.budgets.at(-1)).toBeGreaterThan((request?.budget ?? 0) - 400);
  });
});

describe('keeping states', () => {
  it('is off where a person wants none: nothing is written, looked for or left', async () => {
    const settings = { ...defaultSettings, keepStates: false };
    const { states } = setUp(100 * gib, settings);
    put('m1', ['c1'], 400);
    const asked: unknown[] = [];
    const engine = { saveStates: async (request: SaveStatesRequest) => asked.push(request) };
    expect(await states.request(model('m1'))).toBeNull();
    expect(await states.save(model('m1'), engine)).toBe(0);
    expect(asked).toEqual([]);
    await states.start([model('m1')]);
    expect(statesOf('m1')).toBe(0);
  });

  it('ends and begins again with the setting, for models that are loaded too', async () => {
    const { states, settings, load } = setUp();
    settings.statesBudget = 1_000;
    put('m1', ['c1'], 400);
    const { entry } = await load('m2');
    settings.keepStates = false;
    await states.settingsChanged();
    expect(entry.budgets.at(-1)).toBe(0);
    expect(statesOf('m1')).toBe(0);
    settings.keepStates = true;
    await states.settingsChanged();
    expect(entry.budgets.at(-1)).toBe(1_000);
  });

  it('that fails costs nothing but the states', async () => {
    const { states, load } = setUp();
    await load('m1');
    const engine = {
      saveStates: async () => {
        throw new AppError('engine-crashed', 'gone');
      },
    };
    expect(await states.save(model('m1'), engine)).toBe(0);
  });

  it('tells a model apart by its content, in a folder of its own', async () => {
    const { states } = setUp();
    const one = await states.request(model('m1'));
    const other = await states.request({ ...model('m1'), sha256: null });
    expect(one?.model).not.toBe(other?.model);
    expect(await states.request(model('../m1'))).toBeNull();
  });
});

describe('encrypting states', () => {
  it('removes what is there, gives new loads the key, and loaded ones keep none till then', async () => {
    const { states, settings, load } = setUp();
    settings.statesBudget = 1_000;
    put('m1', ['c1'], 400);
    const plain = await load('m2');
    settings.encryptStates = true;
    await states.settingsChanged();
    expect(statesOf('m1')).toBe(0);
    expect(plain.entry.budgets.at(-1)).toBe(0);
    // No key yet: nothing is kept.
    expect((await load('m3')).request).toBeNull();
    states.hand(key, true);
    const sealed = await load('m4');
    expect(sealed.request?.key).toBe(key);
    expect(plain.entry.budgets.at(-1)).toBe(0);
    const { encryption } = await states.status([]);
    expect(encryption).toEqual({ isOn: true, canProtect: true, hasKey: true });
    settings.encryptStates = false;
    await states.settingsChanged();
    expect(sealed.entry.budgets.at(-1)).toBe(0);
    expect(plain.entry.budgets.at(-1)).toBeGreaterThan(0);
    expect((await load('m5')).request).not.toHaveProperty('key');
  });

  it('leaves what it cannot read yet, and looks through it when the key comes', async () => {
    const settings = { ...defaultSettings, encryptStates: true };
    const { states, owners } = setUp(100 * gib, settings);
    put('m1', ['c1'], 400, { secret: key });
    put('m1', ['c2'], 400, { secret: key });
    owners.delete('c2');
    await states.start([model('m1')]);
    expect(statesOf('m1')).toBe(2);
    states.hand(key, true);
    await states.rebalance();
    expect(statesOf('m1')).toBe(1);
    expect((await states.status([model('m1')])).models[0]).toMatchObject({ conversations: 400 });
  });
});
