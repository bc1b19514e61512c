import type { Citation, LeftOut, Source } from '../../../../electron/ipc/contract/index.ts';
import type { Evidence } from '../../state/evidence.svelte.ts';
import { placeWords } from '../documents/place.ts';

type LeftOutPassage = Extract<LeftOut, { kind: 'passage' }>;

/** What the pane on the right shows for a citation, a source or a passage that was left out. */
export function evidenceOf(cited: Citation | Source | LeftOutPassage): Evidence {
  const { documentId, documentName, page, start, end } = cited;
  const quote = 'quote' in cited ? cited.quote : cited.text;
  return { documentId, documentName, page, start, end, quote, place: placeWords(cited) };
}
