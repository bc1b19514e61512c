import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import type { AnswerFacts } from '../../../../electron/ipc/contract/index.ts';
import SearchedNote from './SearchedNote.svelte';

afterEach(cleanup);

it('a search that found nothing says how many documents were not read yet', () => {
  const searched = { query: 'Who?', documents: 17, nearest: [], unknown: [] };
  const actions = { onopen: () => {}, onlibrary: () => {} };
  const props = { facts: { searched: { ...searched, unread: 106 } }, ...actions };
  render(SearchedNote, { props });
  expect(screen.getByText(/106 more documents were not read yet/)).toBeTruthy();
  cleanup();
  render(SearchedNote, { props: { ...props, facts: { searched } } });
  expect(screen.queryByText(/not read yet/)).toBeNull();
});

it('what could not be read is named with a way to the reason, and nothing is said twice (jan#8244)', async () => {
  const asked = { query: 'Who?', nearest: [], unknown: ['Harvath'] };
  let opened = 0;
  const show = (facts: AnswerFacts) =>
    render(SearchedNote, { props: { facts, onopen: () => {}, onlibrary: () => (opened += 1) } });
  show({ searched: { ...asked, documents: 0, failed: { count: 1, name: 'broken.pdf' } } });
  expect(screen.getByText('There was no document with text to look into.')).toBeTruthy();
  expect(screen.getByText('broken.pdf could not be read.')).toBeTruthy();
  expect(screen.queryByText(/No passage comes near|stands in none/)).toBeNull();
  await fireEvent.click(screen.getByRole('button', { name: 'See why' }));
  expect(opened).toBe(1);
  cleanup();
  const failed = { count: 3, name: 'broken.pdf' };
  show({ missing: ['Harvath', 'Venn'], searched: { ...asked, documents: 9, failed } });
  expect(screen.getByText('broken.pdf and 2 more documents could not be read.')).toBeTruthy();
  expect(screen.getByText('Nothing found speaks of: “Venn”')).toBeTruthy();
});
