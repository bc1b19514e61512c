import BookOpen from '@lucide/svelte/icons/book-open';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DocumentSummary } from '../../../../electron/ipc/contract/index.ts';
import { appWith, collection, documentSummary, withoutLayout } from '../../samples.fake.ts';
import Select from '../../ui/Select.svelte';
import Suggestions from '../../ui/Suggestions.svelte';
import PickMenu from './PickMenu.svelte';
import UsePicker from './UsePicker.svelte';

beforeAll(() => {
  withoutLayout();
  // jsdom has no captured pointers.
  Element.prototype.hasPointerCapture ??= () => false;
});
afterEach(cleanup);

const mouse = { button: 0, pointerType: 'mouse', pointerId: 1 };
const at = (clientX: number, clientY: number) => ({ ...mouse, clientX, clientY });

/** A menu of two choices and a list of two values, each with what has been chosen in it. */
const lists = {
  menu() {
    const chosen = vi.fn();
    const items = ['One', 'Two'].map((label) => ({ label, onselect: () => chosen(label) }));
    const props = { items, icon: BookOpen, name: 'Pick', label: 'Pick', disabled: false };
    const { rerender } = render(PickMenu, props);
    const button = screen.getByRole('button', { name: 'Pick' });
    return { chosen, button, role: 'menuitem', items, rerender };
  },
  select() {
    const chosen = vi.fn();
    const options = ['None', 'One', 'Two'].map((label) => ({ value: label, label }));
    render(Select, { value: 'None', label: 'Pick', options, onchange: chosen });
    return { chosen, button: screen.getByRole('combobox'), role: 'option' };
  },
};

describe.each(['menu', 'select'] as const)('a press that opens a %s', (kind) => {
  it('chooses nothing where it is let go of without having gone anywhere', async () => {
    const { chosen, button, role } = lists[kind]();
    await fireEvent.pointerDown(button, at(40, 20));
    const line = await screen.findByRole(role, { name: 'Two' });
    await fireEvent.pointerUp(line, at(41, 22));
    expect(chosen).not.toHaveBeenCalled();
    expect(screen.getByRole(role, { name: 'Two' })).toBe(line);
  });

  it('chooses where it is dragged to, and what a press of its own is on', async () => {
    const { chosen, button, role } = lists[kind]();
    await fireEvent.pointerDown(button, at(40, 20));
    await fireEvent.pointerUp(await screen.findByRole(role, { name: 'Two' }), at(40, 60));
    await waitFor(() => expect(chosen.mock.calls).toEqual([['Two']]));
    await waitFor(() => expect(screen.queryByRole(role)).toBeNull());
    await fireEvent.pointerDown(button, at(40, 20));
    await fireEvent.pointerUp(button, at(40, 20));
    const line = await screen.findByRole(role, { name: 'One' });
    await fireEvent.pointerDown(line, at(40, 20));
    await fireEvent.pointerUp(line, at(40, 20));
    // A select chooses by the release, a menu by the click that follows.
    if (kind === 'menu') await fireEvent.click(line);
    await waitFor(() => expect(chosen.mock.calls).toEqual([['Two'], ['One']]));
  });

  it('chooses nothing by a key that is held down', async () => {
    const { chosen, button, role } = lists[kind]();
    button.focus();
    await fireEvent.keyDown(button, { key: 'Enter' });
    const line = await screen.findByRole(role, { name: 'Two' });
    for (const target of [button, line]) {
      await fireEvent.keyDown(target, { key: 'Enter', repeat: true });
      await fireEvent.keyDown(target, { key: ' ', repeat: true });
    }
    expect(chosen).not.toHaveBeenCalled();
    expect(screen.getByRole(role, { name: 'Two' })).toBe(line);
  });
});

it('a line that moves on while it is pressed is what is chosen', async () => {
  const { chosen, button, items, rerender } = lists.menu();
  await fireEvent.pointerDown(button, at(40, 20));
  await fireEvent.pointerUp(button, at(40, 20));
  const line = await screen.findByRole('menuitem', { name: 'One' });
  await fireEvent.pointerDown(line, at(40, 60));
  await rerender({ items: [{ label: 'New', onselect: () => chosen('New') }, ...items] });
  // The new first line stands where the pressed one was.
  await fireEvent.pointerUp(screen.getByRole('menuitem', { name: 'New' }), at(40, 60));
  expect(chosen.mock.calls).toEqual([['One']]);
});

it('the ways to use documents show with the documents among them, not before', async () => {
  let answer: (list: readonly DocumentSummary[]) => void = () => undefined;
  const asked = new Promise<readonly DocumentSummary[]>((resolve) => (answer = resolve));
  const { app, context } = appWith({
    'documents.collections': () => [collection()],
    'documents.list': () => asked,
  });
  await waitFor(() => expect(app.collections.value).toHaveLength(1));
  const onpick = vi.fn();
  const scope = { kind: 'collection', collectionId: 'c' } as const;
  render(UsePicker, {
    props: { scope, scopeName: 'Lease', use: 'auto', disabled: false, onpick },
    context,
  });
  const button = screen.getByRole('button');
  await fireEvent.pointerDown(button, at(40, 20));
  await fireEvent.pointerUp(button, at(40, 20));
  expect(screen.queryByRole('menuitemcheckbox')).toBeNull();
  answer([documentSummary(), documentSummary({ id: 'e', name: 'noted.txt' })]);
  const names = (await screen.findAllByRole('menuitemcheckbox')).map((one) => one.textContent);
  expect(names.filter((name) => /notes\.md|noted\.txt/.test(name))).toHaveLength(2);
});

it('a suggestion is chosen only where it was pressed', async () => {
  const onchoose = vi.fn();
  const rest = { id: 's', label: 'Names', active: 0, hint: '', side: 'above' as const };
  const props = { ...rest, onpoint: () => undefined, onchoose };
  const { rerender } = render(Suggestions, { ...props, items: [{ label: 'A' }] });
  await fireEvent.pointerDown(screen.getByRole('option', { name: 'A' }));
  await rerender({ ...props, items: [{ label: 'B' }, { label: 'A' }] });
  await fireEvent.click(screen.getByRole('option', { name: 'B' }));
  expect(onchoose).not.toHaveBeenCalled();
  await fireEvent.pointerDown(screen.getByRole('option', { name: 'A' }));
  await fireEvent.click(screen.getByRole('option', { name: 'A' }));
  expect(onchoose.mock.calls).toEqual([[1]]);
});
