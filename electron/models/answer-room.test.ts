import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EngineMemory } from '../engine/port.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { createAnswerRoom } from './answer-room.ts';
import { planFit } from './fit.ts';
import { readModelHeader } from './header.ts';
import type { Held } from './room.ts';

const mebi = 1024 * 1024;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const file = fileURLToPath(new URL('../../resources/miniature/miniature.gguf', import.meta.url));
const header = { ...(await readModelHeader(file)), name: 'Another' };
const roomy = { total: 16_000 * mebi, available: 16_000 * mebi };

/** A model that still has to be given `missing` bytes of what was predicted. */
function loaded(
  id: string,
  missing: number,
  over: Partial<Held> & { answers?: number } = {},
): Held {
  const plan = planFit(header, { contextSize: 4096, sessions: 1 }, roomy);
  const resident = plan.predicted.total - missing;
  const { answers = 0, ...rest } = over;
  return {
    ...{ plan, leases: 0, lastUsed: 0, closing: false },
    model: { id, name: id, path: `/m/${id}.gguf`, header } as StoredModel,
    engine: {
      memory: async () => ({ resident, answers, weightParts: { device: 0 } }) as EngineMemory,
    },
    ...rest,
  };
}

function setUp(available: number, ...entries: Held[]) {
  const state = { available, held: entries };
  const ended: string[] = [];
  const make = createAnswerRoom<Held>({
    roomFor: () => ({
      held: () => state.held,
      machine: { memory: () => ({ total: 16_000 * mebi, available: state.available }) },
      smaller: async () => null,
    }),
    end: async (entry) => {
      ended.push(entry.model.id);
      state.held = state.held.filter((one) => one !== entry);
      state.available += 1000 * mebi;
    },
    log: quiet,
  });
  return { make, ended, state };
}

describe('room for the first answer of a loaded model', () => {
  it('is there where what was promised is still free', async () => {
    const own = loaded('own', 300 * mebi, { leases: 1 });
    const { make, ended } = setUp(500 * mebi, own, loaded('idle', 0));
    await make(own);
    expect(ended).toEqual([]);
  });

  it('lmstudio#2295: is made by ending idle models, the longest unused first, no more than needed', async () => {
    const own = loaded('own', 300 * mebi, { leases: 1 });
    const { make, ended } = setUp(
      200 * mebi,
      own,
      loaded('newer', 0, { lastUsed: 20 }),
      loaded('older', 0, { lastUsed: 10 }),
      loaded('busy', 0, { lastUsed: 1, leases: 1 }),
    );
    await make(own);
    expect(ended).toEqual(['older']);
  });

  it('is refused with numbers where another program took it, instead of being killed', async () => {
    const own = loaded('own', 300 * mebi, { leases: 1 });
    const { make } = setUp(200 * mebi, own);
    const refused = await make(own).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'model-too-large' });
    const { detail } = refused as { detail: Record<string, number> };
    expect(detail['needed']).toBeGreaterThan(detail['available']!);
  });

  it('is not asked for again once it has answered', async () => {
    const own = loaded('own', 300 * mebi, { leases: 1, answers: 1 });
    const { make, state } = setUp(500 * mebi, own);
    await make(own);
    state.available = 0;
    await make(own);
  });
});
