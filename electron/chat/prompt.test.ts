import { describe, expect, it } from 'vitest';
import type { ChatPrompt } from '../engine/port.ts';
import type { Message, Source } from '../ipc/contract/index.ts';
import { buildPrompt, fitPrompt } from './prompt.ts';

const message = (role: Message['role'], text: string, extra: Partial<Message> = {}): Message =>
  ({ role, text, support: null, sources: [], ...extra }) as Message;
const conversation = (exchanges: number): Message[] => [
  ...Array.from({ length: exchanges }, (_, n) => [
    message('user', `q${n} x x x x x x x x x`),
    message('assistant', `a${n} x x x x x x x x x`),
  ]).flat(),
  message('user', 'the question now'),
];
const source = (number: number): Source =>
  ({
    number,
    documentName: `D${number}`,
    heading: null,
    text: 'w '.repeat(50).trim(),
  }) as Source;
const words = (prompt: ChatPrompt): number =>
  [
    ...prompt.messages.map(({ content }) => content),
    ...(prompt.documents ?? []).map(({ text }) => text),
  ]
    .join(' ')
    .split(' ').length;

const fit = async (exchanges: number, sources: number, limit: number, block = 2) => {
  let counted = 0;
  const fitted = await fitPrompt({
    systemPrompt: '',
    path: conversation(exchanges),
    sources: Array.from({ length: sources }, (_, n) => source(n + 1)),
    limit,
    block,
    count: async (prompt) => {
      counted += 1;
      return words(prompt);
    },
  });
  return { ...fitted, counted };
};

describe('fitPrompt', () => {
  it('leaves everything in when it fits, asking once', async () => {
    const fitted = await fit(3, 2, 1000);
    expect(fitted).toMatchObject({ droppedMessages: 0, droppedPassages: 0, counted: 1 });
  });

  it('drops old messages first, then passages, then the last exchange', async () => {
    // 3 words of question, 20 for an exchange, 50 for a passage.
    const shape = async (limit: number) => {
      const { droppedMessages, sources, promptTokens } = await fit(5, 3, limit);
      expect(promptTokens).toBeLessThanOrEqual(limit);
      return [droppedMessages, sources.length];
    };
    expect(await shape(253)).toEqual([0, 3]);
    expect(await shape(252)).toEqual([2, 3]);
    expect(await shape(173)).toEqual([8, 3]);
    expect(await shape(172)).toEqual([8, 2]);
    expect(await shape(122)).toEqual([10, 2]);
    expect(await shape(102)).toEqual([10, 1]);
    await expect(fit(5, 3, 52)).rejects.toMatchObject({
      code: 'prompt-too-long',
      detail: { promptTokens: 53, limit: 52 },
    });
  });

  it('keeps the best passages and always the question', async () => {
    const fitted = await fit(4, 4, 110);
    expect(fitted.sources.map(({ number }) => number)).toEqual([1, 2]);
    expect(fitted.prompt.messages.at(-1)?.content).toBe('the question now');
    expect(fitted.prompt.documents).toHaveLength(2);
  });

  it('moves the start of the kept part rarely', async () => {
    const starts = new Set<number>();
    for (let exchanges = 20; exchanges < 24; exchanges += 1) {
      starts.add((await fit(exchanges, 0, 300, 8)).droppedMessages);
    }
    expect([...starts]).toEqual([16, 24]);
  });

  it('asks few times for a long conversation', async () => {
    expect((await fit(500, 6, 400, 8)).counted).toBeLessThan(12);
  });
});

describe('buildPrompt', () => {
  it('joins questions that had no answer and skips empty answers', () => {
    const prompt = buildPrompt(
      '',
      [message('user', 'one'), message('assistant', ''), message('user', 'two')],
      [],
    );
    expect(prompt).toEqual({ messages: [{ role: 'user', content: 'one\n\ntwo' }] });
  });
});
