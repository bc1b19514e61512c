import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import SearchedNote from './SearchedNote.svelte';

afterEach(cleanup);

it('a search that found nothing says how many documents were not read yet', () => {
  const searched = { query: 'Who?', documents: 17, nearest: [], unknown: [] };
  const props = { facts: { searched: { ...searched, unread: 106 } }, onopen: () => {} };
  render(SearchedNote, { props });
  expect(screen.getByText(/106 more documents were not read yet/)).toBeTruthy();
  cleanup();
  render(SearchedNote, { props: { ...props, facts: { searched } } });
  expect(screen.queryByText(/not read yet/)).toBeNull();
});
