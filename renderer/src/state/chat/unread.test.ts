import { describe, expect, it } from 'vitest';
import type {
  ConversationActivity,
  ConversationSummary,
} from '../../../../electron/ipc/contract/index.ts';
import { Unread } from './unread.svelte.ts';

const list = (all: Readonly<Record<string, ConversationActivity | 'nothing'>>) =>
  Object.entries(all).map(
    ([id, activity]) =>
      ({ id, ...(activity === 'nothing' ? {} : { activity }) }) as ConversationSummary,
  );

describe('answers that were finished while somebody looked elsewhere', () => {
  it('are new until their conversation is on screen', () => {
    const unread = new Unread();
    unread.look(list({ a: 'answering', b: 'waiting', c: 'nothing' }), 'a');
    unread.look(list({ a: 'nothing', b: 'answering', c: 'nothing' }), 'a');
    expect([...unread.ids]).toEqual([]);
    unread.look(list({ a: 'nothing', b: 'nothing', c: 'nothing' }), 'a');
    expect([...unread.ids]).toEqual(['b']);
    unread.look(list({ a: 'nothing', b: 'nothing', c: 'nothing' }), 'b');
    expect([...unread.ids]).toEqual([]);
  });

  it('are new when another view was open, and gone with their conversation', () => {
    const unread = new Unread();
    unread.look(list({ a: 'answering' }), null);
    unread.look(list({ a: 'nothing' }), null);
    expect([...unread.ids]).toEqual(['a']);
    unread.look(list({}), null);
    expect([...unread.ids]).toEqual([]);
  });

  it('are not new while the next one is being written', () => {
    const unread = new Unread();
    unread.look(list({ a: 'answering' }), null);
    unread.look(list({ a: 'nothing' }), null);
    unread.look(list({ a: 'answering' }), null);
    expect([...unread.ids]).toEqual([]);
  });
});
