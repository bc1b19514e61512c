import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFile, ModelStorage } from '../../../../electron/ipc/contract/index.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import { appWith, model, proof, storage, task, withoutLayout } from '../../samples.fake.ts';
import { wordingOf } from '../../errors.ts';
import ChangedNotice from './ChangedNotice.svelte';
import StorageSection from './StorageSection.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const gib = 2 ** 30;
const file = (over: Partial<ModelFile> = {}): ModelFile => ({
  modelId: 'm',
  name: 'H-Tiny',
  bytes: 4.23 * gib,
  frees: 4.23 * gib,
  origin: 'copied',
  isMissing: false,
  level: 'unverified',
  checkedAt: Date.now() - 3 * 86_400_000,
  changedSince: null,
  ...over,
});

async function open(found: Partial<ModelStorage>, answers: FakeAnswers = {}) {
  let now = storage(found);
  const made = appWith({ 'models.storage': () => now, ...answers });
  render(StorageSection, { context: made.context });
  await screen.findByRole('heading', { name: 'Place of the models' });
  const change = (next: Partial<ModelStorage>) => {
    now = { ...now, ...next };
    made.fake.push('models.changed', { modelId: null });
  };
  const called = (name: string) => made.fake.calls.filter((call) => call.name === name);
  return { ...made, change, called };
}
const click = async (name: string | RegExp) =>
  fireEvent.click(await screen.findByRole('button', { name }));

describe('storage', () => {
  it('says what each model takes, what removing it frees, and when it was checked', async () => {
    await open({
      models: [
        file(),
        file({ modelId: 'r', name: 'Micro', bytes: gib, frees: 0, origin: 'referenced' }),
        file({ modelId: 'b', name: 'Miniature (demo)', bytes: 1, frees: 0, origin: 'builtin' }),
        file({ modelId: 'c', name: 'Rotten', bytes: 2, changedSince: Date.UTC(2026, 10, 2, 12) }),
      ],
    });
    const row = (name: string) => screen.getByText(name).closest('tr')!;
    expect(row('H-Tiny').textContent).toMatch(/frees 4\.23 GB.*3 days ago/s);
    expect(row('Micro').textContent).toContain('frees nothing: the file is not Quarry’s');
    expect(within(row('Miniature (demo)')).queryByRole('button')).toBeNull();
    expect(row('Rotten').textContent).toMatch(/changed, seen .*November|changed, seen .*2/);
  });

  it('removes only after asking, and says what that frees', async () => {
    const { called } = await open({ models: [file()] }, { 'models.remove': () => null });
    await click('Remove… H-Tiny');
    const dialog = await screen.findByRole('dialog', { name: 'Remove H-Tiny?' });
    expect(dialog.textContent).toContain('frees 4.23 GB');
    expect(called('models.remove')).toEqual([]);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    await waitFor(() =>
      expect(called('models.remove')).toMatchObject([{ args: { modelId: 'm' } }]),
    );
  });

  it('moves to a chosen folder after asking, shows each step, and can be stopped', async () => {
    const moving = task({
      ...{ id: 'mv', kind: 'move', subject: '/disk/Quarry', unit: 'bytes' },
      ...{ done: gib, total: 4 * gib, current: 'H-Tiny', startedAt: Date.now() },
    });
    const { change, called } = await open(
      { models: [file()] },
      {
        'shell.pickLibrary': () => ['/disk'],
        'models.move': () => ({ taskId: 'mv' }),
        'tasks.list': () => [moving],
        'tasks.cancel': () => null,
      },
    );
    await click('Move to another disk…');
    const dialog = await screen.findByRole('dialog', { name: 'Move the models?' });
    expect(dialog.textContent).toMatch(/1 model \(4\.23 GB\) goes into a folder Quarry in \/disk/);
    await fireEvent.click(within(dialog).getByRole('button', { name: 'Move' }));
    await waitFor(() =>
      expect(called('models.move')).toMatchObject([{ args: { paths: ['/disk'] } }]),
    );
    const from = storage().folder;
    const move = { taskId: 'mv', from, to: '/disk/Quarry', step: 'copying' as const };
    change({ move: { ...move, file: 2, files: 5 } });
    await screen.findByText(/File 2 of 5/);
    expect(screen.getByText(/File 2 of 5/).textContent).toMatch(/H-Tiny.*1 GB of 4 GB/);
    expect(screen.queryByRole('button', { name: /Move to another/ })).toBeNull();
    await click('Stop moving');
    await waitFor(() => expect(called('tasks.cancel')).toMatchObject([{ args: { taskId: 'mv' } }]));
    change({ move: { ...move, step: 'deleting', file: 5, files: 5 } });
    await screen.findByText(/The old files are being deleted/);
    change({ move: null, folder: '/disk/Quarry', isDefault: false });
    await screen.findByRole('button', { name: 'Move back to the profile' });
  });

  it('a move that failed says why, until that is dismissed', async () => {
    await open(
      {},
      {
        'tasks.list': () => [
          task({
            ...{ id: 'mv', kind: 'move', state: 'failed' },
            error: {
              code: 'disk-full',
              message: '',
              detail: { needed: 4 * gib, available: gib },
            },
          }),
        ],
      },
    );
    const note = await screen.findByRole('alert');
    expect(note.textContent).toContain('4 GB are needed, 1 GB are free');
    await fireEvent.click(within(note).getByRole('button'));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('a disk that is away: what to do, and nothing to move', async () => {
    await open({
      isThere: false,
      free: null,
      total: null,
      isDefault: false,
      folder: '/usb/Quarry',
    });
    expect((await screen.findByRole('status')).textContent).toMatch(/not connected.*Connect it/s);
    expect(screen.queryByRole('button', { name: /^Move/ })).toBeNull();
  });

  it('lists leftovers and deletes those of ours after asking', async () => {
    const { called } = await open(
      {
        leftovers: [
          { name: 'a.part', bytes: gib, kind: 'import' },
          { name: 'diary.txt', bytes: 5, kind: 'foreign' },
        ],
      },
      { 'models.clean': () => ({ removed: 1, bytes: gib }) },
    );
    expect(screen.getByText('diary.txt').closest('li')!.textContent).toContain('stays');
    await click('Delete 1 leftover, 1 GB');
    await click('Delete');
    await waitFor(() =>
      expect(called('models.clean')).toMatchObject([{ args: { names: ['a.part'] } }]),
    );
  });

  it('checks all now, and stops what is being checked', async () => {
    let running = false;
    const { fake, called } = await open(
      {},
      {
        'models.checkAll': () => ({ taskIds: ['h'] }),
        'tasks.list': () => (running ? [task({ id: 'h', kind: 'hash' })] : []),
        'tasks.cancel': () => null,
      },
    );
    await click('Check all now');
    running = true;
    fake.push('tasks.changed', { taskId: 'h' });
    await click('Stop checking');
    await waitFor(() => expect(called('tasks.cancel')).toHaveLength(1));
  });
});

describe('a folder that cannot be used', () => {
  it.each([
    ['filled', 'Other files are in /disk/Quarry.'],
    ['foreign', '/disk/Quarry holds the models of another Quarry.'],
    ['same', 'They are in /disk/Quarry already.'],
    ['none', 'There is no such folder.'],
  ])('is named with the reason: %s', (reason, words) => {
    const detail = { path: '/disk/Quarry', reason };
    expect(wordingOf({ code: 'folder-unusable', message: '', detail }).text).toContain(words);
  });
});

describe('the notice of a changed file', () => {
  it('is shown once, whatever else changes, and leads to the model', async () => {
    let since: number | null = null;
    const made = appWith({
      'models.list': () => [model({ name: 'H-Tiny', proof: proof({ changedSince: since }) })],
    });
    render(ChangedNotice, { context: made.context });
    await waitFor(() => expect(made.app.models.value).toHaveLength(1));
    expect(made.app.toasts.list).toEqual([]);
    since = 5;
    made.fake.push('models.changed', { modelId: 'm' });
    await waitFor(() => expect(made.app.toasts.list).toHaveLength(1));
    const [toast] = made.app.toasts.list;
    expect(toast).toMatchObject({ tone: 'bad' });
    expect(toast!.text).toContain('H-Tiny has changed on the disk');
    made.fake.push('models.changed', { modelId: 'm' });
    await made.app.models.refresh();
    expect(made.app.toasts.list).toHaveLength(1);
    toast!.action!.run();
    expect(made.app.router.view).toBe('models');
    expect(made.app.router.target).toBe('m');
  });
});
