import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, expect, it } from 'vitest';
import ModelPicker from '../../components/chat/ModelPicker.svelte';
import { chooseModel } from '../../components/chat/words.ts';
import ImportModelDialog from '../../components/models/ImportModelDialog.svelte';
import { appWith, model, withoutLayout } from '../../samples.fake.ts';
import ModelsView from './ModelsView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

const name = 'Shape of h-micro (random weights)';
const real = model({ id: 'm' });
const shape = model({ id: 's', name, header: { ...real.header, name, isShape: true } });
const words = /Random weights in the shape of a real model.*It cannot answer\./;

it('no conversation gets a shape, not even one that asks for it', () => {
  expect(chooseModel([shape, real], 's', 's')?.id).toBe('m');
  expect(chooseModel([shape], 's', 's')).toBeUndefined();
});

it('the picker of the composer does not offer it', async () => {
  const { context, app } = appWith({ 'models.list': () => [shape, real] });
  render(ModelPicker, {
    props: { model: real, disabled: false, onpick: () => {}, onclosed: () => {} },
    context,
  });
  await waitFor(() => expect(app.models.value).toHaveLength(2));
  const trigger = screen.getByRole('button');
  trigger.focus();
  await fireEvent.keyDown(trigger, { key: 'Enter' });
  const offered = await screen.findAllByRole('menuitemcheckbox');
  expect(offered.map((item) => item.textContent)).toEqual([expect.stringContaining(real.name)]);
});

it('the list of models says what it is for and has no button to use it', async () => {
  const { context } = appWith({ 'models.list': () => [shape, real] });
  render(ModelsView, { context });
  expect(await screen.findByText(words)).toBeTruthy();
  expect(screen.getByRole('button', { name: `Load ${name}` })).toBeTruthy();
  expect(screen.queryByRole('button', { name: `Use ${name} for new chats` })).toBeNull();
  expect(screen.getByRole('button', { name: `Use ${real.name} for new chats` })).toBeTruthy();
});

it('adding one tells it before it is added', async () => {
  const { context } = appWith({ 'models.inspect': () => shape.header });
  render(ImportModelDialog, { props: { path: '/dl/shape.gguf', onclose: () => {} }, context });
  expect(await screen.findByText(words)).toBeTruthy();
});
