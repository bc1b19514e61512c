import { afterEach, describe, expect, it } from 'vitest';
import type { FakeScript } from '../../electron/engine/fake.ts';
import type { GenerateRequest } from '../../electron/engine/port.ts';
import type {
  Conversation,
  DocumentUse,
  Message,
  TurnEvent,
} from '../../electron/ipc/contract/index.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import { sql } from '../../electron/storage/sql.ts';
import { hit, lastEvent, readTurn, readUntil, setUp } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

let running: Setup | null = null;
afterEach(async () => {
  await running?.end();
  running = null;
});

const isPart = ({ purpose }: GenerateRequest): boolean => purpose?.kind === 'part';
const textsOf = ({ prompt }: GenerateRequest): string =>
  (prompt.documents ?? []).map(({ text }) => text).join('\n');

/** Documents each answer with their own first sentence; what they came to is put together as "Together." */
function begin(
  documents: readonly (readonly [name: string, text: string])[],
  options: Parameters<typeof setUp>[0] = {},
): Setup {
  const setup = setUp({
    contextSize: 2048,
    ...options,
    script: {
      answer: (request) => {
        if (!isPart(request))
          return 'The lease of the mill ends in 2031. The lease of the dock ends in 2040.';
        const text = textsOf(request);
        return text.includes('ends')
          ? (/[^.]*ends[^.]*\./.exec(text)?.[0] ?? '')
          : 'Not in this document.';
      },
      ...options.script,
    },
  });
  running = setup;
  setup.db.run(sql`INSERT INTO collections (id, name, created_at) VALUES ('c', 'Papers', 1)`);
  documents.forEach(([name, text], index) => {
    const passages = text === '' ? 0 : 1;
    setup.db
      .run(sql`INSERT INTO documents (id, collection_id, name, path, format, bytes, modified_at, sha256,
        state, characters, passages, added_at)
      VALUES (${name}, 'c', ${`${name}.pdf`}, ${`/docs/${name}`}, 'pdf', 1, 1, ${`sha-${name}`}, 'ready',
        ${text.length}, ${passages}, ${index})`);
    if (text === '') return;
    setup.db.run(sql`INSERT INTO document_pages (document_id, page, start, text, spans, headings)
      VALUES (${name}, 1, 0, ${text}, '[]', '[]')`);
    let start = 0;
    for (const [ordinal, piece] of (text.match(/[\s\S]{1,1200}/g) ?? []).entries()) {
      setup.db.run(sql`INSERT INTO passages (id, document_id, ordinal, page, start, "end", text)
        VALUES (${`${name}-${ordinal}`}, ${name}, ${ordinal}, 1, ${start}, ${start + piece.length}, ${piece})`);
      start += piece.length;
    }
  });
  return setup;
}

/** Documents say whether their lease ends, and no more; put together they come to `together`. */
const combining = (together: string): FakeScript => ({
  answer: (request) => {
    if (!isPart(request)) return together;
    return textsOf(request).includes('ends') ? 'The lease ends.' : 'Not in this document.';
  },
});

const leases = [
  ['mill', 'The lease of the mill ends in 2031. It is made of stone.'],
  ['dock', 'The lease of the dock ends in 2040. It is made of wood.'],
  ['barn', 'The barn was painted red. Nobody rents it.'],
  ['scan', ''],
  ['hall', 'The hall holds 300 chairs. It has no windows.'],
  ['tower', 'The tower is 40 metres high. Its clock is wrong.'],
] as const;

const create = (setup: Setup, use?: DocumentUse): Conversation =>
  setup.chat.handlers['conversations.create']({
    scope: { kind: 'all' },
    ...(use && { use }),
  }) as Conversation;

async function ask(
  { chat }: Setup,
  conversationId: string,
  text: string,
  more: { parentId?: string | null; mode?: 'passages' | 'across' } = {},
): Promise<{ message: Message; events: TurnEvent[]; turnId: string }> {
  const { parentId = null, mode } = more;
  const { turnId } = await chat.handlers['chat.send']({
    ...{ conversationId, parentId, text },
    ...(mode && { mode }),
  });
  const events = await readTurn(chat, turnId);
  const last = lastEvent(events);
  if (!('message' in last) || last.message === null) throw new Error(last.type);
  return { message: last.message, events: events.map(({ event }) => event), turnId };
}
const requests = (setup: Setup) => setup.launcher.engines[0]?.generated ?? [];

describe('a question across many documents (open-webui#12655, lmstudio#717)', () => {
  it('asks each by itself, puts the answers together and cites the documents themselves', async () => {
    const setup = begin(leases);
    const { message, events } = await ask(
      setup,
      create(setup).id,
      'When does each lease document end?',
    );
    expect(message.facts?.mode).toMatchObject({
      mode: 'across',
      isAutomatic: true,
      reason: 'each-apart',
    });
    expect(
      message.facts?.across?.parts.map(({ documentId, state }) => [documentId, state]),
    ).toEqual([
      ['mill', 'answered'],
      ['dock', 'answered'],
      ['barn', 'nothing'],
      ['scan', 'not-read'],
      ['hall', 'nothing'],
      ['tower', 'nothing'],
    ]);
    // Each citation is of its own document, not of the first one.
    expect(message.claims.map(({ citation }) => citation?.documentName)).toEqual([
      'mill.pdf',
      'dock.pdf',
    ]);
    expect(message.claims[1]?.citation).toMatchObject({
      start: 0,
      quote: leases[1][1].slice(0, 35),
    });
    expect(message.sources.map(({ documentId }) => documentId)).toEqual(['mill', 'dock']);
    const parts = requests(setup).filter(isPart);
    expect(parts).toHaveLength(5);
    expect(new Set(parts.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(parts[0]?.sessionId).not.toBe(message.conversationId);
    expect(parts.every(({ priority }) => priority === 'background')).toBe(true);
    expect(setup.launcher.engines[0]?.forgotten).toContain(parts[0]?.sessionId);
    const progress = events.flatMap((event) => (event.type === 'across' ? [event] : []));
    // The scan has no text: it is told at the start, and not counted as asked.
    expect(progress[0]).toMatchObject({ done: 0, total: 5 });
    expect(progress.at(-1)).toMatchObject({ done: 5, total: 5, isCombining: true });
    expect(setup.leased()).toBe(0);
  });

  it('counts the documents for the model, and does not hold its own count against the answer', async () => {
    const setup = begin(leases, { script: combining('2 of 5 documents answer the question.') });
    const { message } = await ask(
      setup,
      create(setup).id,
      'How many documents have a lease that ends?',
    );
    const combined = requests(setup).find((request) => !isPart(request));
    expect(combined?.prompt.messages.at(-1)?.content).toContain(
      '2 of 5 documents answer the question',
    );
    expect(message.claims).toEqual([]);
  });

  it('what it counted itself supports no other sentence', async () => {
    const setup = begin(leases, {
      script: combining('2 of 5 documents answer the question. The roof of the chapel is blue.'),
    });
    const { message } = await ask(
      setup,
      create(setup).id,
      'Which documents have a lease that ends?',
      {
        mode: 'across',
      },
    );
    expect(message.claims.map(({ state }) => state)).toEqual(['unsupported']);
    expect(message.support).toBe('unsupported');
  });

  it('gives the one answer of the only document that has any, without another prompt', async () => {
    const setup = begin(leases.slice(1));
    const { message } = await ask(setup, create(setup).id, 'When does each lease document end?', {
      mode: 'across',
    });
    expect(message.text).toBe('The lease of the dock ends in 2040.');
    expect(message.support).toBe('supported');
    expect(requests(setup).every(isPart)).toBe(true);
  });

  it('says so when no document answers, with what was searched', async () => {
    const setup = begin(leases.slice(2));
    setup.found = [hit(leases[2][1], { documentId: 'barn', coverage: 0.1 })];
    const { message } = await ask(
      setup,
      create(setup, 'across').id,
      'When does each document end?',
    );
    expect(message).toMatchObject({ text: '', support: 'not-in-documents', status: 'complete' });
    expect(message.facts?.searched).toMatchObject({
      documents: 2,
      nearest: [{ documentId: 'barn' }],
    });
  });

  it('keeps what there is when it is stopped, and lists what was not asked', async () => {
    const setup = begin(leases, { script: { pieceMs: 15 } });
    const { id } = create(setup);
    const { turnId } = await setup.chat.handlers['chat.send']({
      conversationId: id,
      parentId: null,
      text: 'When does each lease document end?',
    });
    await readUntil(
      setup.chat,
      turnId,
      (event) =>
        event.type === 'across' &&
        event.parts.some(({ state, documentId }) => documentId === 'dock' && state === 'reading'),
    );
    await setup.chat.handlers['chat.stop']({ turnId });
    const last = lastEvent(await readTurn(setup.chat, turnId));
    if (last.type !== 'stopped') throw new Error(last.type);
    expect(last.message.text).toContain('The lease of the mill ends in 2031.');
    expect(last.message.claims.some(({ citation }) => citation?.documentId === 'mill')).toBe(true);
    const states = last.message.facts?.across?.parts.map(({ state }) => state) ?? [];
    expect(states[0]).toBe('answered');
    expect(states.at(-1)).toBe('stopped');
    expect(setup.leased()).toBe(0);
  });

  it('loses one document to a failure, not the answer', async () => {
    const setup = begin(leases, {
      script: {
        answer: (request) => {
          if (!isPart(request)) return 'Mill ends in 2031 and tower is 40 metres high.';
          const text = textsOf(request);
          if (text.includes('dock')) throw new AppError('internal', 'broken');
          return text.includes('ends') || text.includes('high')
            ? text.split('. ')[0] + '.'
            : 'Not in this document.';
        },
      },
    });
    const { message } = await ask(setup, create(setup).id, 'When does each lease document end?');
    expect(message.status).toBe('complete');
    expect(message.facts?.across?.parts[1]).toMatchObject({ state: 'failed', error: 'internal' });
    expect(message.facts?.across?.parts[5]).toMatchObject({ state: 'answered' });
  });

  it('fails when the model’s process ends, with what the documents said kept', async () => {
    const setup = begin(leases, { script: { crashAfterPieces: 5 } });
    const { message } = await ask(setup, create(setup).id, 'When does each lease document end?');
    expect(message).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
    expect(message.facts?.across?.parts[0]?.state).toBe('failed');
  });

  it('reads a long document in stretches for a summary, and says what it did not read', async () => {
    const long = 'The river ends in a lake. '.repeat(150);
    const setup = begin([['long', long]], { contextSize: 512 });
    const { message } = await ask(setup, create(setup).id, 'Summarise this document.');
    expect(message.facts?.mode).toMatchObject({ mode: 'across', reason: 'overview-apart' });
    const parts = requests(setup).filter(isPart);
    expect(parts.length).toBeGreaterThan(1);
    const seen = parts.map(textsOf).join('');
    expect(seen.match(/The river/g)?.length).toBeGreaterThanOrEqual(140);
    expect(message.facts?.across?.parts[0]).toMatchObject({
      state: 'answered',
      seen: 'all',
      leftOut: 0,
    });
  });

  it('takes the passages found in a document that is too long for a question about one thing', async () => {
    const setup = begin([['long', 'word '.repeat(3000)], ...leases.slice(2, 3)], {
      contextSize: 512,
    });
    setup.found = [
      hit('The lease of the mill ends in 2031.', {
        documentId: 'long',
        passageId: 'long-0',
        start: 0,
        end: 35,
      }),
    ];
    const { message } = await ask(
      setup,
      create(setup).id,
      'Which documents say when the lease ends?',
    );
    expect(message.facts?.across?.parts[0]).toMatchObject({ state: 'answered', seen: 'passages' });
    expect(message.facts?.across?.parts[0]?.leftOut).toBeGreaterThan(0);
  });

  it('puts answers together in batches where they do not fit, and says what still does not', async () => {
    const many = Array.from(
      { length: 12 },
      (_, n) => [`d${n}`, `The lease of house ${n} ends in 20${n + 10}.`] as const,
    );
    const setup = begin(many, {
      contextSize: 400,
      script: {
        answer: (request) =>
          isPart(request) ? `House ${'so '.repeat(40)} ends soon.` : 'All end.',
      },
    });
    const { message } = await ask(setup, create(setup).id, 'When does each lease document end?');
    expect(message.status).toBe('complete');
    expect(message.facts?.across?.batches?.length).toBeGreaterThan(0);
    expect(message.stats?.promptTokens).toBeLessThanOrEqual(300);
  });

  it('is asked again with passages, beside the first answer', async () => {
    const setup = begin(leases);
    setup.found = [
      hit('The lease of the mill ends in 2031.', {
        documentId: 'mill',
        passageId: 'mill-0',
        start: 0,
        end: 35,
      }),
    ];
    const first = await ask(setup, create(setup).id, 'When does each lease document end?');
    const { turnId } = await setup.chat.handlers['chat.regenerate']({
      messageId: first.message.id,
      mode: 'passages',
    });
    const last = lastEvent(await readTurn(setup.chat, turnId));
    if (last.type !== 'done') throw new Error(last.type);
    expect(last.message.parentId).toBe(first.message.parentId);
    expect(last.message.facts?.mode).toMatchObject({
      mode: 'passages',
      reason: 'chosen',
      isAutomatic: false,
    });
  });

  it('is gone on from: the next question stands behind what the documents said', async () => {
    const setup = begin(leases);
    const { id } = create(setup);
    const first = await ask(setup, id, 'When does each lease document end?');
    setup.found = [
      hit('The hall holds 300 chairs.', {
        documentId: 'hall',
        passageId: 'hall-0',
        start: 0,
        end: 26,
      }),
    ];
    const second = await ask(setup, id, 'How many chairs are there?', {
      parentId: first.message.id,
    });
    expect(second.message.facts?.mode?.mode).toBe('passages');
    const [before, now] = requests(setup).filter((request) => !isPart(request));
    const render = async (request: GenerateRequest | undefined) =>
      String(await setup.launcher.engines[0]?.render(request!.prompt));
    expect((await render(now)).startsWith(await render(before))).toBe(true);
    expect(second.message.stats?.keptTokens).toBeGreaterThan(
      first.message.stats?.promptTokens ?? Infinity,
    );
  });
});
