import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../open.ts';
import { openDatabase } from '../open.ts';
import type { Writer } from '../sql.ts';
import { searchConversations } from './conversation-search.ts';
import {
  createConversation,
  getConversation,
  listConversations,
  purgeConversations,
  removeConversation,
  restoreConversation,
  updateConversation,
} from './conversations.ts';
import {
  addMessage,
  finishMessage,
  getMessage,
  newestLeafBelow,
  pathTo,
  saveText,
  siblingsOf,
} from './messages.ts';

let opened: OpenDatabase;
let db: Writer;
let at: number;
beforeEach(() => {
  at = 0;
  opened = openDatabase({
    file: ':memory:',
    clock: { now: () => 0 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    backupFolder: '/nowhere',
  });
  ({ db } = opened);
});
afterEach(() => opened.close());

const conversation = (id: string, title = ''): void => {
  createConversation(db, { id, modelId: null, scope: { kind: 'none' }, at: (at += 1) });
  if (title !== '') updateConversation(db, id, { title });
};
const message = (
  id: string,
  parentId: string | null,
  text = id,
  conversationId = 'c',
  role: 'user' | 'assistant' = 'user',
): void =>
  addMessage(db, {
    id,
    conversationId,
    parentId,
    role,
    text,
    status: role === 'user' ? 'complete' : 'streaming',
    at: (at += 1),
  });
const marked = (hit: {
  snippet: string;
  marks: readonly (readonly [number, number])[];
}): string[] => hit.marks.map(([start, end]) => hit.snippet.slice(start, end));

describe('the tree', () => {
  beforeEach(() => {
    conversation('c');
    message('root', null);
    message('a', 'root');
    message('b', 'root');
    message('a1', 'a');
    message('b1', 'b');
    message('a2', 'a');
  });

  it('has a path to each message, a newest leaf below each, and siblings', () => {
    expect(pathTo(db, 'a1').map(({ id }) => id)).toEqual(['root', 'a', 'a1']);
    expect(newestLeafBelow(db, 'a')).toBe('a2');
    expect(newestLeafBelow(db, 'root')).toBe('b1');
    expect(newestLeafBelow(db, 'a1')).toBe('a1');
    expect(siblingsOf(db, getMessage(db, 'a1')).map(({ id }) => id)).toEqual(['a1', 'a2']);
    message('root2', null);
    expect(siblingsOf(db, getMessage(db, 'root')).map(({ id }) => id)).toEqual(['root', 'root2']);
  });

  it('holds long conversations', () => {
    let parent = 'a2';
    for (let n = 0; n < 2000; n += 1) {
      message(`n${n}`, parent);
      parent = `n${n}`;
    }
    expect(pathTo(db, parent)).toHaveLength(2003);
    removeConversation(db, 'c', 1);
    expect(purgeConversations(db)).toEqual(['c']);
    expect(() => getMessage(db, 'root')).toThrowError('no such message');
  });

  it('takes text only while it streams', () => {
    message('answer', 'root', '', 'c', 'assistant');
    saveText(db, 'answer', 'half');
    expect(getMessage(db, 'answer').text).toBe('half');
    finishMessage(db, 'answer', {
      text: 'whole',
      status: 'complete',
      error: null,
      stats: null,
      claims: [],
      support: 'supported',
    });
    saveText(db, 'answer', 'late');
    expect(getMessage(db, 'answer')).toMatchObject({ text: 'whole', support: 'supported' });
  });
});

describe('the list', () => {
  it('has pinned ones first, then the last used; renaming moves nothing', () => {
    for (const id of ['one', 'two', 'three']) conversation(id);
    updateConversation(db, 'one', { updatedAt: 99 });
    updateConversation(db, 'two', { pinned: true, title: 'Two' });
    updateConversation(db, 'three', { title: 'Three' });
    expect(listConversations(db).map(({ id }) => id)).toEqual(['two', 'one', 'three']);
    removeConversation(db, 'one', 1);
    expect(listConversations(db).map(({ id }) => id)).toEqual(['two', 'three']);
    expect(() => getConversation(db, 'one')).toThrowError('no such conversation');
    expect(() => removeConversation(db, 'one', 1)).toThrowError('no such conversation');
    restoreConversation(db, 'one');
    expect(listConversations(db)).toHaveLength(3);
  });
});

describe('search', () => {
  beforeEach(() => {
    conversation('c', 'Café lease in Málaga');
    conversation('d', 'Boiler');
    message('m1', null, 'The lease ends in March; notice is three months.');
    message('m2', 'm1', `${'Before. '.repeat(40)}The boiler leaks.${' After.'.repeat(40)}`, 'd');
    message('m3', null, '서울의 전세 계약은 2년입니다.');
    message('m4', null, 'Nothing of the kind <b>bold</b>.');
  });
  const search = (query: string) => searchConversations(db, query);

  it('finds titles first, then messages, and marks the words', () => {
    const hits = search('lease');
    expect(hits.map(({ messageId }) => messageId)).toEqual([null, 'm1']);
    expect(hits.map(marked)).toEqual([['lease'], ['lease']]);
    expect(hits[1]).toMatchObject({ conversationId: 'c', title: 'Café lease in Málaga' });
  });

  it('does not mind accents and capitals, and takes the last word as a beginning', () => {
    expect(marked(search('MALAGA cafe')[0]!)).toEqual(['Café', 'Málaga']);
    expect(search('notice mon').map(({ messageId }) => messageId)).toEqual(['m1']);
    expect(search('not mon')).toEqual([]);
  });

  it('cuts a long message around the match, marks still right', () => {
    const [hit] = search('leaks');
    expect(hit?.snippet.length).toBeLessThan(300);
    expect(marked(hit!)).toEqual(['leaks']);
    expect(hit?.snippet.startsWith('…')).toBe(true);
  });

  it('finds parts of words in scripts without spaces', () => {
    const [hit] = search('전세');
    expect(hit?.messageId).toBe('m3');
    expect(marked(hit!)).toEqual(['전세']);
    expect(search('전세 부산')).toEqual([]);
  });

  it('keeps markup as text, asks for every word, and finds nothing in what was removed', () => {
    expect(search('bold')[0]?.snippet).toContain('<b>bold</b>');
    expect(search('lease boiler')).toEqual([]);
    expect(search('" ?')).toEqual([]);
    removeConversation(db, 'c', 1);
    expect(search('lease')).toEqual([]);
  });

  it('looks once for a word that a pasted text repeats', () => {
    for (let n = 0; n < 40; n += 1) message(`w${n}`, null, 'words here '.repeat(200));
    expect(search('words '.repeat(2000))).toHaveLength(40);
  });

  it('finds an answer by what it came to in the end', () => {
    message('m5', null, '', 'c', 'assistant');
    saveText(db, 'm5', 'a quokka appears');
    expect(search('quokka')).toEqual([]);
    finishMessage(db, 'm5', {
      ...{ text: 'a wombat appears', status: 'complete', error: null },
      ...{ stats: null, claims: [], support: null },
    });
    expect(search('wombat').map(({ messageId }) => messageId)).toEqual(['m5']);
    expect(search('quokka')).toEqual([]);
  });
});
