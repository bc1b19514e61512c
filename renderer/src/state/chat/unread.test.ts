import { describe, expect, it } from 'vitest';
import type { ConversationSummary } from '../../../../electron/ipc/contract/index.ts';
import { createClient } from '../../api.ts';
import { fakeApi } from '../../api.fake.ts';
import { Unread } from './unread.svelte.ts';

const list = (all: Readonly<Record<string, 'new' | 'nothing'>>) =>
  Object.entries(all).map(
    ([id, state]) =>
      ({ id, ...(state === 'new' && { hasNewAnswer: true }) }) as ConversationSummary,
  );
const setUp = () => {
  const fake = fakeApi({ 'conversations.seen': () => null });
  const unread = new Unread(createClient(fake.api));
  const seen = () => fake.calls.map(({ args }) => (args as { id: string }).id);
  return { unread, seen };
};

describe('answers that were finished while somebody looked elsewhere', () => {
  it('are new until their conversation is on screen, and then CORE is told', () => {
    const { unread, seen } = setUp();
    unread.look(list({ a: 'nothing', b: 'new', c: 'new' }), 'a');
    expect([...unread.ids]).toEqual(['b', 'c']);
    expect(seen()).toEqual([]);
    unread.look(list({ a: 'nothing', b: 'new', c: 'new' }), 'b');
    expect([...unread.ids]).toEqual(['c']);
    expect(seen()).toEqual(['b']);
    unread.look(list({ a: 'nothing', b: 'nothing', c: 'new' }), 'b');
    expect(seen()).toEqual(['b']);
  });

  it('are never marked where they end on screen', () => {
    const { unread, seen } = setUp();
    unread.look(list({ a: 'new' }), 'a');
    expect([...unread.ids]).toEqual([]);
    expect(seen()).toEqual(['a']);
  });

  it('are new when another view is open, and gone with their conversation', () => {
    const { unread, seen } = setUp();
    unread.look(list({ a: 'new' }), null);
    expect([...unread.ids]).toEqual(['a']);
    unread.look(list({}), null);
    expect([...unread.ids]).toEqual([]);
    expect(seen()).toEqual([]);
  });
});
