import type { DocumentPart, DocumentView } from '../../../../electron/ipc/contract/index.ts';
import type { Mark } from './mark.ts';
import type { Pages } from './pages.svelte.ts';
import type { Shades } from './shade.ts';

/** What a document was sent to show. A new one each time, also for the same place. */
export interface Aim {
  /** 1-based. */
  readonly page: number;
  /** The marked stretch that comes into view; null = the page's beginning. */
  readonly mark: Mark | null;
}

/** What every way to show a document's pages is given. */
export interface PagesShown {
  readonly view: DocumentView;
  readonly parts: readonly DocumentPart[];
  readonly pages: Pages;
  readonly aim: Aim;
  readonly shades: Shades;
  /** 1-based; the part that is read. To be bound. */
  number: number;
}
