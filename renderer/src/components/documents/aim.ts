import type { Mark } from './mark.ts';

/** What a document was sent to show. A new one each time, also for the same place. */
export interface Aim {
  /** 1-based. */
  readonly page: number;
  /** The marked stretch that comes into view; null = the page's beginning. */
  readonly mark: Mark | null;
}
