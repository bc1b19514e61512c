import type { PassageHit } from '../../../../electron/ipc/contract/index.ts';
import type { Mark } from './mark.ts';
import { linesOf } from './text-blocks.ts';

/**
 * What is marked of a hit in its document: the passage, and of a table only the rows that hold most of
 * what was looked for.
 */
export function hitMarks({ text, start, end, marks }: PassageHit): readonly [Mark, ...Mark[]] {
  const whole: readonly [Mark] = [{ start, end }];
  const lines = linesOf(text);
  const isTable =
    lines.filter((line) => text.slice(line.start, line.end).includes('\t')).length > 1;
  if (!isTable || text.length !== end - start) return whole;
  const held = lines.map((line) => {
    const words = marks
      .filter(([from, to]) => from >= line.start && to <= line.end)
      .map(([from, to]) => text.slice(from, to).toLowerCase());
    return { line, words: new Set(words).size };
  });
  const most = Math.max(...held.map(({ words }) => words));
  if (most === 0) return whole;
  const [first, ...others] = held
    .filter(({ words }) => words === most)
    .map(({ line }) => ({ start: start + line.start, end: start + line.end }));
  return first ? [first, ...others] : whole;
}
