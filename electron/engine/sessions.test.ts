import { describe, expect, it } from 'vitest';
import type { NativeSequence } from '../../native/llama/binding.ts';
import { createSessionPool } from './sessions.ts';

function setUp(capacity: number, now?: () => number, kept: ReadonlySet<string> = new Set()) {
  let open = 0;
  let most = 0;
  const pool = createSessionPool(
    capacity,
    () => {
      open += 1;
      most = Math.max(most, open);
      return {
        length: 0,
        checkpoints: [],
        rewind: async (keep: number) => {
          await Promise.resolve();
          if (keep === broken) throw new Error('llama.cpp refused');
          return keep;
        },
        async dispose() {
          await Promise.resolve();
          open -= 1;
        },
      } as unknown as NativeSequence;
    },
    undefined,
    now,
    ({ id }) => kept.has(id),
  );
  return { pool, most: () => most, open: () => open };
}

/** No sequence can be cut to so many tokens. */
const broken = 999;

const never = new AbortController().signal;
const ignore = (): void => undefined;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createSessionPool', () => {
  it('gives a conversation its sequence back', async () => {
    const { pool } = setUp(2);
    const first = await pool.acquire('a', never, ignore);
    first.release();
    const second = await pool.acquire('a', never, ignore);
    expect(second.session).toBe(first.session);
  });

  it('takes the sequence of the conversation that was used longest ago', async () => {
    const { pool, most } = setUp(2);
    for (const id of ['a', 'b', 'a', 'c']) (await pool.acquire(id, never, ignore)).release();
    expect(pool.list().map((session) => session.id)).toEqual(['a', 'c']);
    expect(most()).toBe(2);
  });

  it('never takes one in use; others wait in order and hear their position', async () => {
    const { pool, most } = setUp(1);
    const running = await pool.acquire('a', never, ignore);
    const heard: string[] = [];
    const b = pool.acquire('b', never, (position) => heard.push(`b${position}`));
    const c = pool.acquire('c', never, (position) => heard.push(`c${position}`));
    await settle();
    expect(heard).toEqual(['b1', 'c2']);
    expect(pool.list().map((session) => session.id)).toEqual(['a']);
    running.release();
    const second = await b;
    await settle();
    second.release();
    (await c).release();
    expect(heard).toEqual(['b1', 'c2', 'c1']);
    expect(most()).toBe(1);
  });

  it('runs one answer of a conversation at a time', async () => {
    const { pool } = setUp(2);
    const first = await pool.acquire('a', never, ignore);
    let started = false;
    const second = pool.acquire('a', never, ignore).then((place) => {
      started = true;
      return place;
    });
    await settle();
    expect(started).toBe(false);
    expect(pool.running).toBe(1);
    first.release();
    expect((await second).session).toBe(first.session);
  });

  it('leaves the queue when the signal aborts', async () => {
    const { pool } = setUp(1);
    const running = await pool.acquire('a', never, ignore);
    const abort = new AbortController();
    const waiting = pool.acquire('b', abort.signal, ignore);
    const positions: number[] = [];
    const behind = pool.acquire('c', never, (position) => positions.push(position));
    await settle();
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await settle();
    expect(positions).toEqual([2, 1]);
    running.release();
    expect((await behind).session.id).toBe('c');
  });

  it('forgets at once at rest, and after the run when it runs', async () => {
    const { pool, open } = setUp(2);
    (await pool.acquire('a', never, ignore)).release();
    await settle();
    await pool.forget('a');
    expect(open()).toBe(0);
    const running = await pool.acquire('b', never, ignore);
    await pool.forget('b');
    expect(open()).toBe(1);
    running.release();
    await settle();
    expect(open()).toBe(0);
    expect(pool.list()).toEqual([]);
  });

  describe('a conversation that begins like one at rest', () => {
    const held = (pool: ReturnType<typeof setUp>['pool']) => pool.list().map(({ id }) => id);

    it('takes over the one with most in common, of those that are all on disk', async () => {
      const { pool, most } = setUp(4, undefined, new Set(['a', 'b']));
      const all = ['a', 'b', 'c'].map((id) => pool.acquire(id, never, ignore));
      const [a, b, c] = await Promise.all(all);
      for (const place of [a, b, c]) place?.release();
      await settle();
      const common: Record<string, number> = { a: 300, b: 400, c: 500 };
      const next = await pool.acquire('d', never, ignore, undefined, ({ id }) => common[id] ?? 0);
      expect(next.session.sequence).toBe(b?.session.sequence);
      expect(next.session.lineage).toBe(b?.session.lineage);
      expect(held(pool)).toEqual(['a', 'c', 'd']);
      next.release();
      await settle();
      expect((await pool.acquire('b', never, ignore)).session.sequence).not.toBe(
        next.session.sequence,
      );
      expect(most()).toBe(4);
    });

    it('takes none that runs, is awaited, is held or is not worth it', async () => {
      const { pool } = setUp(4, undefined, new Set(['a', 'b', 'c', 'd']));
      const running = await pool.acquire('a', never, ignore);
      for (const id of ['b', 'c', 'd']) (await pool.acquire(id, never, ignore)).release();
      await settle();
      pool.hold('b');
      const worth: Record<string, number> = { a: 300, b: 300, c: 300, d: 0 };
      const inherits = ({ id }: { id: string }): number => worth[id] ?? 0;
      const next = pool.acquire('e', never, ignore, undefined, inherits);
      const awaited = pool.acquire('c', never, ignore);
      await next;
      await awaited;
      expect(held(pool).sort()).toEqual(['a', 'b', 'c', 'e']);
      running.release();
    });

    it('begins anew where the other one cannot be cut, and where what goes wrong is its own prompt', async () => {
      const { pool, open } = setUp(2, undefined, new Set(['a']));
      (await pool.acquire('a', never, ignore)).release();
      await settle();
      const wrong = pool.acquire('b', never, ignore, undefined, () => {
        throw new Error('a prompt that cannot be written');
      });
      await expect(wrong).rejects.toThrow('a prompt that cannot be written');
      expect(held(pool)).toEqual(['a']);
      (await pool.acquire('b', never, ignore, undefined, () => broken)).release();
      expect(held(pool)).toEqual(['b']);
      expect(open()).toBe(1);
    });

    it('is gone at once when it is forgotten while it takes over', async () => {
      const { pool } = setUp(2, undefined, new Set(['a']));
      const first = await pool.acquire('a', never, ignore);
      first.release();
      await settle();
      let forgotten: Promise<void> | undefined;
      const next = pool.acquire('b', never, ignore, undefined, () => {
        queueMicrotask(() => {
          forgotten = pool.forget('b');
        });
        return 300;
      });
      expect((await next).session.sequence).not.toBe(first.session.sequence);
      await forgotten;
      expect(held(pool)).toEqual(['b']);
    });
  });

  describe('with background work', () => {
    const held = (pool: ReturnType<typeof setUp>['pool']) => pool.list().map(({ id }) => id);

    it('lets it wait behind every question, whoever came first', async () => {
      const { pool } = setUp(1);
      const running = await pool.acquire('a', never, ignore);
      const order: string[] = [];
      const take = async (id: string, background?: { giveWay(): void }): Promise<void> => {
        const place = await pool.acquire(id, never, ignore, background);
        order.push(id);
        place.release();
        if (background) await pool.forget(id);
      };
      const all = [take('title', { giveWay: ignore }), take('b'), take('c')];
      await settle();
      running.release();
      await all[1];
      await all[2];
      expect(order).toEqual(['b', 'c']);
    });

    it('asks it to end when a question needs the only sequence', async () => {
      const { pool } = setUp(1);
      let asked = 0;
      const title = await pool.acquire('title', never, ignore, { giveWay: () => (asked += 1) });
      const question = pool.acquire('a', never, ignore);
      await settle();
      expect(asked).toBeGreaterThan(0);
      title.release();
      expect((await question).session.id).toBe('a');
    });

    it('does not disturb it while a sequence is free', async () => {
      const { pool } = setUp(2);
      let asked = 0;
      await pool.acquire('title', never, ignore, { giveWay: () => (asked += 1) });
      (await pool.acquire('a', never, ignore)).release();
      // Its own sequence at rest is taken before anything that runs is ended.
      await pool.acquire('b', never, ignore);
      expect(asked).toBe(0);
    });

    it('takes no sequence from a conversation used lately, and one at rest for long', async () => {
      let time = 0;
      const { pool } = setUp(1, () => time);
      (await pool.acquire('a', never, ignore)).release();
      await settle();
      let started = false;
      const title = pool.acquire('title', never, ignore, { giveWay: ignore }).then(() => {
        started = true;
      });
      await settle();
      expect(started).toBe(false);
      expect(held(pool)).toEqual(['a']);
      time = 11 * 60_000;
      (await pool.acquire('a', never, ignore)).release();
      await settle();
      expect(started).toBe(false);
      time += 11 * 60_000;
      // Anything that happens makes it look again.
      const gone = new AbortController();
      const other = pool.acquire('title', gone.signal, ignore);
      gone.abort();
      await expect(other).rejects.toMatchObject({ code: 'cancelled' });
      await title;
      expect(held(pool)).toEqual(['title']);
    });

    it('where somebody waits for it, takes that of the oldest conversation that is all on disk', async () => {
      const kept = new Set<string>();
      const { pool } = setUp(2, undefined, kept);
      (await pool.acquire('a', never, ignore)).release();
      (await pool.acquire('b', never, ignore)).release();
      await settle();
      const wording = { giveWay: ignore, takesKept: true };
      const gone = new AbortController();
      const positions: number[] = [];
      const waits = pool.acquire('wording', gone.signal, (at) => positions.push(at), wording);
      await settle();
      expect(positions).toEqual([1]);
      gone.abort();
      await expect(waits).rejects.toMatchObject({ code: 'cancelled' });
      kept.add('b');
      (await pool.acquire('wording', never, ignore, wording)).release();
      await settle();
      expect(held(pool)).toEqual(['a', 'wording']);
      // The conversation comes back first of all, and other background work takes nothing kept.
      (await pool.acquire('b', never, ignore)).release();
      await settle();
      expect(held(pool)).toEqual(['a', 'b']);
      const title = new AbortController();
      const named = pool.acquire('title', title.signal, ignore, { giveWay: ignore });
      await settle();
      expect(held(pool)).toEqual(['a', 'b']);
      title.abort();
      await expect(named).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('gives its own resting sequence away first', async () => {
      const { pool } = setUp(2);
      (await pool.acquire('a', never, ignore)).release();
      (await pool.acquire('title', never, ignore, { giveWay: ignore })).release();
      await settle();
      (await pool.acquire('b', never, ignore)).release();
      expect(held(pool)).toEqual(['a', 'b']);
    });
  });
});
