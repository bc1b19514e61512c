import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTextBatcher, createTextStream } from './answer.ts';
import type { EngineEvent } from './port.ts';

/** Tokens are bytes of UTF-8. */
const model = {
  detokenize: (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens)),
};

describe('createTextStream', () => {
  it('holds a character back until all its tokens are there', () => {
    const stream = createTextStream(model);
    const pieces = [...new TextEncoder().encode('añ😀!')].map((byte) => stream.push(byte));
    expect(pieces).toEqual(['a', '', 'ñ', '', '', '', '😀', '!']);
  });

  it('leaves an unfinished character out', () => {
    const stream = createTextStream(model);
    expect([0x61, 0xf0, 0x9f].map((byte) => stream.push(byte)).join('')).toBe('a');
  });

  it('passes on bytes that are no text instead of waiting for ever', () => {
    const stream = createTextStream(model);
    const pieces = [0xff, 0xff, 0xff, 0xff].map((byte) => stream.push(byte));
    expect(pieces.join('')).toBe('\uFFFD\uFFFD\uFFFD\uFFFD');
  });
});

describe('createTextBatcher', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends the first piece at once and joins what follows too fast', () => {
    const events: EngineEvent[] = [];
    const batch = createTextBatcher((event) => events.push(event), Date.now);
    batch.push('a');
    batch.push('b');
    vi.advanceTimersByTime(5);
    batch.push('c');
    expect(events).toEqual([{ type: 'text', text: 'a' }]);
    vi.advanceTimersByTime(40);
    expect(events).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'bc' },
    ]);
  });

  it('gives half as many events while text comes faster than anyone can read', () => {
    const times: number[] = [];
    const begun = Date.now();
    const batch = createTextBatcher(() => times.push(Date.now() - begun), Date.now);
    const write = (text: string, milliseconds: number): void => {
      for (let at = 0; at < milliseconds; at += 2) {
        batch.push(text);
        vi.advanceTimersByTime(2);
      }
    };
    write('four', 420);
    expect(times.length).toBeLessThan(8);
    times.length = 0;
    write('o', 420);
    expect(times.length).toBeGreaterThan(8);
  });

  it('flushes the rest, and nothing when there is none', () => {
    const events: EngineEvent[] = [];
    const batch = createTextBatcher((event) => events.push(event), Date.now);
    batch.push('a');
    batch.push('b');
    batch.flush();
    batch.flush();
    vi.advanceTimersByTime(100);
    expect(events.map((event) => (event.type === 'text' ? event.text : ''))).toEqual(['a', 'b']);
  });
});
