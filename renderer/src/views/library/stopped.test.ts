import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WatchState } from '../../../../electron/ipc/contract/index.ts';
import TaskStrip from '../../components/shell/TaskStrip.svelte';
import {
  appWith,
  collection,
  documentSummary,
  task,
  watchState,
  withoutLayout,
} from '../../samples.fake.ts';
import LibraryView from './LibraryView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const stopped = documentSummary({
  ...{ id: 's', name: 'stopped.txt', collectionId: 'c', state: 'stopped' },
});
const waiting = documentSummary({
  ...{ id: 'w', name: 'waiting.txt', collectionId: 'folder', state: 'waiting' },
});

function open(states: readonly WatchState[] = []) {
  const made = appWith({
    'documents.collections': () => [
      collection({ stoppedCount: 1 }),
      collection({ id: 'folder', name: 'Papers', folder: '/home/a/Papers' }),
    ],
    'documents.list': () => [stopped, waiting],
    'documents.watchState': () => states,
    'documents.tryAgain': () => ({ documents: 1 }),
    'documents.resume': () => null,
  });
  render(LibraryView, { context: made.context });
  return made;
}

describe('documents that a stop left unread', () => {
  it('stay listed as such, without a fault, and are read when a person says so', async () => {
    const { fake } = open([
      watchState({ collectionId: 'folder', phase: 'paused', paused: 'this' }),
    ]);
    await screen.findByText('2 documents are not read, because reading was stopped');
    const row = screen.getByRole('row', { name: /stopped\.txt/ });
    expect(row.textContent).toContain('not read, stopped');
    expect(row.textContent).not.toContain('You stopped this');
    await fireEvent.click(screen.getByRole('button', { name: 'Read them now' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'documents.tryAgain',
        args: { collectionId: 'c', only: 'stopped' },
      }),
    );
    expect(fake.calls).toContainEqual({
      name: 'documents.resume',
      args: { collectionId: 'folder' },
    });
  });

  it('do not count those that wait by themselves', async () => {
    open([watchState({ collectionId: 'folder', phase: 'waiting', unread: 1 })]);
    expect(
      await screen.findByText('1 document is not read, because reading was stopped'),
    ).toBeTruthy();
    expect(screen.getByRole('row', { name: /waiting\.txt/ }).textContent).toContain('waiting');
  });
});

describe('the list of collections', () => {
  const entry = (name: RegExp) => screen.findByRole('button', { name });

  it('says in words what a folder that is away is, and what was stopped', async () => {
    open([
      watchState({
        ...{ collectionId: 'folder', phase: 'away' },
        away: { since: 1, reason: 'missing' },
      }),
    ]);
    const away = await entry(/^Papers.*away: renamed, moved or on a disk that is not connected/);
    expect(away.querySelector('svg.lucide-unplug')).toBeTruthy();
    expect(away.textContent).toContain('away');
    expect(await entry(/^Lease.*1 not read, stopped/)).toBeTruthy();
  });

  it('says nothing of a folder that is there', async () => {
    open([watchState({ collectionId: 'folder' })]);
    expect((await entry(/^Papers/)).textContent).not.toContain('away');
  });
});

describe('the strip at the bottom', () => {
  it('says after a stop that nothing is lost, and leads to it', async () => {
    const { app, context } = appWith({
      'tasks.list': () => [task({ subject: 'Papers', targetId: 'folder' })],
      'tasks.cancel': () => null,
    });
    render(TaskStrip, { context });
    await fireEvent.click(await screen.findByRole('button', { name: /^Stop/ }));
    await waitFor(() =>
      expect(app.toasts.list.at(-1)?.text).toBe(
        'Stopped reading “Papers”. What is not read yet stays in the list.',
      ),
    );
    app.toasts.list.at(-1)?.action?.run();
    expect(app.router).toMatchObject({ view: 'library', target: 'folder' });
  });
});
