import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeAnswers } from '../../api.fake.ts';
import { refusal } from '../../api.fake.ts';
import { appWith, settings, withoutLayout } from '../../samples.fake.ts';
import SettingsView from './SettingsView.svelte';

beforeAll(withoutLayout);
afterEach(cleanup);

function open(answers: FakeAnswers = {}) {
  let now = settings();
  const made = appWith({
    'settings.get': () => now,
    'settings.set': ({ values }) => (now = { ...now, ...values }),
    ...answers,
  });
  render(SettingsView, { context: made.context });
  return made;
}

describe('settings', () => {
  it('keeps a choice at once and applies it', async () => {
    const { fake } = open();
    await fireEvent.click(await screen.findByRole('radio', { name: 'Dark' }));
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'settings.set',
        args: { values: { theme: 'dark' } },
      }),
    );
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    expect(screen.getByRole('radio', { name: 'Dark' }).getAttribute('aria-checked')).toBe('true');
  });

  it('begins at the section that somebody was sent to, once', async () => {
    const { app, fake } = open();
    app.router.go('settings', 'network');
    const heading = await screen.findByRole('heading', { name: 'Network' });
    await waitFor(() => expect(document.activeElement).toBe(heading));
    const dark = screen.getByRole('radio', { name: 'Dark' });
    dark.focus();
    await fireEvent.click(dark);
    await waitFor(() => expect(fake.calls.some(({ name }) => name === 'settings.set')).toBe(true));
    await waitFor(() => expect(dark.getAttribute('aria-checked')).toBe('true'));
    expect(document.activeElement).toBe(dark);
  });

  it('changes numbers by keyboard', async () => {
    const { fake } = open();
    const slider = await screen.findByRole('slider', { name: 'Text size' });
    await fireEvent.keyDown(slider, { key: 'ArrowRight' });
    await waitFor(() =>
      expect(fake.calls).toContainEqual({
        name: 'settings.set',
        args: { values: { textSize: 16 } },
      }),
    );
  });

  it('shows where the data are and that nothing is sent', async () => {
    open();
    expect(await screen.findByText('/home/a/.config/Quarry')).toBeTruthy();
    expect(screen.getByText('No connection is made that you did not ask for.')).toBeTruthy();
    expect(screen.getByText('24.21.0')).toBeTruthy();
  });

  it('says so when a change was refused', async () => {
    const { app } = open({
      'settings.set': () => {
        throw refusal('disk-full');
      },
    });
    await fireEvent.click(await screen.findByRole('radio', { name: 'Light' }));
    await waitFor(() => expect(app.toasts.list[0]?.text).toContain('The disk is full'));
  });
});
