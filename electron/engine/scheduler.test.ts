import { describe, expect, it } from 'vitest';
import { createScheduler } from './scheduler.ts';
import type { Priority, Scheduler, Ticket } from './scheduler.ts';

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A machine that takes so long per token, on a clock of its own. */
function setUp(options: { alone?: number; msPerToken?: number; cost?: number } = {}) {
  const { alone = 128, msPerToken = 1, cost = msPerToken } = options;
  let time = 0;
  const machine = { cost };
  const scheduler = createScheduler({ alone, msPerToken, now: () => time });
  const log: [name: string, tokens: number][] = [];
  let atOnce = 0;
  let most = 0;
  const evaluate = (name: string) => async (tokens: number) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await Promise.resolve();
    time += tokens * machine.cost;
    log.push([name, tokens]);
    atOnce -= 1;
  };
  /** Reads a prompt to its end, as run.ts does. */
  const read = async (
    name: string,
    length: number,
    { ticket = scheduler.enter('interactive'), signal = never }: Partial<Reading> = {},
  ): Promise<boolean> => {
    for (let left = length; left > 0;) {
      let took = 0;
      const done = await ticket.read(left, left, signal, async (tokens) => {
        await evaluate(name)(tokens);
        took = tokens;
      });
      if (!done) return false;
      left -= took;
    }
    ticket.leave();
    return true;
  };
  return { scheduler, machine, log, read, most: () => most };
}

interface Reading {
  ticket: Ticket;
  signal: AbortSignal;
}

async function writer(scheduler: Scheduler, priority: Priority = 'interactive'): Promise<Ticket> {
  const ticket = scheduler.enter(priority);
  await ticket.write(never);
  return ticket;
}

describe('a prompt', () => {
  it('is split at the same places every time while nobody writes', async () => {
    const { log, machine, read } = setUp();
    await read('a', 300);
    machine.cost = 50;
    await read('b', 300);
    expect(log.map(([, tokens]) => tokens)).toEqual([128, 108, 64, 128, 108, 64]);
  });

  it.each([
    [64, [64]],
    [128, [128]],
    [129, [64, 65]],
    [150, [84, 66]],
    [191, [124, 67]],
    [192, [128, 64]],
    [20, [20]],
  ])('of %i tokens leaves no rest that is read one by one', async (length, expected) => {
    const { log, read } = setUp();
    await read('a', length);
    expect(log.map(([, tokens]) => tokens)).toEqual(expected);
  });

  it('keeps its chunks where they are no two tiles long', async () => {
    const { log, read } = setUp({ alone: 96 });
    await read('a', 100);
    await read('b', 150);
    expect(log.map(([, tokens]) => tokens)).toEqual([96, 4, 84, 66]);
  });

  it('is read in batches of about 100 ms beside an answer, whatever was measured at load', async () => {
    for (const msPerToken of [0.1, 1, 20]) {
      const { scheduler, log, read } = setUp({ alone: 512, msPerToken, cost: 2 });
      await writer(scheduler);
      await read('a', 4000);
      const sizes = log.map(([, tokens]) => tokens);
      // At 2 ms a token 48 take 96 ms; the first guesses may be off.
      expect(new Set(sizes.slice(8, -1))).toEqual(new Set([48]));
    }
  });

  it('follows a machine that becomes slower and faster again', async () => {
    const { scheduler, machine, read } = setUp({ alone: 512 });
    await writer(scheduler);
    await read('a', 1000);
    expect(scheduler.beside).toBe(96);
    machine.cost = 10;
    await read('b', 300);
    expect(scheduler.beside).toBe(8);
    machine.cost = 1;
    await read('c', 3000);
    expect(scheduler.beside).toBe(96);
  });

  it('keeps at least four tokens a batch, so that reading ends', async () => {
    const { scheduler, log, read } = setUp({ msPerToken: 500 });
    await writer(scheduler);
    await read('a', 41);
    expect(Math.max(...log.map(([, tokens]) => tokens))).toBe(4);
  });

  it('gets its whole chunk back when the answer has ended', async () => {
    const { scheduler, log, read } = setUp({ msPerToken: 10 });
    const answer = await writer(scheduler);
    const reading = read('a', 1000);
    await settle();
    answer.leave();
    await read('b', 200);
    await reading;
    expect(log.find(([name]) => name === 'b')?.[1]).toBe(128);
  });
});

describe('several prompts', () => {
  it('are never in one batch', async () => {
    const { read, most } = setUp();
    await Promise.all(['a', 'b', 'c'].map((name) => read(name, 700)));
    expect(most()).toBe(1);
  });

  it('let the shorter go first, so that a short question does not wait for a long document', async () => {
    const { log, read } = setUp();
    const long = read('long', 16_384);
    const short = read('short', 300);
    await Promise.all([long, short]);
    const names = log.map(([name]) => name);
    expect(names.lastIndexOf('short')).toBeLessThanOrEqual(4);
  });

  it('starve none: every fourth batch or sooner is the long one’s', async () => {
    const { log, read } = setUp();
    let going = true;
    const shorts = async (): Promise<void> => {
      for (let index = 0; going; index += 1) await read(`s${index}`, 100);
    };
    const many = [shorts(), shorts(), shorts()];
    await read('long', 2000);
    going = false;
    await Promise.all(many);
    const names = log.map(([name]) => name);
    let passed = 0;
    for (const name of names.slice(0, names.lastIndexOf('long'))) {
      passed = name === 'long' ? 0 : passed + 1;
      expect(passed).toBeLessThanOrEqual(5);
    }
  });
});

describe('background work', () => {
  it('gets no batch while a question is under way, and goes on afterwards', async () => {
    const { scheduler, log, read } = setUp();
    const background = read('title', 1000, { ticket: scheduler.enter('background') });
    await settle();
    const before = log.length;
    const question = scheduler.enter('interactive');
    await settle();
    const atMost = log.filter(([name]) => name === 'title').length;
    expect(atMost - before).toBeLessThanOrEqual(1);
    await read('question', 300, { ticket: question });
    await background;
    const names = log.map(([name]) => name);
    const first = names.indexOf('question');
    expect(names.slice(first, names.lastIndexOf('question'))).not.toContain('title');
    expect(log.reduce((sum, [name, count]) => sum + (name === 'title' ? count : 0), 0)).toBe(1000);
  });

  it('stops writing too, and makes nobody’s chunks small while it is held', async () => {
    const { scheduler, log, read } = setUp({ msPerToken: 10 });
    const title = await writer(scheduler, 'background');
    const question = scheduler.enter('interactive');
    let wrote = false;
    const next = title.write(never).then((go) => {
      wrote = go;
    });
    await read('question', 256, { ticket: question });
    expect(log).toEqual([
      ['question', 128],
      ['question', 128],
    ]);
    await next;
    expect(wrote).toBe(true);
  });

  it('can be stopped while it is held', async () => {
    const { scheduler, read } = setUp();
    scheduler.enter('interactive');
    const stop = new AbortController();
    const reading = read('title', 10, {
      ticket: scheduler.enter('background'),
      signal: stop.signal,
    });
    const writing = scheduler.enter('background').write(stop.signal);
    stop.abort();
    expect(await Promise.all([reading, writing])).toEqual([false, false]);
  });
});

it('a failed evaluation is told, and the others go on', async () => {
  const { scheduler, read } = setUp();
  const broken = scheduler.enter('interactive').read(10, 10, never, async () => {
    throw new Error('no memory');
  });
  await expect(broken).rejects.toThrow('no memory');
  expect(await read('b', 10)).toBe(true);
});
