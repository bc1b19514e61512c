import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../electron/ipc/contract/index.ts';
import { sql } from '../../electron/storage/sql.ts';
import { addDocument, hit, lastEvent, readTurn, setUp } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

const passages = [1, 2, 3, 4, 5].map((n) =>
  hit(`Pump ${n} runs ${n}0 hours a day. It stands in hall ${n} and was painted green.`, {
    passageId: `p-${n}`,
    documentId: `d-${n}`,
    documentName: `Pump ${n}.pdf`,
  }),
);
const at = (n: number) => passages.slice(n - 1, n);

let setup: Setup;
let id: string;
beforeEach(async () => {
  setup = setUp({ contextSize: 4096, script: { answer: 'It is green.' } });
  for (const passage of passages) addDocument(setup.db, passage);
  const made = await setup.chat.handlers['conversations.create']({ scope: { kind: 'all' } });
  id = made.id;
});
afterEach(() => setup.end());

async function ask(text: string, parentId: string | null): Promise<Message> {
  const { turnId } = await setup.chat.handlers['chat.send']({ conversationId: id, parentId, text });
  const last = lastEvent(await readTurn(setup.chat, turnId));
  if (last.type !== 'done') throw new Error(last.type);
  return last.message;
}
const prompts = () => setup.launcher.engines[0]?.generated.map(({ prompt }) => prompt) ?? [];
const renderOf = async (index: number) => setup.launcher.engines[0]?.render(prompts()[index]!);

describe('a prompt only grows (llama.cpp#20225, open-webui#19046)', () => {
  it('new passages of a follow-up stand behind all that was read, which is not read again', async () => {
    setup.found = at(1);
    const first = await ask('How long does pump 1 run?', null);
    setup.found = at(2);
    const second = await ask('How long does pump 2 run?', first.id);
    setup.found = at(3);
    const third = await ask('How long does pump 3 run?', second.id);
    expect(prompts()[2]?.documents).toEqual(prompts()[0]?.documents);
    for (const [index, message] of [second, third].entries()) {
      // All of the prompt before and its answer is kept; the new part is all that is evaluated.
      const before = `${await renderOf(index)}It is green.`;
      const now = String(await renderOf(index + 1));
      expect(now.startsWith(before)).toBe(true);
      const fresh = now.slice(before.length).trim().split(/\s+/).length;
      expect(message.stats?.readTokens).toBe(fresh);
      expect(message.stats?.keptTokens).toBe(before.trim().split(/\s+/).length);
    }
    expect(third.sources.map(({ number, documentId }) => [number, documentId])).toEqual([
      [1, 'd-1'],
      [2, 'd-2'],
      [3, 'd-3'],
    ]);
    expect(prompts()[2]?.messages.at(-1)?.content).toContain('"doc_id":"3"');
    expect(prompts()[2]?.messages.at(-1)?.content).not.toContain('"doc_id":"2"');
  });

  it('a passage that was found before keeps its number and is not repeated', async () => {
    setup.found = at(1);
    const first = await ask('How long does pump 1 run?', null);
    setup.found = at(2);
    const second = await ask('How long does pump 2 run?', first.id);
    setup.found = [...at(1), ...at(2), ...at(4)];
    const third = await ask('Which pump stands in hall 4?', second.id);
    expect(third.sources.map(({ number, documentId }) => [number, documentId])).toEqual([
      [1, 'd-1'],
      [2, 'd-2'],
      [3, 'd-4'],
    ]);
    const { content } = prompts()[2]!.messages.at(-1)!;
    expect(content.match(/doc_id/g)).toHaveLength(1);
  });

  it('a document that is gone leaves the prompt, with what was added of it', async () => {
    setup.found = at(1);
    const first = await ask('How long does pump 1 run?', null);
    setup.found = at(2);
    const second = await ask('How long does pump 2 run?', first.id);
    setup.db.run(sql`DELETE FROM documents WHERE id = 'd-2'`);
    setup.found = at(3);
    await ask('How long does pump 3 run?', second.id);
    expect(JSON.stringify(prompts()[2])).not.toContain('hall 2');
    expect(JSON.stringify(prompts()[2])).toContain('hall 3');
  });

  it('is laid out anew once it does not fit, and says which messages it left out (ollama#3839)', async () => {
    await setup.end();
    setup = setUp({ contextSize: 256, script: { answer: 'It is green.' } });
    for (const passage of passages) addDocument(setup.db, passage);
    ({ id } = await setup.chat.handlers['conversations.create']({ scope: { kind: 'all' } }));
    let last: Message | null = null;
    const all: Message[] = [];
    for (const n of [1, 2, 3, 4, 5]) {
      setup.found = at(n);
      last = await ask(`${'so '.repeat(25)} how long does pump ${n} run?`, last?.id ?? null);
      all.push(last);
    }
    const cut = all.find(({ stats }) => (stats?.droppedMessages ?? 0) > 0);
    expect(cut).toBeDefined();
    const left = cut?.facts?.leftOut?.filter(({ kind }) => kind === 'message') ?? [];
    expect(left.length).toBe(cut?.stats?.droppedMessages);
    const question = setup.db.get<{ id: string }>(
      sql`SELECT id FROM messages ORDER BY rowid LIMIT 1`,
    );
    expect(left[0]).toMatchObject({ messageId: question?.id });
    for (const { stats } of all) expect(stats?.promptTokens).toBeLessThanOrEqual(192);
  });

  it('without an earlier layout (an older profile) goes on behind what it knows of it', async () => {
    setup.found = at(1);
    const first = await ask('How long does pump 1 run?', null);
    setup.db.run(sql`UPDATE messages SET facts = NULL`);
    setup.found = at(2);
    const second = await ask('How long does pump 2 run?', first.id);
    expect(second.stats?.keptTokens).toBeGreaterThan(20);
    expect(prompts()[1]?.documents).toEqual(prompts()[0]?.documents);
  });

  it('for a model of short prompts stays in the template’s own block', async () => {
    await setup.end();
    setup = setUp({ contextSize: 4096, promptLimit: 768, script: { answer: 'It is green.' } });
    for (const passage of passages) addDocument(setup.db, passage);
    ({ id } = await setup.chat.handlers['conversations.create']({ scope: { kind: 'all' } }));
    setup.found = at(1);
    const first = await ask('How long does pump 1 run?', null);
    setup.found = at(2);
    await ask('How long does pump 2 run?', first.id);
    expect(prompts()[1]?.documents?.map(({ text }) => text)).toEqual([passages[1]?.text]);
    expect(prompts()[1]?.messages.at(-1)?.content).not.toContain('<documents>');
  });
});
