import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  Claim,
  Conversation,
  Message,
  Model,
  Numbered,
  Settings,
  Source,
  TurnEvent,
} from '../../../../electron/ipc/contract/index.ts';
import { fakeApi, refusal } from '../../api.fake.ts';
import type { FakeApi } from '../../api.fake.ts';
import { message } from '../../samples.fake.ts';
import { appKey, createApp } from '../../state/app.svelte.ts';
import type { App } from '../../state/app.svelte.ts';
import ChatView from '../../views/chat/ChatView.svelte';

beforeAll(() => {
  configure({ asyncUtilTimeout: 30_000 });
  // jsdom has no layout, and so neither of these.
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  Element.prototype.scrollIntoView ??= () => undefined;
});

const answer = 'It ends on 3 March 2027. The landlord may agree.';
const citation = {
  sourceNumber: 2,
  documentId: 'd',
  documentName: 'lease.pdf',
  page: 41,
  heading: null,
  quote: 'ends on 3 March 2027',
  start: 10,
  end: 30,
};
const claims: Claim[] = [
  { start: 0, end: 24, state: 'supported', citation },
  { start: 25, end: answer.length, state: 'unsupported', citation: null },
];
const stats = {
  promptTokens: 416,
  keptTokens: 96,
  readTokens: 320,
  answerTokens: 20,
  firstTokenMs: 310,
  tokensPerSecond: 41.2,
  contextUsed: 436,
  contextSize: 14_000,
  threads: 1,
  droppedMessages: 0,
  droppedPassages: 2,
};

const mini = {
  id: 'mini',
  name: 'Miniature (demo)',
  origin: 'builtin',
  missing: false,
  predictedBytes: 84_000_000,
  loaded: null,
  header: { isShape: false },
} as Model;
const settings = { theme: 'light', locale: 'en', textSize: 15, welcomed: true } as Settings;

let fake: FakeApi;
let app: App;
let conversation: Conversation;
let seq = 0;

function emit(...events: TurnEvent[]) {
  for (const event of events) {
    seq += 1;
    fake.emit('turn', 't1', { seq, event } satisfies Numbered<TurnEvent>);
  }
}

function open(messages: readonly Message[], leafId: string | null, id: string | null = 'c') {
  conversation = {
    id: 'c',
    title: 'Lease',
    pinned: false,
    modelId: 'mini',
    createdAt: 0,
    updatedAt: 0,
    messageCount: messages.length,
    systemPrompt: '',
    scope: { kind: 'none' },
    use: 'passages',
    leafId,
    messages,
  };
  app = createApp(fake.api);
  app.router.openConversation(id);
  render(ChatView, { context: new Map([[appKey, app]]) });
}

const user = message('u1', null, { text: 'When does the lease end?' });
const written = message('a1', 'u1', {
  role: 'assistant',
  text: answer,
  claims,
  stats,
  support: 'partly',
  modelName: 'Miniature (demo)',
});

beforeEach(() => {
  seq = 0;
  fake = fakeApi({
    'shell.coreStatus': () => ({ state: 'ready', restarts: 0, error: null }),
    'settings.get': () => settings,
    'tasks.list': () => [],
    'models.list': () => [mini],
    'documents.collections': () => [],
    'conversations.list': () => [conversation],
    'conversations.get': () => conversation,
    'chat.stop': () => null,
  });
});

afterEach(() => {
  cleanup();
  app.close();
});

/** The words beside the spinner, not the ones for screen readers. */
const busy = { selector: '.busy' };
const composer = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
const callsOf = (name: string) =>
  fake.calls.filter((call) => call.name === name).map(({ args }) => args);

async function type(text: string) {
  await fireEvent.input(composer(), { target: { value: text } });
}

describe('an answer', () => {
  it('names its citations, opens them, and marks what is not supported', async () => {
    open([user, written], 'a1');
    const chip = await screen.findByRole('button', { name: 'Citation 1: lease.pdf, page 41' });
    await fireEvent.click(chip);
    expect(app.evidence.shown).toMatchObject({ documentId: 'd', page: 41, start: 10, end: 30 });
    expect(document.querySelector('.unsupported')?.textContent).toBe('The landlord may agree.');
    expect(screen.getByRole('button', { name: 'Not supported by the documents' })).toBeTruthy();
  });

  it('says of words that were recognised in a picture that they may be wrong', async () => {
    const source = { number: 2, isRecognised: true, text: 'ends on 3 March 2027' } as Source;
    open([user, { ...written, sources: [source] }], 'a1');
    const name = 'Citation 1: lease.pdf, page 41. Recognised text: may contain errors';
    expect(await screen.findByRole('button', { name })).toBeTruthy();
    expect(screen.getByText('recognised text')).toBeTruthy();
  });

  it('says in one line how it came about', async () => {
    open([user, written], 'a1');
    const line = (await screen.findByText('Partly supported')).closest('p');
    expect(line?.textContent?.replace(/\s+/g, ' ').trim()).toBe(
      'Partly supported 41.2 tok/s 0.31 s to first token 320 tokens read, 96 kept 2 passages left out Miniature (demo)',
    );
    expect(screen.getByRole('button', { name: 'context 3%' })).toBeTruthy();
  });

  it('says first that the documents contradict it', async () => {
    const [first, ...others] = claims;
    if (first === undefined) throw new Error('no claim');
    open([user, { ...written, claims: [{ ...first, state: 'contradicted' }, ...others] }], 'a1');
    expect(await screen.findByText('Contradicts the documents')).toBeTruthy();
    expect(screen.queryByText('Partly supported')).toBeNull();
  });

  it('says so when the documents hold nothing, without a mark on each sentence', async () => {
    const text = 'The documents do not contain the answer to that question.';
    const claim: Claim = { start: 0, end: text.length, state: 'unsupported', citation: null };
    const none = { text, claims: [claim], support: 'not-in-documents' as const };
    open([user, { ...written, ...none }], 'a1');
    expect(await screen.findByText('Not in the documents')).toBeTruthy();
    expect(document.querySelector('.unsupported')).toBeNull();
  });

  it('that failed keeps its text, says why and tries again', async () => {
    const failed = {
      status: 'failed' as const,
      error: { code: 'engine-crashed' as const, message: '' },
    };
    open([user, { ...written, ...failed, claims: [] }], 'a1');
    fake.answers['chat.regenerate'] = () => {
      throw refusal('model-busy');
    };
    expect(
      await screen.findByText('The engine stopped before the answer was finished'),
    ).toBeTruthy();
    expect(screen.getByText(answer)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(callsOf('chat.regenerate')).toEqual([{ messageId: 'a1' }]);
    await waitFor(() => expect(app.toasts.list[0]?.text).toContain('The model is answering'));
  });
});

describe('the composer', () => {
  it('sends with Enter, breaks the line with Shift+Enter, leaves the input method alone', async () => {
    open([user, written], 'a1');
    await screen.findByText('Partly supported');
    fake.answers['chat.send'] = () => ({
      turnId: 't1',
      userMessageId: 'u2',
      assistantMessageId: 'a2',
    });
    await type('  And the rent?  ');
    await fireEvent.keyDown(composer(), { key: 'Enter', shiftKey: true });
    await fireEvent.keyDown(composer(), { key: 'Enter', isComposing: true });
    expect(callsOf('chat.send')).toEqual([]);
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(callsOf('chat.send')).toEqual([
      { conversationId: 'c', parentId: 'a1', text: 'And the rent?' },
    ]);
    await waitFor(() => expect(composer().value).toBe(''));
  });

  it('keeps the words when sending was refused', async () => {
    open([user, written], 'a1');
    await screen.findByText('Partly supported');
    fake.answers['chat.send'] = () => {
      throw refusal('core-unavailable');
    };
    await type('And the rent?');
    await fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    await waitFor(() => expect(app.toasts.list).toHaveLength(1));
    expect(composer().value).toBe('And the rent?');
  });

  it('does not send nothing', async () => {
    open([user, written], 'a1');
    await type('   ');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(callsOf('chat.send')).toEqual([]);
  });

  it('edits the last message with Up, as a sibling, and gives up with Esc', async () => {
    open([user, written], 'a1');
    await screen.findByText('Partly supported');
    await fireEvent.keyDown(composer(), { key: 'ArrowUp' });
    expect(composer().value).toBe('When does the lease end?');
    await fireEvent.keyDown(composer(), { key: 'Escape' });
    expect(composer().value).toBe('');
    await fireEvent.keyDown(composer(), { key: 'ArrowUp' });
    fake.answers['chat.send'] = () => ({
      turnId: 't1',
      userMessageId: 'u2',
      assistantMessageId: 'a2',
    });
    await type('When does it begin?');
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    expect(callsOf('chat.send')).toEqual([
      { conversationId: 'c', parentId: null, text: 'When does it begin?' },
    ]);
  });

  it('makes the conversation with the first message', async () => {
    conversation = { id: 'c', title: '', updatedAt: 0 } as Conversation;
    open([], null, null);
    fake.answers['conversations.create'] = () => conversation;
    fake.answers['chat.send'] = () => ({
      turnId: 't1',
      userMessageId: 'u1',
      assistantMessageId: 'a1',
    });
    await screen.findByRole('button', { name: 'Model: Miniature (demo)' });
    await type('Hello');
    await fireEvent.keyDown(composer(), { key: 'Enter' });
    await waitFor(() => expect(app.router.conversationId).toBe('c'));
    expect(callsOf('conversations.create')).toEqual([
      { scope: { kind: 'none' }, use: 'auto', modelId: 'mini' },
    ]);
    expect(callsOf('chat.send')).toEqual([{ conversationId: 'c', parentId: null, text: 'Hello' }]);
  });
});

describe('a running turn', () => {
  const running = message('a1', 'u1', {
    role: 'assistant',
    text: '',
    status: 'streaming',
    turnId: 't1',
  });

  it('is followed from its start, in words with numbers, then as text', async () => {
    open([user, running], 'a1');
    expect(await screen.findByText('Starting', busy)).toBeTruthy();
    emit({ type: 'loading', modelId: 'mini', fraction: 0.4 });
    expect(await screen.findByText('Loading Miniature (demo), 40%', busy)).toBeTruthy();
    emit({ type: 'reading', done: 320, total: 704, kept: 96 });
    expect(await screen.findByText('Reading 320 of 704 tokens, 96 kept', busy)).toBeTruthy();
    emit({ type: 'text', text: 'It ends ' }, { type: 'text', text: 'on **3 March**' });
    expect((await screen.findByText('3 March')).localName).toBe('strong');
    conversation = { ...conversation, messages: [user, written] };
    emit({ type: 'done', message: written });
    expect(await screen.findByText('Partly supported')).toBeTruthy();
    expect(fake.readers('turn', 't1')).toBe(0);
  });

  it('is stopped with Esc or the button, and cannot be sent into', async () => {
    open([user, running], 'a1');
    await fireEvent.click(await screen.findByRole('button', { name: 'Stop' }));
    await fireEvent.keyDown(composer(), { key: 'Escape' });
    expect(callsOf('chat.stop')).toEqual([{ turnId: 't1' }, { turnId: 't1' }]);
    expect(screen.queryByRole('button', { name: 'Send' })).toBeNull();
    emit({ type: 'text', text: 'Half' });
    emit({ type: 'stopped', message: { ...running, text: 'Half', status: 'stopped' } });
    expect(
      await screen.findByText('Stopped. What was written is kept.', { selector: '.stopped p' }),
    ).toBeTruthy();
    expect(screen.getByText('Half')).toBeTruthy();
  });

  it('ends in words when the engine goes away, with the text so far', async () => {
    open([user, running], 'a1');
    await screen.findByText('Starting', busy);
    emit({ type: 'text', text: 'It ends' });
    emit({ type: 'failed', error: { code: 'engine-crashed', message: '' }, message: null });
    expect(
      await screen.findByText('The engine stopped before the answer was finished'),
    ).toBeTruthy();
    expect(screen.getByText('It ends')).toBeTruthy();
  });

  it('goes on from its last number when CORE was started again', async () => {
    open([user, running], 'a1');
    await screen.findByText('Starting', busy);
    emit({ type: 'text', text: 'One ' });
    conversation = {
      ...conversation,
      messages: [
        user,
        {
          ...running,
          text: 'One',
          status: 'failed',
          error: { code: 'core-unavailable', message: '' },
        },
      ],
    };
    fake.push('shell.core', { state: 'ready', restarts: 1, error: null });
    expect(await screen.findByText('Quarry is starting again')).toBeTruthy();
    expect(fake.readers('turn', 't1')).toBe(0);
  });

  it('is told to screen readers once a phase and once at the end, not word by word', async () => {
    open([user, running], 'a1');
    await screen.findByText('Starting', { selector: '[aria-live]' });
    const live = document.querySelector('[aria-live="polite"][aria-atomic]');
    emit({ type: 'text', text: 'It ' });
    await screen.findByText('It');
    expect(live?.textContent).toBe('Writing');
    emit({ type: 'text', text: 'ends' });
    await screen.findByText('It ends');
    expect(live?.textContent).toBe('Writing');
    emit({ type: 'done', message: { ...written, text: 'It **ends**.', claims: [] } });
    await waitFor(() => expect(live?.textContent).toBe('Answer: It ends.'));
  });
});

describe('versions', () => {
  it('lead to the other answer', async () => {
    const other = { ...written, id: 'a2' };
    open([user, written, other], 'a2');
    fake.answers['conversations.update'] = () => conversation;
    await screen.findByRole('img', { name: 'Version 2 of 2' });
    await fireEvent.click(screen.getByRole('button', { name: 'Previous version' }));
    expect(callsOf('conversations.update')).toEqual([{ id: 'c', showMessageId: 'a1' }]);
  });
});

describe('the list', () => {
  it('finds, marks and opens at the message', async () => {
    open([user, written], 'a1');
    fake.answers['conversations.search'] = () => [
      {
        conversationId: 'c',
        title: 'Lease',
        messageId: 'a1',
        snippet: 'the lease ends',
        marks: [[4, 9]],
        createdAt: Date.now(),
      },
    ];
    fake.answers['conversations.update'] = () => conversation;
    await fireEvent.input(screen.getByRole('searchbox', { name: 'Search conversations' }), {
      target: { value: 'lease' },
    });
    const hit = await screen.findByText('lease', { selector: 'mark' });
    await fireEvent.click(hit);
    expect(callsOf('conversations.update')).toEqual([{ id: 'c', showMessageId: 'a1' }]);
  });

  it('deletes with Delete and brings back with undo', async () => {
    open([user, written], 'a1');
    fake.answers['conversations.remove'] = () => null;
    fake.answers['conversations.restore'] = () => null;
    const row = await screen.findByRole('button', { name: 'Lease', current: true });
    await fireEvent.keyDown(row, { key: 'Delete' });
    await waitFor(() => expect(app.toasts.list[0]?.action?.label).toBe('Undo'));
    expect(app.router.conversationId).toBeNull();
    app.toasts.list[0]?.action?.run();
    await waitFor(() => expect(app.router.conversationId).toBe('c'));
    expect(callsOf('conversations.restore')).toEqual([{ id: 'c' }]);
  });

  it('renames with F2', async () => {
    open([user, written], 'a1');
    fake.answers['conversations.update'] = () => conversation;
    const row = await screen.findByRole('button', { name: 'Lease', current: true });
    await fireEvent.keyDown(row, { key: 'F2' });
    const field = await screen.findByRole('textbox', { name: 'Title' });
    await fireEvent.input(field, { target: { value: ' The lease ' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(callsOf('conversations.update')).toEqual([{ id: 'c', title: 'The lease' }]);
  });
});
