import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FakeScript } from '../../electron/engine/fake.ts';
import type { GenerateRequest, PromptMessage } from '../../electron/engine/port.ts';
import { dialogues } from '../../electron/chat/rewrite/dialogues.ts';
import { usualLimitMs } from '../../electron/chat/rewrite/index.ts';
import type { RewriteChoice } from '../../electron/ipc/contract/index.ts';
import { sql } from '../../electron/storage/sql.ts';
import { hit, lastEvent, readTurn, setUp, typesOf } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

// A follow-up is searched for with what it depends on (unsloth#7309, nanorag#10).

const patient = { timeout: 30_000 };
let setup: Setup | undefined;
afterEach(() => setup?.end());

const isWording = (request: GenerateRequest): boolean => request.purpose?.kind === 'rewrite';
const asked = ({ prompt }: GenerateRequest): string =>
  (prompt.messages.at(-1) as PromptMessage).content;

/** Words every follow-up of the test as it should be, and the one of these conversations. */
const able: FakeScript = {
  answer: (request) => {
    if (!isWording(request)) return 'The Torvane mill is run by Ines Falk.';
    const dialogue = dialogues.find(({ question }) =>
      asked(request).endsWith(`Last question: ${question}`),
    );
    return dialogue
      ? `${dialogue.question} ${dialogue.needed.join(' ')}`
      : 'Since when does Ines Falk run the Torvane mill?';
  },
};

async function talk(rewriteQuestions: RewriteChoice, script: FakeScript = able) {
  const one = setUp({ script });
  setup = one;
  one.set({ rewriteQuestions });
  one.found = [hit('The Torvane mill is run by Ines Falk since 1998.')];
  one.db
    .run(sql`INSERT INTO models (id, name, origin, path, bytes, modified_at, hash_state, header, added_at)
    VALUES ('small', 'Small', 'builtin', '/models/small.gguf', 1, 1, 'done', '{}', 1)`);
  const { handlers } = one.chat;
  const { id } = await handlers['conversations.create']({ scope: { kind: 'all' } });
  const say = async (text: string, parentId: string | null) => {
    const turn = await handlers['chat.send']({ conversationId: id, parentId, text });
    const events = await readTurn(one.chat, turn.turnId);
    const last = lastEvent(events);
    if (last.type !== 'done') throw new Error(last.type);
    return { message: last.message, types: typesOf(events) };
  };
  const first = await say('Who runs the Torvane mill?', null);
  const follow = () => say('Since when does she run it?', first.message.id);
  const wordings = () => one.launcher.engines[0]!.generated.filter(isWording);
  const tests = async () => (await handlers['chat.rewriteTests']({})).tests;
  return { setup: one, id, handlers, tests, first, follow, wordings };
}

describe('a follow-up question', () => {
  it('is worded by the model before the search, and the answer tells how', async () => {
    const { id, first, follow, wordings, setup: of } = await talk('model');
    expect(first.message.facts).not.toHaveProperty('sought');
    const { message, types } = await follow();
    expect(message.facts?.sought).toMatchObject({
      by: 'model',
      text: 'Since when does Ines Falk run the Torvane mill?',
    });
    expect(types.indexOf('wording')).toBeLessThan(types.indexOf('sources'));
    expect(wordings()).toHaveLength(1);
    // The conversation's own session went on from answer to answer.
    const own = of.launcher.engines[0]!.generated.filter(({ sessionId }) => sessionId === id);
    expect(own).toHaveLength(2);
    expect(of.launcher.engines[0]!.forgotten).not.toContain(id);
  });

  it('is searched for by the rule alone where that is chosen', async () => {
    const { follow, wordings } = await talk('rule');
    const { message, types } = await follow();
    expect(message.facts?.sought).toEqual({
      by: 'rule',
      text: 'Since when does she run it?',
      words: ['Torvane', 'mill'],
    });
    expect(types).not.toContain('wording');
    expect(wordings()).toEqual([]);
  });

  it('keeps to the rule where the model invents a name', async () => {
    const { follow } = await talk('model', {
      answer: (request) =>
        isWording(request) ? 'When did Boris Brandt take over the Torvane mill?' : 'Ines Falk.',
    });
    const { message } = await follow();
    expect(message.facts?.sought).toMatchObject({ by: 'rule', unused: 'invented' });
  });
});

describe('automatic', () => {
  it('tests the model once after the first follow-up, and asks it from then on where it is good', async () => {
    const { tests, follow, wordings } = await talk('automatic');
    expect((await follow()).message.facts?.sought?.by).toBe('rule');
    await vi.waitFor(async () => expect(await tests()).toHaveLength(1), patient);
    const [test] = await tests();
    expect(test).toMatchObject({ modelId: 'small', byModel: 1, wrong: 0, verdict: 'good' });
    const background = wordings();
    expect(background).toHaveLength(dialogues.length);
    expect(new Set(background.map(({ priority }) => priority))).toEqual(new Set(['background']));
    expect((await follow()).message.facts?.sought?.by).toBe('model');
    expect(wordings()).toHaveLength(dialogues.length + 1);
  });

  it('does not ask one that is no better', async () => {
    const { tests, follow, wordings } = await talk('automatic', {
      answer: (request) => (isWording(request) ? 'I am a small model.' : 'Ines Falk.'),
    });
    await follow();
    await vi.waitFor(async () => expect(await tests()).toHaveLength(1), patient);
    expect(await tests()).toMatchObject([{ verdict: 'no-better' }]);
    const before = wordings().length;
    expect((await follow()).message.facts?.sought?.by).toBe('rule');
    expect(wordings()).toHaveLength(before);
  });

  it('gives way to a question, and goes on later with what is left', async () => {
    const { tests, follow, wordings, setup: of } = await talk('automatic');
    of.script.pieceMs = 5;
    await follow();
    await vi.waitFor(() => expect(wordings().length).toBeGreaterThan(1), patient);
    await follow();
    expect(await tests()).toEqual([]);
    of.script.pieceMs = 0;
    await vi.waitFor(async () => expect(await tests()).toHaveLength(1), patient);
    // At most the one that was interrupted is asked twice.
    expect(wordings().length).toBeLessThanOrEqual(dialogues.length + 1);
  });

  it('is tested at once where a person asks for it', async () => {
    const { handlers } = await talk('automatic');
    expect(await handlers['chat.rewriteTests']({})).toEqual({
      ...{ tests: [], limitMs: usualLimitMs, dialogues: dialogues.length },
    });
    expect(await handlers['chat.testRewriting']({})).toMatchObject({ verdict: 'good' });
  });
});
