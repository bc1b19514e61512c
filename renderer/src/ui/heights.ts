/**
 * Heights of many things that stand one below the other, most of them only estimated. Where a thing
 * stands, and what stands at a place, is found in logarithmic time; so is a change of one height.
 */
export class Heights {
  readonly #heights: Float64Array;
  /** A Fenwick tree over the heights; index 0 is not used. */
  readonly #sums: Float64Array;
  readonly #measured: Uint8Array;

  constructor(count: number, estimate: (index: number) => number) {
    this.#heights = new Float64Array(count);
    this.#sums = new Float64Array(count + 1);
    this.#measured = new Uint8Array(count);
    for (let index = 0; index < count; index += 1) {
      const height = Math.max(1, estimate(index));
      this.#heights[index] = height;
      this.#sums[index + 1] = height;
    }
    for (let node = 1; node <= count; node += 1) {
      const parent = node + (node & -node);
      if (parent <= count) this.#sums[parent] = this.#sum(parent) + this.#sum(node);
    }
  }

  #sum(node: number): number {
    return this.#sums[node] ?? 0;
  }

  get count(): number {
    return this.#heights.length;
  }

  get total(): number {
    return this.topOf(this.count);
  }

  heightOf(index: number): number {
    return this.#heights[index] ?? 0;
  }

  /** Where a thing begins; for the count, where the last one ends. */
  topOf(index: number): number {
    let top = 0;
    for (let node = Math.min(index, this.count); node > 0; node -= node & -node) {
      top += this.#sum(node);
    }
    return top;
  }

  /** What stands at a place; the first or last one beyond the ends. */
  at(place: number): number {
    let node = 0;
    // Sums of fractions differ in their last digits by the order in which they are made.
    let left = Math.max(0, place) + 0.01;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.count))); step >= 1; step /= 2) {
      const next = node + step;
      if (next <= this.count && this.#sum(next) <= left) {
        node = next;
        left -= this.#sum(next);
      }
    }
    return Math.min(node, Math.max(0, this.count - 1));
  }

  /**
   * What a person looks at within `height` pixels below `top`: the first thing of which at least half is
   * in view, or which takes half of the view.
   */
  lookedAt(top: number, height: number): number {
    const last = this.at(top + height);
    for (let index = this.at(top); index <= last; index += 1) {
      const from = Math.max(top, this.topOf(index));
      const visible = Math.min(top + height, this.topOf(index + 1)) - from;
      if (visible >= Math.min(this.heightOf(index), height) / 2) return index;
    }
    return this.at(top + height / 2);
  }

  /** Whether the height was measured, not estimated. */
  isMeasured(index: number): boolean {
    return this.#measured[index] === 1;
  }

  /** Takes a measured height. @returns how much it differs from what was thought. */
  measure(index: number, height: number): number {
    if (index < 0 || index >= this.count) return 0;
    this.#measured[index] = 1;
    const change = Math.max(1, height) - this.heightOf(index);
    if (change === 0) return 0;
    this.#heights[index] = Math.max(1, height);
    for (let node = index + 1; node <= this.count; node += node & -node) {
      this.#sums[node] = this.#sum(node) + change;
    }
    return change;
  }
}
