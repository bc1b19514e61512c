import { decodeText, startsWith } from './encoding.ts';
import { cleanText, unreadable } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { sectionsOf } from './sections.ts';

/** Plain text: paragraphs are what empty lines part. */
export function extractTxt(bytes: Uint8Array): Extracted {
  refuseOtherFormats(bytes);
  const text = cleanText(decodeText(bytes));
  return sectionsOf(
    text.split(/\n[ \t]*(?:\n[ \t]*)+/).map((part) => ({ text: part, level: null })),
  );
}

/** A pdf or zip under a text file's name would be read as noise. */
export function refuseOtherFormats(bytes: Uint8Array): void {
  if (startsWith(bytes, [0x25, 0x50, 0x44, 0x46, 0x2d])) throw unreadable('the file is a PDF');
  if (startsWith(bytes, [0x50, 0x4b, 3, 4])) throw unreadable('the file is a zip archive');
}
