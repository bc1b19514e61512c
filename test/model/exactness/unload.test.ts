import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStateStore } from '../../../electron/engine/states/store.ts';
import { answer, ask, isAlive, launcher, load, temporaryFolder } from '../engine-support.ts';
import { leftInMemory } from './disk.ts';
import { modelFile } from './models.ts';

const most = 20 * 1024 ** 2;

it('unloading gives back what a model took, states and all', { timeout: 300_000 }, async () => {
  const place = await temporaryFolder();
  try {
    const modelPath = await modelFile('moe');
    const folder = join(place.path, 'states');
    const round = async (number: number): Promise<number> => {
      const engine = await launcher.launch(
        load({
          ...{ modelPath, contextSize: 32_768, sessions: 4 },
          states: { folder, model: 'moe', budget: 1 << 28 },
        }),
      );
      const { pid } = engine.info;
      for (const id of ['a', 'b', 'c']) {
        const content = `Which stone is this, number ${number}? `.repeat(40);
        const prompt = { messages: [{ role: 'user' as const, content }] };
        await answer(engine, ask(`${id}${number}`, prompt, { maxTokens: 8 }));
      }
      await engine.saveStates({ budget: 1 << 28, limitMs: 60_000 });
      const { resident } = await engine.memory();
      await engine.close();
      expect(isAlive(pid)).toBe(false);
      return resident;
    };
    // The first one pays for what is loaded once and stays: code, and the heap that it needs.
    await round(0);
    const before = process.memoryUsage.rss();
    for (let number = 1; number <= 3; number += 1) {
      // It did take something that it could have kept.
      expect(await round(number)).toBeGreaterThan(most);
      expect(process.memoryUsage.rss() - before).toBeLessThan(most);
    }
    // A file system in memory would keep what a process leaves in it; one that had to be ended by force
    // cannot take it away, whoever opens the folder next does.
    const options = { folder, key: 'none', budget: 0, secret: null, cuttable: false };
    await (await openStateStore(options)).close();
    expect(leftInMemory(folder)).toEqual([]);
  } finally {
    await place.remove();
  }
});
