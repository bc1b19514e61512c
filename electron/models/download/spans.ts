import type { ByteSpan } from '../../storage/repositories/downloads.ts';

/** A set of bytes, kept as few spans in order. */
export interface Spans {
  add(start: number, end: number): void;
  /** First byte that is not there, counted from the beginning. */
  prefix(): number;
  total(): number;
  list(): readonly ByteSpan[];
  clear(): void;
}

export function createSpans(initial: readonly ByteSpan[] = []): Spans {
  let spans: ByteSpan[] = [];
  const add = (start: number, end: number): void => {
    if (end <= start) return;
    const before = spans.filter((span) => span.end < start);
    const after = spans.filter((span) => span.start > end);
    const touching = spans.slice(before.length, spans.length - after.length);
    const joined = {
      start: Math.min(start, touching[0]?.start ?? start),
      end: Math.max(end, touching.at(-1)?.end ?? end),
    };
    spans = [...before, joined, ...after];
  };
  for (const { start, end } of initial) add(start, end);
  return {
    add,
    prefix: () => (spans[0]?.start === 0 ? spans[0].end : 0),
    total: () => spans.reduce((sum, span) => sum + span.end - span.start, 0),
    list: () => spans,
    clear: () => {
      spans = [];
    },
  };
}

/** The first bytes below `size` in none of the sets, at most `most` of them; null when all are taken. */
export function firstGap(
  size: number,
  most: number,
  ...taken: readonly (readonly ByteSpan[])[]
): ByteSpan | null {
  const all = createSpans(taken.flat());
  const start = all.prefix();
  if (start >= size) return null;
  const next = all.list().find((span) => span.start > start)?.start ?? size;
  return { start, end: Math.min(start + most, next, size) };
}
