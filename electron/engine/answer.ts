import type { NativeModel } from '../../native/llama/binding.ts';
import type { EngineEvent } from './port.ts';

/**
 * One 'text' event in this many milliseconds at most. Each becomes a picture in the window and three
 * messages on the way there; twenty-four pictures a second, as films have, still look like writing.
 */
const batchMs = 42;
/**
 * An event of so many characters came far faster than anyone reads. Half as many pictures are enough then, and what
 * they would take is left for calculating.
 */
const unreadable = 60;

/**
 * Turns token ids into text as they come. A character that spans several tokens is held back until
 * it is whole.
 */
export function createTextStream(model: Pick<NativeModel, 'detokenize'>): {
  /** The text that became certain with this token. */
  push(token: number): string;
} {
  const done: number[] = [];
  let held: number[] = [];
  return {
    push(token) {
      held.push(token);
      const piece = model.detokenize(held, done);
      // A model may also write U+FFFD itself; four bytes are the longest character.
      if (piece.endsWith('\uFFFD') && held.length < 4) return '';
      done.push(...held);
      held = [];
      return piece;
    },
  };
}

export interface TextBatcher {
  push(text: string): void;
  flush(): void;
}

/** Joins pieces of text so that events do not come faster than anyone can see. */
export function createTextBatcher(
  emit: (event: EngineEvent) => void,
  now: () => number,
): TextBatcher {
  let pending = '';
  let last = -Infinity;
  let rest = batchMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (pending === '') return;
    const text = pending;
    pending = '';
    last = now();
    rest = text.length < unreadable ? batchMs : 2 * batchMs;
    emit({ type: 'text', text });
  };
  return {
    push(text) {
      pending += text;
      const wait = rest - (now() - last);
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
    flush,
  };
}
