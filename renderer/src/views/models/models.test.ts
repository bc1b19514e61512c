import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Model } from '../../../../electron/ipc/contract/index.ts';
import { refusal } from '../../api.fake.ts';
import type { FakeAnswers } from '../../api.fake.ts';
import ImportModelDialog from '../../components/models/ImportModelDialog.svelte';
import { fitOf, inOrder } from '../../components/models/facts.ts';
import { appWith, loadedState, model, settings, task, withoutLayout } from '../../samples.fake.ts';
import ModelsView from './ModelsView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

async function open(models: readonly Model[], answers: FakeAnswers = {}) {
  const made = appWith({ 'models.list': () => models, ...answers });
  render(ModelsView, { context: made.context });
  const row = async (name: string) => within(await screen.findByRole('listitem', { name }));
  return { ...made, row };
}

const miniature = (over: Partial<Model> = {}) =>
  model({
    id: 'mini',
    name: 'Miniature (demo)',
    origin: 'builtin',
    promptLimit: 704,
    sha256: 'a'.repeat(64),
    hashState: 'done',
    ...over,
  });

describe('a model’s row', () => {
  it('says what the miniature is and what it was trained on', async () => {
    const { row } = await open([miniature()]);
    const mini = await row('Miniature (demo)');
    expect(mini.getByText(/Answers only simple questions about short texts/)).toBeTruthy();
    expect(mini.getByText(/Trained on at most 704 tokens/)).toBeTruthy();
  });

  it('never shows a known hash as proof of origin', async () => {
    const { row } = await open([miniature(), model()]);
    const badge = (await row('Miniature (demo)')).getByText('hash known');
    expect(badge.className).toContain('plain');
    expect((await row('granite-4.0-h-tiny')).getByText('unverified')).toBeTruthy();
  });

  it('says what it needs of this machine, and when that is too much', async () => {
    const { row } = await open([
      model(),
      model({ id: 'big', name: 'big', predictedBytes: 30 * 2 ** 30 }),
    ]);
    expect(
      await (await row('granite-4.0-h-tiny')).findByText(/needs 4.5 GB of 24 GB/),
    ).toBeTruthy();
    expect((await row('big')).getByText('does not fit')).toBeTruthy();
  });

  it('loads, shows how far it is, and stops', async () => {
    const { row, fake } = await open(
      [model({ loaded: loadedState({ state: 'loading', fraction: 0.37 }) })],
      {
        'tasks.list': () => [task({ kind: 'load', targetId: 'm' })],
        'tasks.cancel': () => null,
      },
    );
    const loading = await row('granite-4.0-h-tiny');
    expect(loading.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('37');
    expect(loading.getByText('Loading, 37%')).toBeTruthy();
    await waitFor(() =>
      expect(loading.getByRole('button', { name: /Stop/ }).hasAttribute('disabled')).toBe(false),
    );
    await fireEvent.click(loading.getByRole('button', { name: /Stop/ }));
    expect(fake.calls).toContainEqual({ name: 'tasks.cancel', args: { taskId: 't' } });
  });

  it('offers unload once loaded', async () => {
    const { row, fake } = await open([model({ loaded: loadedState() })], {
      'models.unload': () => null,
    });
    await fireEvent.click(
      (await row('granite-4.0-h-tiny')).getByRole('button', { name: /Unload/ }),
    );
    expect(fake.calls).toContainEqual({ name: 'models.unload', args: { modelId: 'm' } });
  });

  it('uses a model for new chats', async () => {
    const { row, fake, app } = await open([model()], {
      'settings.set': ({ values }) => settings(values),
    });
    app.router.go('models');
    await fireEvent.click((await row('granite-4.0-h-tiny')).getByRole('button', { name: /Use/ }));
    expect(fake.calls).toContainEqual({
      name: 'settings.set',
      args: { values: { defaultModelId: 'm' } },
    });
    await waitFor(() => expect(app.router.view).toBe('chat'));
  });

  it('words an error by its code and offers another try', async () => {
    const { row, fake } = await open(
      [model({ error: { code: 'model-truncated', message: 'x', detail: { name: 'tiny.gguf' } } })],
      { 'models.load': () => ({ taskId: 't' }) },
    );
    const broken = await row('granite-4.0-h-tiny');
    expect(broken.getByRole('alert').textContent).toContain('tiny.gguf ends too early');
    await fireEvent.click(broken.getByRole('button', { name: 'Try again' }));
    expect(fake.calls).toContainEqual({ name: 'models.load', args: { modelId: 'm' } });
  });

  it('cannot be used while its file is missing, and says where it was', async () => {
    const { row } = await open([model({ missing: true })]);
    const lost = await row('granite-4.0-h-tiny');
    expect(lost.getByText(/is not at \/models\/tiny\.gguf any more/)).toBeTruthy();
    for (const name of [/Load/, /Use/]) {
      expect(lost.getByRole('button', { name }).hasAttribute('disabled')).toBe(true);
    }
  });

  it('keeps architecture, layers and hash on the second level', async () => {
    const { row } = await open([miniature()]);
    const mini = await row('Miniature (demo)');
    expect(mini.queryByText('granitehybrid')).toBeNull();
    await fireEvent.click(mini.getByRole('button', { name: 'Details of Miniature (demo)' }));
    expect(mini.getByText('granitehybrid')).toBeTruthy();
    expect(mini.getByText('40: 4 attention, 36 recurrent')).toBeTruthy();
    expect(mini.getByText('a'.repeat(64))).toBeTruthy();
  });
});

describe('the list', () => {
  it('offers to add a model when there is none', async () => {
    await open([]);
    expect(await screen.findByRole('heading', { name: 'No model yet' })).toBeTruthy();
  });

  it('puts what fits first and what is missing last', () => {
    const list = [
      model({ id: 'lost', missing: true }),
      model({ id: 'huge', predictedBytes: 40 }),
      model({ id: 'old', predictedBytes: 1, addedAt: 1 }),
      model({ id: 'new', predictedBytes: 1, addedAt: 2 }),
      model({ id: 'chosen', predictedBytes: 1, addedAt: 0 }),
    ];
    const order = inOrder(list, 'chosen', 20).map((one) => one.id);
    expect(order).toEqual(['chosen', 'new', 'old', 'huge', 'lost']);
  });

  it('calls what leaves no room for the system too large', () => {
    expect([10, 17, 20].map((needed) => fitOf(needed, 20))).toEqual(['fits', 'tight', 'too-large']);
  });
});

describe('adding a model file', () => {
  const header = model().header;
  const show = (answers: FakeAnswers) => {
    const made = appWith(answers);
    let closed = false;
    render(ImportModelDialog, {
      props: { path: '/dl/tiny.gguf', onclose: () => (closed = true) },
      context: made.context,
    });
    return { ...made, closed: () => closed };
  };

  it('reads the header first, then copies or refers as chosen', async () => {
    const { fake, closed } = show({
      'models.inspect': () => header,
      'models.import': () => ({ modelId: 'm', taskId: 't' }),
    });
    expect(await screen.findByText('granitehybrid')).toBeTruthy();
    await fireEvent.click(screen.getByRole('radio', { name: /Copy into Quarry/ }));
    await fireEvent.click(screen.getByRole('button', { name: 'Add model' }));
    await waitFor(() => expect(closed()).toBe(true));
    expect(fake.calls).toContainEqual({
      name: 'models.import',
      args: { paths: ['/dl/tiny.gguf'], mode: 'copy' },
    });
  });

  it('says why a file cannot be added and takes another', async () => {
    show({
      'models.inspect': ({ paths }) => {
        if (paths[0] === '/dl/tiny.gguf') throw refusal('model-not-gguf', { name: 'tiny.gguf' });
        return header;
      },
      'shell.pickModel': () => ['/dl/other.gguf'],
    });
    expect((await screen.findByRole('alert')).textContent).toContain('This is not a model file');
    expect(screen.queryByRole('button', { name: 'Add model' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Choose another file' }));
    expect(await screen.findByText('granitehybrid')).toBeTruthy();
  });
});
