import { describe, expect, it } from 'vitest';
import { documentSummary } from '../../samples.fake.ts';
import { listed, plainLook, stateOf } from './document-list.ts';
import type { ListLook } from './document-list.ts';

const all = [
  documentSummary({ id: '1', name: 'note 10.md', bytes: 5, readAt: 3 }),
  documentSummary({ id: '2', name: 'note 2.md', bytes: 5, readAt: 9, fileState: 'gone' }),
  documentSummary({ id: '3', name: 'Bank.pdf', format: 'pdf', bytes: 900, state: 'failed' }),
  documentSummary({
    id: '4',
    name: 'área.txt',
    format: 'txt',
    bytes: 1,
    state: 'waiting',
    readAt: null,
  }),
];
const ids = (look: Partial<ListLook>) =>
  listed(all, { ...plainLook, ...look }, 'en')
    .map(({ id }) => id)
    .join('');

describe('the list of documents', () => {
  it('sorts by each column, names as people count them', () => {
    expect(ids({})).toBe('4321');
    expect(ids({ descending: true })).toBe('1234');
    expect(ids({ column: 'bytes' })).toBe('4213');
    expect(ids({ column: 'readAt', descending: true }).startsWith('3')).toBe(true);
    expect(ids({ column: 'state' })).toBe('3241');
    expect(ids({ column: 'format' })).toBe('2134');
  });

  it('filters by state and by a part of the name', () => {
    expect(ids({ filter: 'failed' })).toBe('3');
    expect(ids({ filter: 'changed' })).toBe('2');
    expect(ids({ filter: 'busy' })).toBe('4');
    expect(ids({ filter: 'ready' })).toBe('1');
    expect(ids({ name: ' NOTE ' })).toBe('21');
    expect(ids({ name: 'zzz' })).toBe('');
  });
});

describe('what a stop left unread', () => {
  const stopped = documentSummary({
    ...{ id: 's', name: 'stopped.txt', state: 'stopped' },
  });
  const waiting = documentSummary({ id: 'w', collectionId: 'paused', state: 'waiting' });

  it('is told from what could not be read, and from what waits by itself', () => {
    const nothing = new Set<string>();
    expect(stateOf(stopped, nothing)).toBe('stopped');
    expect(stateOf(waiting, nothing)).toBe('waiting');
    expect(stateOf(waiting, new Set(['paused']))).toBe('stopped');
    expect(listed([...all, stopped], { ...plainLook, filter: 'failed' }, 'en')).toHaveLength(2);
  });
});
