import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import type { TurnStats } from '../../../../electron/ipc/contract/index.ts';
import { message, model } from '../../samples.fake.ts';
import LeftOutList from './LeftOutList.svelte';
import { leftOutWhy } from './words.ts';

afterEach(cleanup);

const stats = { contextSize: 14_000 } as TurnStats;
const answer = message('a1', 'u1', { modelId: 'm', stats });

it('what did not fit says why, and what would help', () => {
  expect(leftOutWhy(answer, [model({ id: 'm' })])).toBe(
    'All that the model is asked with and its answer must fit into 14,000 tokens of context. More fits with a larger one: “Load with…” on the Models page.',
  );
  expect(leftOutWhy(answer, [model({ id: 'm', contextLimit: 14_000 })])).toBe(
    'All that the model is asked with and its answer must fit into 14,000 tokens of context: it was trained on no more.',
  );
  const name = 'Miniature (demo)';
  expect(leftOutWhy(answer, [model({ id: 'm', name, promptLimit: 704 })])).toBe(
    'Miniature (demo) is given 704 tokens at a time: it was trained on no more. All that it is asked with must fit in.',
  );
  expect(leftOutWhy(answer, [model({ id: 'another' })])).toBeNull();
});

it('the reason stands below the list', async () => {
  const leftOut = [{ kind: 'message' as const, messageId: 'u0', text: 'Who signed it?' }];
  const props = { leftOut, messages: 1, why: 'It was too long.', onopen: () => {} };
  const { rerender } = render(LeftOutList, { props });
  await fireEvent.click(screen.getByText('1 earlier message did not fit'));
  const below = (): string | undefined =>
    screen.getByText('Who signed it?').closest('ul')?.nextElementSibling?.textContent;
  expect(below()).toBe('It was too long.');
  await rerender({ ...props, why: null });
  expect(below()).toBeUndefined();
});

it('tells what was left out from what was read in part', async () => {
  const passage = {
    ...{ kind: 'passage' as const, documentId: 'd', documentName: 'lease.pdf', page: 3 },
    ...{ heading: null, start: 0, end: 9, text: 'The lease' },
  };
  const whole = { leftOut: [passage], messages: 0, why: null, onopen: () => {} };
  const { rerender } = render(LeftOutList, { props: whole });
  const words = (): string | undefined => document.querySelector('summary')?.textContent?.trim();
  expect(words()).toBe('1 passage did not fit');
  const cut = { ...passage, isCut: true as const };
  await rerender({ ...whole, leftOut: [cut, cut] });
  expect(words()).toBe('2 passages were read only in part');
  await rerender({ ...whole, leftOut: [passage, cut], messages: 2 });
  expect(words()).toBe(
    '1 passage and 2 earlier messages did not fit, 1 passage was read only in part',
  );
});
