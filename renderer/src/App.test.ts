import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  ConversationActivity,
  ConversationSummary,
  Settings,
} from '../../electron/ipc/contract/index.ts';
import { fakeApi } from './api.fake.ts';
import type { FakeApi } from './api.fake.ts';
import AppShell from './App.svelte';
import { createApp } from './state/app.svelte.ts';
import type { App } from './state/app.svelte.ts';

beforeAll(() => {
  // Views are loaded when first shown; on a busy machine that takes longer than a second.
  configure({ asyncUtilTimeout: 30_000 });
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});

let fake: FakeApi;
let app: App;
let settings: Settings;

beforeEach(() => {
  settings = { theme: 'dark', locale: 'en', textSize: 17, welcomed: true } as Settings;
  fake = fakeApi({
    'shell.coreStatus': () => ({ state: 'ready', restarts: 0, error: null }),
    'settings.get': () => settings,
    'settings.set': ({ values }) => (settings = { ...settings, ...values }),
    'tasks.list': () => [],
    'models.list': () => [],
    'models.catalog': () => ({
      asOf: '2026-11-22',
      machine: { total: 2 ** 34, available: 2 ** 33, capacity: 2 ** 33 },
      ...{ context: 32_768, sessions: 1, entries: [], pick: null },
    }),
    'memory.loaded': () => [],
    'documents.collections': () => [],
    'conversations.list': () => [],
  });
});

afterEach(() => {
  cleanup();
  app.close();
});

function show() {
  app = createApp(fake.api);
  render(AppShell, { app });
}

describe('the window', () => {
  it('takes theme and text size from the settings', async () => {
    show();
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    expect(document.documentElement.style.fontSize).toBe('17px');
  });

  it('begins with the first steps once, and never again after Skip', async () => {
    settings = { ...settings, welcomed: false };
    show();
    await fireEvent.click(await screen.findByRole('button', { name: 'Skip' }));
    await waitFor(() => expect(settings.welcomed).toBe(true));
    expect(app.router.view).toBe('chat');
  });

  it('does what the menu and the keyboard say', async () => {
    show();
    fake.push('shell.command', { command: 'shortcuts' });
    expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
    app.dialogs.close();
    await fireEvent.keyDown(window, { key: '/', ctrlKey: true });
    expect(app.dialogs.open?.kind).toBe('shortcuts');
    app.dialogs.close();
    fake.push('shell.command', { command: 'welcome' });
    expect(await screen.findByRole('heading', { name: 'Welcome to Quarry' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Chat' }).getAttribute('aria-current')).toBeNull();
    await fireEvent.keyDown(window, { key: '1', ctrlKey: true });
    expect(screen.getByRole('link', { name: 'Chat' }).getAttribute('aria-current')).toBe('page');
  });

  it('says when the part behind it starts again, and offers to start it', async () => {
    show();
    await screen.findByText('No model in memory');
    fake.push('shell.core', { state: 'restarting', restarts: 1, error: null });
    expect(await screen.findByText(/starting again after a fault/)).toBeTruthy();
    const error = { code: 'database-newer' as const, message: '' };
    fake.push('shell.core', { state: 'failed', restarts: 1, error });
    expect(await screen.findByText(/made by a newer Quarry/)).toBeTruthy();
    fake.answers['shell.restartCore'] = () => null;
    await fireEvent.click(screen.getByRole('button', { name: 'Start again' }));
    expect(fake.calls.some(({ name }) => name === 'shell.restartCore')).toBe(true);
    fake.push('shell.core', { state: 'ready', restarts: 2, error: null });
    await waitFor(() => expect(screen.queryByText(/made by a newer Quarry/)).toBeNull());
  });

  it('puts dropped documents into the library and asks about a dropped model', async () => {
    show();
    fake.answers['documents.add'] = () => ({ collectionId: 'k', taskId: 't', leftOut: [] });
    fake.answers['models.inspect'] = () => {
      throw new Error('not needed here');
    };
    const files = [new File([], 'lease.pdf'), new File([], 'tiny.gguf')];
    await fireEvent.drop(window, { dataTransfer: { types: ['Files'], files } });
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'documents.add',
        args: { paths: ['/dropped/lease.pdf'] },
      }),
    );
    expect(app.dialogs.open).toEqual({ kind: 'import-model', path: '/dropped/tiny.gguf' });
  });

  it('says which conversations are answered, wait, or have a new answer', async () => {
    const summary = (id: string, state?: ConversationActivity | 'new'): ConversationSummary => ({
      ...{ id, title: `About ${id}`, pinned: false, modelId: null, messageCount: 2 },
      ...{ createdAt: Date.now(), updatedAt: Date.now() },
      ...(state === 'new' ? { hasNewAnswer: true } : state && { activity: state }),
    });
    let list = [summary('a', 'answering'), summary('b', 'waiting'), summary('c', 'asking')];
    fake.answers['conversations.list'] = () => list;
    show();
    const row = (name: string) => screen.findByRole('button', { name });
    expect(await row('About a (being answered)')).toBeTruthy();
    expect(await row('About b (waits for its turn)')).toBeTruthy();
    expect(await row('About c (asks for your permission)')).toBeTruthy();
    list = [summary('a', 'new'), summary('b', 'answering'), summary('c', 'asking')];
    fake.push('conversations.changed', { conversationId: 'a' });
    expect(await row('About a (new answer)')).toBeTruthy();
    expect(await screen.findByText('1 conversation has a new answer')).toBeTruthy();
    fake.answers['conversations.get'] = () => new Promise(() => {});
    fake.answers['conversations.seen'] = () => null;
    await fireEvent.click(await row('About a (new answer)'));
    expect(await row('About a')).toBeTruthy();
    expect(screen.queryByText('1 conversation has a new answer')).toBeNull();
    expect(fake.calls).toContainEqual({ name: 'conversations.seen', args: { id: 'a' } });
  });

  it('shows an address before it opens one', async () => {
    show();
    fake.answers['shell.openExternal'] = () => null;
    app.dialogs.ask({ kind: 'link', url: 'https://a.example/very/long?x=1' });
    expect(await screen.findByText('https://a.example/very/long?x=1')).toBeTruthy();
    expect(fake.calls.some(({ name }) => name === 'shell.openExternal')).toBe(false);
    await fireEvent.click(screen.getByRole('button', { name: 'Open in browser' }));
    expect(fake.calls).toContainEqual({
      name: 'shell.openExternal',
      args: { url: 'https://a.example/very/long?x=1' },
    });
  });

  it('gives the focus back when the evidence is closed', async () => {
    show();
    const opener = await screen.findByRole('button', { name: 'New conversation' });
    opener.focus();
    fake.answers['documents.view'] = () => {
      throw new Error('not needed here');
    };
    app.evidence.open({ documentId: 'd', documentName: 'lease.pdf', page: 3 });
    const pane = await screen.findByRole('complementary', { name: 'Evidence' });
    await waitFor(() => expect(document.activeElement).toBe(pane));
    await fireEvent.keyDown(pane, { key: 'Escape' });
    expect(app.evidence.shown).toBeNull();
    expect(document.activeElement).toBe(opener);
  });
});
