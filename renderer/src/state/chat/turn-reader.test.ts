import { describe, expect, it } from 'vitest';
import type { Message, Numbered, TurnEvent } from '../../../../electron/ipc/contract/index.ts';
import { readTurn } from './turn-reader.ts';
import type { TurnSnapshot } from './turn-reader.ts';

function bench() {
  const opened: { after: number; send: (n: Numbered<TurnEvent>) => void; closed: boolean }[] = [];
  const frames: (() => void)[] = [];
  const commits: TurnSnapshot[] = [];
  const reader = readTurn({
    open: (after, send) => {
      const stream = { after, send, closed: false };
      opened.push(stream);
      return () => (stream.closed = true);
    },
    frame: (flush) => frames.push(flush),
    commit: (snapshot) => commits.push(snapshot),
  });
  const send = (seq: number, event: TurnEvent, stream = opened.length - 1) =>
    opened[stream]?.send({ seq, event });
  const text = (seq: number, words: string, stream?: number) =>
    send(seq, { type: 'text', text: words }, stream);
  const frame = () => frames.splice(0).forEach((flush) => flush());
  return { reader, opened, frames, commits, send, text, frame };
}

const message = (text: string): Message => ({
  id: 'm',
  conversationId: 'c',
  parentId: null,
  role: 'assistant',
  text,
  status: 'complete',
  error: null,
  createdAt: 0,
  modelId: null,
  modelName: null,
  turnId: 't',
  stats: null,
  sources: [],
  claims: [],
  support: null,
});

describe('readTurn', () => {
  it('gathers what arrives between two pictures into one commit', () => {
    const { text, frame, commits } = bench();
    text(1, 'Hel');
    text(2, 'lo ');
    text(3, 'you');
    expect(commits).toEqual([]);
    frame();
    expect(commits.map((c) => c.text)).toEqual(['Hello you']);
    text(4, '.');
    frame();
    expect(commits.map((c) => c.text)).toEqual(['Hello you', 'Hello you.']);
  });

  it('follows the phases with their numbers', () => {
    const { send, frame, commits } = bench();
    send(1, { type: 'loading', modelId: 'x', fraction: 0.4 });
    frame();
    send(2, { type: 'reading', done: 320, total: 704, kept: 96 });
    frame();
    expect(commits.map((c) => c.phase)).toEqual([
      { kind: 'loading', modelId: 'x', fraction: 0.4 },
      { kind: 'reading', done: 320, total: 704, kept: 96 },
    ]);
  });

  it('drops what it has seen: a replay changes nothing', () => {
    const { text, frame, commits } = bench();
    text(1, 'a');
    text(2, 'b');
    text(1, 'a');
    text(2, 'b');
    text(3, 'c');
    frame();
    expect(commits.at(-1)?.text).toBe('abc');
  });

  it('waits for what is missing, asks for it once, and then takes all in order', () => {
    const { text, frame, commits, opened } = bench();
    text(1, 'a');
    text(3, 'c', 0);
    text(4, 'd', 0);
    expect(opened.map((o) => o.after)).toEqual([0, 1]);
    expect(opened[0]?.closed).toBe(true);
    text(2, 'b');
    frame();
    expect(commits.at(-1)?.text).toBe('abc');
    text(3, 'c');
    text(4, 'd');
    frame();
    expect(commits.at(-1)?.text).toBe('abcd');
    expect(opened).toHaveLength(2);
  });

  it('uses an early event that arrived over the same opening', () => {
    const { text, frame, commits, opened } = bench();
    text(2, 'b');
    expect(opened).toHaveLength(2);
    text(3, 'c');
    text(1, 'a');
    frame();
    expect(commits.at(-1)?.text).toBe('abc');
  });

  it('heals a second gap as well', () => {
    const { text, opened } = bench();
    text(2, 'b');
    text(1, 'a');
    text(5, 'e');
    expect(opened.map((o) => o.after)).toEqual([0, 0, 2]);
  });

  it('hands the end over at once, with the saved message, and closes', () => {
    const { send, text, commits, opened, frames } = bench();
    text(1, 'It ends');
    send(2, { type: 'done', message: message('It ends in March.') });
    expect(commits).toHaveLength(1);
    expect(commits[0]?.text).toBe('It ends in March.');
    expect(commits[0]?.end?.type).toBe('done');
    expect(opened[0]?.closed).toBe(true);
    frames.forEach((flush) => flush());
    expect(commits).toHaveLength(1);
  });

  it('keeps the text of a turn that failed without a message', () => {
    const { send, text, commits } = bench();
    text(1, 'It ends');
    send(2, { type: 'failed', error: { code: 'engine-crashed', message: '' }, message: null });
    expect(commits[0]?.text).toBe('It ends');
    expect(commits[0]?.end?.error?.code).toBe('engine-crashed');
  });

  it('attaches again from the last number, and ignores the opening before', () => {
    const { reader, text, frame, commits, opened } = bench();
    text(1, 'a');
    reader.reattach();
    expect(opened[1]?.after).toBe(1);
    text(2, 'X', 0);
    text(2, 'b', 1);
    frame();
    expect(commits.at(-1)?.text).toBe('ab');
  });

  it('commits nothing after it was closed', () => {
    const { reader, text, frame, commits } = bench();
    text(1, 'a');
    reader.close();
    frame();
    expect(commits).toEqual([]);
  });
});
