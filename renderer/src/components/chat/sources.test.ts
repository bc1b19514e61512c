import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { Message, Source } from '../../../../electron/ipc/contract/index.ts';
import { evidenceOf } from './evidence-of.ts';
import SourceList from './SourceList.svelte';

afterEach(cleanup);

it('a source names other files with the same words, and opens them where those stand', async () => {
  const text = 'The lease ends on 3 March 2027.';
  const file = { documentId: 'e', documentName: 'copy.pdf', path: '/home/a/copy.pdf' };
  const at = { page: null, start: 900, end: 931 };
  const source: Source = {
    ...{ number: 1, passageId: 'p', documentId: 'd', documentName: 'lease.pdf', page: 41 },
    ...{ heading: 'Term', text, start: 10, end: 41, score: 1 },
    sameIn: [file, { ...file, documentId: 'f', documentName: 'annex.pdf', at }],
  };
  const onopen = vi.fn<(source: Source) => void>();
  const message = { sources: [source], claims: [], stats: null } as unknown as Message;
  render(SourceList, { props: { message, numbers: new Map(), onopen } });
  expect(screen.getByText('The same words in 2 other files')).toBeTruthy();
  await fireEvent.click(screen.getByText('annex.pdf'));
  await fireEvent.click(screen.getByText('copy.pdf'));
  expect(onopen.mock.calls.map(([opened]) => evidenceOf(opened))).toEqual([
    { documentId: 'f', documentName: 'annex.pdf', ...at, quote: text, place: '' },
    {
      ...{ documentId: 'e', documentName: 'copy.pdf', page: 41, start: 10, end: 41, quote: text },
      place: 'page 41',
    },
  ]);
});
