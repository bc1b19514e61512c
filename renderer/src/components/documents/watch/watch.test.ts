import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Relocated, WatchState } from '../../../../../electron/ipc/contract/index.ts';
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

const onopen = vi.fn();

function open(state: WatchState | readonly WatchState[], answers: FakeAnswers = {}, all = false) {
  const states = [state].flat();
  const made = appWith({
    'documents.watchState': () => states,
    'documents.collections': () => [collection(), collection({ id: 'k', name: 'Recipes' })],
    ...answers,
  });
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
      onopen,
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
    expect(await screen.findByText('The folder of “Lease” is away')).toBeTruthy();
    expect(screen.queryByText(/kept in step/)).toBeNull();
  });
});

describe('a folder that lies elsewhere by now', () => {
  const away: WatchState = { ...inStep, phase: 'away', away: { since: 1, reason: 'missing' } };
  const place = '/media/disk/Lease';
  const relocated = (over: Partial<Relocated>): Relocated => ({
    ...{ state: 'moved', folder: place, found: 40, missing: 0, takenBy: null },
    ...over,
  });
  const choose = async (answers: FakeAnswers) => {
    const made = open(away, { 'shell.pickFolder': () => [place], ...answers });
    await fireEvent.click(await screen.findByRole('button', { name: 'Choose its new place…' }));
    return made;
  };
  const asked = ({ fake }: Awaited<ReturnType<typeof choose>>) =>
    fake.calls.filter(({ name }) => name === 'documents.relocate').map(({ args }) => args);

  it('is shown by a dialog, and told what was found again', async () => {
    const made = await choose({ 'documents.relocate': () => relocated({}) });
    await waitFor(() =>
      expect(made.app.toasts.list.at(-1)?.text).toBe(
        '40 documents were found again in /media/disk/Lease.',
      ),
    );
    expect(asked(made)).toEqual([{ collectionId: 'c', paths: [place] }]);
  });

  it('is taken with what is missing there only when a person says so', async () => {
    const made = await choose({
      'documents.relocate': ({ anyway }) =>
        relocated(anyway ? {} : { state: 'asks', found: 12, missing: 28 }),
    });
    expect(
      await screen.findByText(/12 documents are in .* 28 are not there: they would leave/),
    ).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Use this folder' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked(made).at(-1)).toEqual({ collectionId: 'c', paths: [place], anyway: true });
  });

  it('is not another folder: that cannot be used', async () => {
    await choose({ 'documents.relocate': () => relocated({ state: 'another', found: 0 }) });
    expect(await screen.findByRole('dialog', { name: 'This is another folder' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Use this folder' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Choose another folder…' })).toBeTruthy();
  });

  it('nor that of another collection, which is named', async () => {
    const other = relocated({ state: 'taken', takenBy: 'Recipes' });
    await choose({ 'documents.relocate': () => other });
    expect(await screen.findByText(/the folder of the collection “Recipes”/)).toBeTruthy();
  });

  it('is shown from all documents too, or the way there where several are away', async () => {
    const answers: FakeAnswers = {
      'shell.pickFolder': () => [place],
      'documents.relocate': () => relocated({ state: 'another', found: 0 }),
    };
    const made = open(away, answers, true);
    await fireEvent.click(await screen.findByRole('button', { name: 'Choose its new place…' }));
    expect(await screen.findByText(/Nothing that was read for “Lease” is in/)).toBeTruthy();
    expect(asked(made)).toEqual([{ collectionId: 'c', paths: [place] }]);
    expect(made.fake.calls).toContainEqual({
      name: 'shell.pickFolder',
      args: { purpose: 'moved' },
    });
    cleanup();
    open([away, { ...away, collectionId: 'k' }], {}, true);
    expect(await screen.findByText('2 folders are away:')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Choose its new place…' })).toBeNull();
    await fireEvent.click(await screen.findByRole('button', { name: 'Recipes' }));
    expect(onopen).toHaveBeenCalledWith('k');
  });

  it('is asked for only while it is away', () => {
    open(inStep);
    expect(screen.queryByRole('button', { name: 'Choose its new place…' })).toBeNull();
  });
});
