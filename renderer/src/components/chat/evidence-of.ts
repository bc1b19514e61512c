import type { Citation, Source } from '../../../../electron/ipc/contract/index.ts';
import type { Evidence } from '../../state/evidence.svelte.ts';
import { placeWords } from '../documents/place.ts';

/** What the pane on the right shows for a citation or a source. */
export function evidenceOf(cited: Citation | Source): Evidence {
  const { documentId, documentName, page, start, end } = cited;
  const quote = 'quote' in cited ? cited.quote : cited.text;
  return { documentId, documentName, page, start, end, quote, place: placeWords(cited) };
}
