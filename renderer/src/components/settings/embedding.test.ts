import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddingState } from '../../../../electron/ipc/contract/index.ts';
import { appWith, settings, withoutLayout } from '../../samples.fake.ts';
import EmbeddingFields from './EmbeddingFields.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const model = {
  ...{ id: 'e', name: 'granite-embedding-30m', bytes: 63e6, dimensions: 384, missing: false },
};
const nothing: EmbeddingState = {
  ...{ choice: 'automatic', installed: [], model: null, status: 'none', error: null },
  ...{ predictedBytes: 0, residentBytes: null },
};
const resting: EmbeddingState = {
  ...{ choice: 'automatic', installed: [model], model, status: 'resting', error: null },
  ...{ predictedBytes: 190 * 2 ** 20, residentBytes: null },
};

function open(state: EmbeddingState, embeddingModel = 'automatic') {
  const made = appWith({
    'models.embedding': () => state,
    'models.loadEmbedding': () => null,
    'models.unload': () => null,
  });
  const chosen: unknown[] = [];
  render(EmbeddingFields, {
    context: made.context,
    props: {
      settings: { ...settings(), embeddingModel },
      onchange: (values: unknown) => chosen.push(values),
    },
  });
  return { ...made, chosen };
}

describe('which model finds passages', () => {
  it('says that there is none, what that means, and the way to one', async () => {
    const { app } = open(nothing);
    expect(
      await screen.findByText('None installed: documents are found by their words.'),
    ).toBeDefined();
    expect(screen.getByText(/granite-embedding-30m-english-GGUF/)).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Add an embedding model' }));
    expect(app.dialogs.open).toEqual({ kind: 'add-model' });
  });

  it('says when it is loaded and what it takes', async () => {
    open(resting);
    expect(
      await screen.findByText(/is loaded when it is needed, takes about 190\sMB/),
    ).toBeDefined();
    expect(screen.queryByRole('button', { name: /Unload/ })).toBeNull();
  });

  it('says what it holds and gives it back', async () => {
    const { fake } = open({ ...resting, status: 'ready', residentBytes: 175 * 2 ** 20 });
    expect(await screen.findByText(/is loaded and holds 175\sMB of memory/)).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Unload granite-embedding-30m' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({ name: 'models.unload', args: { modelId: 'e' } }),
    );
  });

  it('words why it failed and tries again when asked', async () => {
    const error = {
      code: 'engine-crash-loop',
      message: '',
      detail: { name: 'm', times: 3 },
    } as const;
    const { fake } = open({ ...resting, status: 'failed', error });
    await fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await waitFor(() =>
      expect(fake.calls.some(({ name }) => name === 'models.loadEmbedding')).toBe(true),
    );
  });
});
