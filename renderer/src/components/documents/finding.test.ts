import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { SearchState } from '../../../../electron/ipc/contract/index.ts';
import { appWith } from '../../samples.fake.ts';
import FindingLine from './FindingLine.svelte';
import { findingWords } from './finding-words.ts';

afterEach(cleanup);

const state: SearchState = { indexing: null, vectors: 'none', model: null, done: 0, total: 12_000 };

describe('how passages are found', () => {
  it.each([
    [{ total: 0 }, null],
    [{}, 'Found by words. An embedding model would also find by meaning.'],
    [{ lack: 'none' }, 'Found by words. An embedding model would also find by meaning.'],
    [{ lack: 'off' }, 'Found by words, as the settings say: no embedding model is used.'],
    [{ lack: 'missing' }, 'Found by words until the chosen embedding model is back.'],
    [{ lack: 'checking' }, 'Found by words until the file of the embedding model was read once.'],
    [
      { vectors: 'partial', done: 3412 },
      'Found by words, and by meaning in 3,412 of 12,000 passages so far',
    ],
    [{ vectors: 'ready', done: 12_000 }, 'Found by words and meaning'],
    [
      { vectors: 'partial', done: 7, problem: { code: 'engine-crashed', message: '' } },
      'Found by words. The embedding model could not be used, Quarry tries again by itself. 7 of 12,000 passages can be found by meaning.',
    ],
    [
      { indexing: { done: 10, total: 200 } },
      'The search is being brought up to date: 10 of 200 passages',
    ],
  ] as const)('%j is said as: %s', (values, words) => {
    expect(findingWords({ ...state, ...values } as SearchState)).toBe(words);
  });

  it('leads to the models where none is there, and follows what changes', async () => {
    let now = state;
    const made = appWith({ 'documents.searchState': () => now });
    render(FindingLine, { context: made.context });
    await fireEvent.click(await screen.findByRole('button', { name: 'See models' }));
    expect(made.app.router.view).toBe('models');
    now = { ...state, vectors: 'partial', done: 5 };
    made.fake.push('documents.vectors', {});
    await waitFor(() => expect(screen.getByText(/5 of 12,000 passages so far/)).toBeTruthy());
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('recommends no model to one who wants none, and leads to that choice', async () => {
    let now = state;
    const made = appWith({ 'documents.searchState': () => now });
    render(FindingLine, { context: made.context });
    await screen.findByRole('button', { name: 'See models' });
    now = { ...state, lack: 'off' };
    made.fake.push('settings.changed', {});
    await fireEvent.click(await screen.findByRole('button', { name: 'Change in settings' }));
    expect(made.app.router).toMatchObject({ view: 'settings', target: 'embedding' });
    expect(screen.queryByRole('button', { name: 'See models' })).toBeNull();
    expect(screen.queryByText(/would also/)).toBeNull();
  });
});
