/**
 * Scrolling as intent. Whoever knows what happened says so (`sent`, `switched`, `grew`, `scrolled`);
 * nothing is guessed from lengths. The view follows new text only while the reader is at the end:
 * one scroll upwards stops it, coming back to the end starts it again.
 */
export interface ScrollBox {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** How near to the end counts as being there, in px: two lines. */
const nearEnd = 48;

export class ScrollIntent {
  #box: ScrollBox | null = null;
  #following = true;
  #lastTop = 0;

  get following(): boolean {
    return this.#following;
  }

  attach(box: ScrollBox): () => void {
    this.#box = box;
    return () => {
      if (this.#box === box) this.#box = null;
    };
  }

  /** The reader sent something: what comes next is what they wait for. */
  sent(): void {
    this.#following = true;
    this.#toEnd();
  }

  /** Another conversation or branch is on screen. */
  switched(): void {
    this.#following = true;
    this.#toEnd();
  }

  /** A place other than the end is on screen (a search hit). */
  jumped(): void {
    this.#following = false;
  }

  /** The text became longer. */
  grew(): void {
    if (this.#following) this.#toEnd();
  }

  /** The box was scrolled, by the reader or by us. */
  scrolled(): void {
    const box = this.#box;
    if (!box) return;
    const up = box.scrollTop < this.#lastTop;
    this.#lastTop = box.scrollTop;
    const left = box.scrollHeight - box.clientHeight - box.scrollTop;
    if (left <= nearEnd) this.#following = true;
    else if (up) this.#following = false;
  }

  #toEnd(): void {
    const box = this.#box;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    this.#lastTop = box.scrollTop;
  }
}
