import type { Place, SameContent } from '../../../../electron/ipc/contract/index.ts';

/** A hit or a source. */
interface Placed {
  readonly documentId: string;
  readonly documentName: string;
  readonly page: number | null;
  readonly heading: string | null;
  readonly place?: Place | null;
  readonly start: number;
  readonly end: number;
}

/** The same words where they stand in another file. */
export function placedIn<T extends Placed>(
  what: T,
  { documentId, documentName, at }: SameContent,
): T {
  const file = { ...what, documentId, documentName };
  return at === undefined ? file : { ...file, ...at, place: null, heading: null };
}
