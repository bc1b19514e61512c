import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../storage/open.ts';
import type { OpenDatabase } from '../../storage/open.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import { chunk } from '../index/chunk.ts';
import { createRetriever } from './index.ts';
import { createWarming, warmingSteps } from './warm.ts';

let opened: OpenDatabase;

beforeEach(() => {
  vi.useFakeTimers();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => 1 };
  opened = openDatabase({ file: ':memory:', clock, log, backupFolder: '/nowhere' });
  const documents = documentsRepository(opened.db);
  documents.addCollection({ id: 'c', name: 'c', folder: null, at: 1 });
  for (let at = 0; at < 30; at += 1) {
    const [id, text] = [`d${at}`, `The kiln of house ${at} was fired in ${1800 + at}.`];
    const of = { collectionId: 'c', name: id, path: `/${id}`, format: 'txt' } as const;
    documents.addWaiting({ ...of, id, bytes: 1, modifiedAt: 1, at: 1 });
    const size = { start: 0, headings: [], width: null, height: null, spans: [], blocks: [] };
    const pages = [{ ...size, text, kind: 'section' as const, title: null }];
    const passages = chunk(pages, { documentId: id, paged: false });
    documents.replaceContent(id, { sha256: id, bytes: 1, modifiedAt: 1 }, pages, passages);
  }
});
afterEach(() => {
  opened.close();
  vi.useRealTimers();
});

describe('warming', () => {
  it('searches for what stands in the library, and only in a large one', () => {
    const { search } = createRetriever(opened.db);
    const found: number[] = [];
    const counting: typeof search = (query, options) => {
      const hits = search(query, options);
      found.push(hits.length);
      return hits;
    };
    expect([...warmingSteps(opened.db, { search: counting })]).toHaveLength(0);
    expect(found).toEqual([]);
    for (const _ of warmingSteps(opened.db, { search: counting }, 30));
    expect(found).toHaveLength(10);
    expect(found.every((hits) => hits > 0)).toBe(true);
  });

  it('goes one step at a time, waits for whoever works, and ends when it is closed', () => {
    const search = vi.fn(() => []);
    let busy = true;
    const warming = createWarming(opened.db, { search }, () => busy, 30);
    warming.start();
    vi.advanceTimersByTime(10_000);
    expect(search).not.toHaveBeenCalled();
    busy = false;
    vi.advanceTimersByTime(450);
    expect(search.mock.calls.length).toBeLessThan(4);
    expect(search).toHaveBeenCalled();
    warming.close();
    const before = search.mock.calls.length;
    vi.advanceTimersByTime(60_000);
    expect(search).toHaveBeenCalledTimes(before);
  });

  it('does each step once', () => {
    const search = vi.fn(() => []);
    const warming = createWarming(opened.db, { search }, () => false, 30);
    warming.start();
    vi.advanceTimersByTime(60_000);
    expect(search).toHaveBeenCalledTimes(10);
    expect(vi.getTimerCount()).toBe(0);
    warming.close();
  });
});
