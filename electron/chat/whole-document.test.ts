import { describe, expect, it } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import type { Claim, Message, Source } from '../ipc/contract/index.ts';
import { createPace } from './pace.ts';
import { citedOnly, fitWhole, wholeLimit, wholePrompt, wholeSetOf } from './whole-document.ts';

const lease = { documentId: 'd1', name: 'Lease.pdf', sha256: 'aa', text: 'The lease ends in May.' };
const rules = { documentId: 'd2', name: 'Rules.md', sha256: 'bb', text: 'No drums after ten.' };
const question = (text: string): Message =>
  ({ id: text, role: 'user', text, support: null }) as unknown as Message;
/** As the fake engine counts: words of what is rendered in order. */
const words = (prompt: unknown): number => JSON.stringify(prompt).split(/\s+/).length;

describe('documents as a whole (lmstudio-js#308: read again each time; ollama#3839: cut without a word)', () => {
  it('are the same bytes for every conversation, before any message', () => {
    const set = wholeSetOf([lease, rules]);
    const one = wholePrompt(set, 'Be short.');
    const other = wholePrompt(wholeSetOf([lease, rules]), 'Be short.');
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one.documents).toEqual([
      { doc_id: '1', title: 'Lease.pdf', text: lease.text },
      { doc_id: '2', title: 'Rules.md', text: rules.text },
    ]);
    expect(one.messages).toEqual([
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: '' },
    ]);
  });

  it('are only added to: what was read of them stays at the beginning', () => {
    const before = wholeSetOf([lease]).documents;
    expect(wholeSetOf([lease, rules]).documents.slice(0, before.length)).toEqual(before);
  });

  it('have one name as long as names, contents, texts and order are the same', () => {
    const { id } = wholeSetOf([lease, rules]);
    expect(id).toMatch(/^doc:[0-9a-f]{40}$/);
    // Another place in the library is no other text.
    expect(wholeSetOf([{ ...lease, documentId: 'd9' }, rules]).id).toBe(id);
    const others = [
      wholeSetOf([rules, lease]).id,
      wholeSetOf([lease]).id,
      wholeSetOf([{ ...lease, sha256: 'cc' }, rules]).id,
      wholeSetOf([{ ...lease, name: 'Other.pdf' }, rules]).id,
      wholeSetOf([{ ...lease, text: `${lease.text} ` }, rules]).id,
      // What one text ends with is not what the next begins with.
      wholeSetOf([
        { ...lease, text: '' },
        { ...rules, text: lease.text + rules.text },
      ]).id,
    ];
    expect(new Set([...others, id]).size).toBe(others.length + 1);
  });

  it('stand whole in the prompt of a question; only old messages give way', async () => {
    const set = wholeSetOf([lease, rules]);
    const path = Array.from({ length: 9 }, (_, index) =>
      index % 2 === 0
        ? question(`question ${index} ${'word '.repeat(20)}`)
        : ({ ...question(`answer ${index} ${'word '.repeat(20)}`), role: 'assistant' } as Message),
    );
    const fitted = await fitWhole(set, {
      systemPrompt: '',
      path,
      limit: 90,
      contextSize: 120,
      block: 2,
      count: async (prompt) => words(prompt),
    });
    expect(fitted.prompt.documents).toEqual(set.documents);
    expect(fitted.promptTokens).toBeLessThanOrEqual(90);
    expect(fitted.droppedMessages).toBeGreaterThan(0);
    expect(fitted.droppedPassages).toBe(0);
    expect(fitted.prompt.messages.at(-1)?.content).toBe(path.at(-1)?.text);
  });

  it('are refused where they leave no room for a question, never cut', async () => {
    const set = wholeSetOf([{ ...lease, text: 'word '.repeat(500) }]);
    const options = { systemPrompt: '', contextSize: 200, block: 2 };
    const count = async (prompt: unknown) => words(prompt);
    const error = await fitWhole(set, { ...options, path: [question('When?')], limit: 180, count })
      .then(() => null)
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('whole-too-large');
    expect((error as AppError).detail).toEqual({
      tokens: words(wholePrompt(set, '')),
      most: wholeLimit(180),
      context: 200,
    });
    // A question that is too long by itself is said to be that.
    const long = question('why '.repeat(400));
    await expect(
      fitWhole(wholeSetOf([rules]), { ...options, path: [long], limit: 180, count }),
    ).rejects.toMatchObject({ code: 'prompt-too-long' });
  });
});

it('of an answer’s passages those that it cites are kept, numbered as they are cited', () => {
  const source = (number: number): Source =>
    ({ number, passageId: `p${number}`, text: `text ${number}` }) as Source;
  const claim = (sourceNumber: number | null): Claim =>
    ({
      start: 0,
      end: 1,
      state: sourceNumber === null ? 'unsupported' : 'supported',
      citation: sourceNumber === null ? null : { sourceNumber, quote: 'x' },
    }) as Claim;
  const kept = citedOnly(
    [claim(7), claim(null), claim(2), claim(7)],
    Array.from({ length: 9 }, (_, index) => source(index + 1)),
  );
  expect(kept.sources.map(({ number, passageId }) => [number, passageId])).toEqual([
    [1, 'p7'],
    [2, 'p2'],
  ]);
  expect(kept.claims.map(({ citation }) => citation?.sourceNumber ?? null)).toEqual([
    1,
    null,
    2,
    1,
  ]);
});

it('reading tells how long it takes once there is a pace, and nothing when the clock goes back', () => {
  let now = 1_000;
  const pace = createPace({ now: () => now });
  const at = (time: number, done: number) => {
    now = time;
    return pace({ type: 'reading', done, total: 1_100, kept: 100 }).msLeft;
  };
  expect(at(1_000, 100)).toBeUndefined();
  expect(at(2_000, 300)).toBeUndefined();
  expect(at(5_000, 300)).toBe(16_000);
  expect(at(500, 400)).toBeUndefined();
});
