import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import {
  appWith,
  collection,
  documentSummary,
  documentView,
  model,
  withoutLayout,
} from '../../samples.fake.ts';
import ChatView from '../../views/chat/ChatView.svelte';
import DropTarget from '../shell/DropTarget.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const scope = { kind: 'some', collectionIds: ['c'], documentIds: ['d'] } as const;

const question: Message = {
  ...{ id: 'q', conversationId: 'k', parentId: null, role: 'user', status: 'complete' },
  ...{ text: 'What says @notes.md?', error: null, createdAt: 0, modelId: null, modelName: null },
  ...{ turnId: null, stats: null, sources: [], claims: [], support: null, scope },
};
const conversation = (messages: readonly Message[]): Conversation => ({
  ...{ id: 'k', title: 'The lease', pinned: false, modelId: null, createdAt: 0, updatedAt: 0 },
  ...{ messageCount: messages.length, systemPrompt: '', scope: { kind: 'all' }, use: 'passages' },
  ...{ leafId: messages.at(-1)?.id ?? null, messages },
});

async function open(messages: readonly Message[] = [], answers: FakeAnswers = {}) {
  const made = appWith({
    'models.list': () => [model()],
    'documents.collections': () => [collection()],
    'documents.list': () => [
      documentSummary(),
      documentSummary({ id: 'e', name: 'noted.txt', passages: 1 }),
      documentSummary({ id: 'f', name: 'not-read.pdf', state: 'failed', passages: 0 }),
    ],
    'documents.view': () => documentView(),
    'conversations.get': () => conversation(messages),
    'conversations.update': () => conversation(messages),
    'chat.send': () => ({ turnId: 't', userMessageId: 'u', assistantMessageId: 'a' }),
    ...answers,
  });
  made.app.router.openConversation('k');
  render(ChatView, { context: made.context });
  const box = (await screen.findByLabelText('Message')) as HTMLTextAreaElement;
  await waitFor(() => expect(made.app.collections.value).toHaveLength(1));
  const type = async (text: string) => {
    box.value = text;
    box.setSelectionRange(text.length, text.length);
    await fireEvent.input(box);
    await tick();
  };
  const key = (name: string) => fireEvent.keyDown(box, { key: name });
  return { ...made, box, type, key };
}

describe('naming documents with @', () => {
  it('offers documents and collections that were read, and says how many to a screen reader', async () => {
    const { box, type, key } = await open();
    await type('What says @no');
    const list = await screen.findByRole('listbox', { name: 'Documents and collections' });
    await waitFor(() => expect(within(list).getAllByRole('option')).toHaveLength(2));
    expect(box.getAttribute('role')).toBe('combobox');
    expect(box.getAttribute('aria-controls')).toBe(list.id);
    expect(screen.getByText('2 names, arrow keys choose')).toBeTruthy();
    const chosen = () => document.getElementById(box.getAttribute('aria-activedescendant') ?? '');
    expect(chosen()?.textContent).toContain('noted.txt');
    await key('ArrowDown');
    expect(chosen()?.textContent).toContain('notes.md');
    await key('Escape');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(box.hasAttribute('role')).toBe(false);
  });

  it('asks only what was named: several names make the scope of that question', async () => {
    const { fake, box, type, key } = await open();
    await type('Compare @notes');
    await screen.findByRole('option', { name: /notes\.md/ });
    await key('Enter');
    await waitFor(() => expect(box.value).toBe('Compare @notes.md '));
    await type('Compare @notes.md and @Lea');
    await fireEvent.click(await screen.findByRole('option', { name: /Lease/ }));
    await waitFor(() => expect(box.value).toBe('Compare @notes.md and @Lease '));
    expect(screen.getByRole('button', { name: 'Remove notes.md' })).toBeTruthy();
    await key('Enter');
    await waitFor(() =>
      expect(fake.calls.find(({ name }) => name === 'chat.send')?.args).toMatchObject({
        text: 'Compare @notes.md and @Lease',
        scope,
      }),
    );
  });

  it('drops a name with its words, and sends no scope then', async () => {
    const { fake, box, type, key } = await open();
    await type('Read @notes');
    await screen.findByRole('option', { name: /notes\.md/ });
    await key('Tab');
    await fireEvent.click(await screen.findByRole('button', { name: 'Remove notes.md' }));
    await waitFor(() => expect(box.value.trim()).toBe('Read'));
    await key('Enter');
    await waitFor(() => expect(fake.calls.map(({ name }) => name)).toContain('chat.send'));
    expect(fake.calls.find(({ name }) => name === 'chat.send')?.args).not.toHaveProperty('scope');
  });

  it('shows with a question what it asked, and names it again when the question is edited', async () => {
    const { app } = await open([question]);
    const article = (await screen.findByText('What says @notes.md?')).closest('article');
    if (!article) throw new Error('no question');
    const asked = within(article as HTMLElement);
    await fireEvent.click(await asked.findByRole('button', { name: 'notes.md' }));
    expect(app.evidence.shown?.documentId).toBe('d');
    await fireEvent.click(asked.getByRole('button', { name: 'Edit' }));
    expect(await screen.findByRole('button', { name: 'Remove notes.md' })).toBeTruthy();
  });
});

describe('dropping files', () => {
  const files = [new File(['a'], 'a.pdf'), new File(['b'], 'b.txt')];
  const drag = {
    types: ['Files'],
    files,
    items: files.map(() => ({ kind: 'file' })),
  };
  const start = async (answers: FakeAnswers = {}) => {
    const made = await open([], {
      'documents.add': () => ({ collectionId: 'c', taskId: 't', leftOut: [] }),
      ...answers,
    });
    render(DropTarget, { context: made.context });
    return made;
  };

  it('over a conversation: says so, adds them, and the conversation looks into them', async () => {
    const { fake } = await start();
    const pane = document.querySelector('[data-drop]') ?? document.body;
    await fireEvent.dragEnter(pane, { dataTransfer: drag });
    await fireEvent.dragOver(pane, { dataTransfer: drag });
    expect(screen.getByText('Drop to ask about them here')).toBeTruthy();
    expect(
      screen.getByText(/They are added to the library, and “The lease” looks into them/),
    ).toBeTruthy();
    await fireEvent.drop(pane, { dataTransfer: drag });
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'conversations.update',
        args: { id: 'k', scope: { kind: 'collection', collectionId: 'c' } },
      }),
    );
    const added = fake.calls.find(({ name }) => name === 'documents.add');
    expect(added?.args).toEqual({ paths: ['/dropped/a.pdf', '/dropped/b.txt'] });
    expect(screen.queryByText('Drop to ask about them here')).toBeNull();
  });

  it('elsewhere: adds them to the documents and leaves the conversation as it is', async () => {
    const { fake } = await start();
    await fireEvent.dragEnter(document.body, { dataTransfer: drag });
    await fireEvent.dragOver(document.body, { dataTransfer: drag });
    expect(screen.getByText('Drop to add to the library')).toBeTruthy();
    await fireEvent.drop(document.body, { dataTransfer: drag });
    await waitFor(() => expect(fake.calls.map(({ name }) => name)).toContain('documents.add'));
    expect(fake.calls.map(({ name }) => name)).not.toContain('conversations.update');
  });
});
