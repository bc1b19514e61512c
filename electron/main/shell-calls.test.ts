import type { OpenDialogOptions } from 'electron';
import { expect, it, vi } from 'vitest';
import { createGrants } from './grants.ts';
import { shellCalls } from './shell-calls.ts';

const shown: OpenDialogOptions[] = [];
vi.mock('electron', () => ({
  dialog: {
    showOpenDialog: (options: OpenDialogOptions) => {
      shown.push(options);
      return Promise.resolve({ canceled: false, filePaths: [`/chosen-${shown.length}`] });
    },
  },
  shell: {},
}));

it('a folder is asked for in words that say what for, and may be used then', async () => {
  const { signal } = new AbortController();
  const grants = createGrants();
  const calls = shellCalls({ window: () => undefined, grants } as never);
  for (const purpose of ['documents', 'models', 'moved'] as const) {
    const [folder = ''] = await calls['shell.pickFolder']({ purpose }, { signal });
    expect(grants.isGranted(folder)).toBe(true);
  }
  expect(shown.map(({ title, buttonLabel }) => [title, buttonLabel])).toEqual([
    ['Add a folder', 'Add folder'],
    ['Choose a folder with models', 'Look here'],
    ['Choose where the folder is now', 'Use this folder'],
  ]);
  for (const { title, message, properties } of shown) {
    expect([message, properties]).toEqual([title, ['openDirectory']]);
  }
});
