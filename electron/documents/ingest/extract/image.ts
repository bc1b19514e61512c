import { needsOcr } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { recognise } from './ocr.ts';
import type { OcrFacts } from './ocr.ts';

/** A picture has no text of its own: it is recognised where that is switched on. */
export async function extractImage(
  bytes: Uint8Array,
  ocr: OcrFacts | null,
  beat: Beat,
): Promise<Extracted> {
  if (ocr === null) throw needsOcr();
  const { text, words } = await recognise(bytes, ocr, beat);
  if (text === '') throw needsOcr({ reason: 'nothing' });
  const page = {
    text: `${text}\n\n`,
    width: null,
    height: null,
    headings: [],
    kind: 'page',
    isRecognised: true,
  } as const;
  return { paged: true, pages: [{ ...page, spans: words }] };
}
