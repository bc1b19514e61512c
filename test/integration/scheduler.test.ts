import { expect, it } from 'vitest';
import { createScheduler } from '../../electron/engine/scheduler.ts';
import { seeded } from '../support/seeded.ts';

it('every request comes to its end or is stopped, whatever comes and goes, one prompt a batch', async () => {
  for (const seed of [1, 2, 3]) {
    const random = seeded(seed);
    let time = 0;
    let atOnce = 0;
    let most = 0;
    const scheduler = createScheduler({ alone: 128, msPerToken: 1, now: () => time });
    const jobs = Array.from({ length: 120 }, async () => {
      for (let wait = random() * 30; wait > 1; wait -= 1) await Promise.resolve();
      const ticket = scheduler.enter(random() < 0.3 ? 'background' : 'interactive');
      const stop = new AbortController();
      const length = 1 + Math.floor(random() * 900);
      const stopAt = random() < 0.3 ? random() * length : Infinity;
      let read = 0;
      try {
        while (read < length) {
          if (read >= stopAt) stop.abort();
          const did = await ticket.read(
            length - read,
            length - read,
            stop.signal,
            async (tokens) => {
              expect(tokens).toBeGreaterThan(0);
              expect(tokens).toBeLessThanOrEqual(Math.min(128, length - read));
              most = Math.max(most, ++atOnce);
              await Promise.resolve();
              time += tokens * (0.5 + random());
              read += tokens;
              atOnce -= 1;
            },
          );
          if (!did) return stop.signal.aborted;
        }
        for (let token = random() * 5; token > 0; token -= 1) await ticket.write(stop.signal);
        return true;
      } finally {
        ticket.leave();
      }
    });
    expect(await Promise.all(jobs)).not.toContain(false);
    expect(most).toBe(1);
    expect(scheduler.writing).toBe(0);
  }
});
