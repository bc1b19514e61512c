import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WatchState } from '../../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../../api.fake.ts';
import {
  appWith,
  collection,
  documentSummary,
  watchState,
  withoutLayout,
} from '../../../samples.fake.ts';
import { WatchList } from '../../../state/watch.svelte.ts';
import FolderWatch from './FolderWatch.svelte';
import { noteOf, wordsOf } from './words.ts';

beforeAll(withoutLayout);
afterEach(cleanup);

const inStep = watchState();
const reading: WatchState = {
  ...inStep,
  phase: 'reading',
  unread: 329,
  progress: {
    files: 11,
    filesTotal: 340,
    bytes: 2 * 1024 ** 2,
    bytesTotal: 64 * 1024 ** 2,
    secondsLeft: 180,
    current: 'a.pdf',
    givesWay: false,
  },
};
const said = (state: WatchState): string =>
  [wordsOf(state).main, ...wordsOf(state).more].join(' | ').replaceAll('\u00a0', ' ');

function open(state: WatchState, answers: FakeAnswers = {}, all = false) {
  const made = appWith({ 'documents.watchState': () => [state], ...answers });
  const documents = [
    documentSummary({
      id: 'e',
      name: 'bank.pdf',
      state: 'failed',
      error: { code: 'document-encrypted', message: '' },
    }),
    documentSummary({ id: 'f', name: 'good.txt' }),
  ];
  render(FolderWatch, {
    props: {
      watch: new WatchList(made.app.api),
      collection: all ? undefined : collection({ folder: '/home/a/Lease' }),
      documents,
    },
    context: made.context,
  });
  return made;
}

describe('how a folder stands', () => {
  it('says it in one line, with files, bytes and the time left', () => {
    expect(said(inStep)).toBe('In step with its folder');
    expect(said(reading)).toBe('Reading 12 of 340 files | 2 MB of 64 MB | about 3 min left');
    const { progress } = reading;
    if (progress === null) throw new Error('no progress');
    expect(said({ ...reading, progress: { ...progress, secondsLeft: null } })).toContain(
      'time left not known yet',
    );
    expect(said({ ...reading, progress: { ...progress, givesWay: true } })).toContain(
      'waits while an answer is written',
    );
    expect(said({ ...inStep, phase: 'paused', paused: 'this', unread: 3 })).toBe(
      'Paused, 3 documents not read yet',
    );
    const away: WatchState = {
      ...inStep,
      phase: 'away',
      away: { since: 1, reason: 'missing' },
    };
    expect(said(away)).toBe('The folder is away');
    expect(noteOf(away)).toMatch(/^Looked for \/.*\. Its documents stay/);
    expect(noteOf({ ...inStep, limited: { reason: 'watches', everySeconds: 300 } })).toContain(
      'Quarry looks every 5 minutes',
    );
  });

  it('pauses, resumes and looks when asked', async () => {
    let state = inStep;
    const done = () => null;
    const { fake } = open(inStep, {
      'documents.watchState': () => [state],
      'documents.pause': () => {
        state = { ...state, phase: 'paused', paused: 'this' };
        return null;
      },
      'documents.resume': done,
      'documents.rescan': done,
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Look now' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Pause' }));
    await fireEvent.click(await screen.findByRole('button', { name: 'Resume' }));
    await waitFor(() =>
      expect(
        fake.calls.filter(({ name }) => /pause|resume|rescan/.test(name)).map((call) => call),
      ).toEqual([
        { name: 'documents.rescan', args: { collectionId: 'c' } },
        { name: 'documents.pause', args: { collectionId: 'c' } },
        { name: 'documents.resume', args: { collectionId: 'c' } },
      ]),
    );
  });

  it('shows why files were not read, and tries one or all again', async () => {
    const { fake } = open(
      { ...inStep, failed: 1 },
      { 'documents.tryAgain': () => ({ documents: 1 }) },
    );
    await fireEvent.click(await screen.findByRole('button', { name: '1 file not read…' }));
    expect(await screen.findByText(/locked by a password/)).toBeTruthy();
    expect(screen.queryByText('good.txt')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Try again: bank.pdf' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'documents.tryAgain',
        args: { collectionId: 'c', documentId: 'e' },
      }),
    );
  });

  it('edits the rules', async () => {
    const rules = { usual: 'node_modules/\n', own: '*.log\n', files: ['sub/.quarryignore'] };
    const { fake } = open(inStep, {
      'documents.ignoreRules': () => rules,
      'documents.setIgnoreRules': () => rules,
    });
    await fireEvent.click(await screen.findByRole('button', { name: 'Ignore rules…' }));
    const field = await screen.findByRole('textbox', { name: 'Rules of this collection' });
    expect((field as HTMLTextAreaElement).value).toBe('*.log\n');
    expect(screen.getByText('sub/.quarryignore')).toBeTruthy();
    await fireEvent.input(field, { target: { value: 'drafts/' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Save rules' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'documents.setIgnoreRules',
        args: { collectionId: 'c', own: 'drafts/' },
      }),
    );
  });

  it('pauses everything from all documents', async () => {
    const { fake } = open(inStep, { 'documents.pause': () => null }, true);
    await fireEvent.click(await screen.findByRole('button', { name: 'Pause all folders' }));
    await waitFor(() => expect(fake.calls).toContainEqual({ name: 'documents.pause', args: {} }));
    expect(screen.getByText(/1 folder is kept in step/)).toBeTruthy();
  });

  it('does not count a folder that is away among those in step', async () => {
    open({ ...inStep, phase: 'away', away: { since: 1, reason: 'missing' } }, {}, true);
    expect(await screen.findByText('1 folder is away')).toBeTruthy();
    expect(screen.queryByText(/kept in step/)).toBeNull();
  });
});
