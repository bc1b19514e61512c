import {
  Document,
  HeadingLevel,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
} from 'docx';
import { degrees, PDFDocument, StandardFonts } from 'pdf-lib';

/** One line of text on a page: points, from the top left; `size` in points. */
export interface PdfLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface PdfPageSpec {
  readonly lines: readonly PdfLine[];
  readonly rotate?: 0 | 90 | 180 | 270;
}

/** Paragraphs as lines one below the other, with the place of each line known. */
export function linesAt(
  paragraphs: readonly (readonly string[])[],
  options: { readonly x?: number; readonly y?: number; readonly size?: number } = {},
): PdfLine[] {
  const { x = 72, size = 11 } = options;
  let y = options.y ?? 90;
  const lines: PdfLine[] = [];
  for (const paragraph of paragraphs) {
    for (const text of paragraph) {
      lines.push({ text, x, y, size });
      y += size * 1.3;
    }
    y += size * 1.3;
  }
  return lines;
}

/** A PDF (A4, Helvetica) whose text stands at known places. `y` is the baseline, from the top. */
export async function makePdf(pages: readonly PdfPageSpec[]): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (const spec of pages) {
    const page = document.addPage([595, 842]);
    for (const { text, x, y, size } of spec.lines) {
      page.drawText(text, { x, y: 842 - y, size, font });
    }
    if (spec.rotate !== undefined) page.setRotation(degrees(spec.rotate));
  }
  // The time would make every run's file another one.
  document.setCreationDate(new Date(0));
  document.setModificationDate(new Date(0));
  return document.save();
}

/** Width in points of a text in the font that `makePdf` uses. */
export async function widthOf(text: string, size: number): Promise<number> {
  const document = await PDFDocument.create();
  return (await document.embedFont(StandardFonts.Helvetica)).widthOfTextAtSize(text, size);
}

export type DocxPart =
  | { readonly heading: string; readonly level: 1 | 2 | 3 }
  | { readonly text: string }
  | { readonly list: readonly string[] }
  | { readonly table: readonly (readonly string[])[] };

const levels = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3] as const;

export async function makeDocx(parts: readonly DocxPart[]): Promise<Uint8Array> {
  const children = parts.flatMap((part): (Paragraph | Table)[] => {
    if ('heading' in part) {
      return [new Paragraph({ text: part.heading, heading: levels[part.level - 1] ?? levels[0] })];
    }
    if ('list' in part) {
      return part.list.map((text) => new Paragraph({ text, bullet: { level: 0 } }));
    }
    if ('table' in part) {
      return [
        new Table({
          rows: part.table.map(
            (row) =>
              new TableRow({
                children: row.map((text) => new TableCell({ children: [new Paragraph(text)] })),
              }),
          ),
        }),
      ];
    }
    return [new Paragraph({ children: [new TextRun(part.text)] })];
  });
  return new Uint8Array(await Packer.toBuffer(new Document({ sections: [{ children }] })));
}
