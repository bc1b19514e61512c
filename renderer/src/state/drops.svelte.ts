/** A place in the window that takes what is dropped on it, besides adding it to the documents. */
export interface DropPlace {
  /** As it is called on the veil; empty where it has no name yet: a new conversation. */
  readonly name: string;
  /** What was dropped is being read into this collection. */
  use(collectionId: string): void;
}

/** The conversation on screen, for what is dropped over it. */
export class Drops {
  #place = $state.raw<DropPlace | null>(null);

  get place(): DropPlace | null {
    return this.#place;
  }

  /** @returns how to end it. */
  offer(place: DropPlace): () => void {
    this.#place = place;
    return () => {
      if (this.#place === place) this.#place = null;
    };
  }
}
