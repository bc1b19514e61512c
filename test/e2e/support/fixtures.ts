import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Document, HeadingLevel, Packer, Paragraph } from 'docx';
import { PDFDocument, StandardFonts } from 'pdf-lib';

/** A PDF with one text block per page, set in Helvetica 12 pt. */
export async function writePdf(file: string, pages: readonly (readonly string[])[]): Promise<void> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const lines of pages) {
    const page = pdf.addPage([595, 842]);
    lines.forEach((line, index) => {
      page.drawText(line, { x: 72, y: 760 - index * 20, size: 12, font });
    });
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, await pdf.save());
}

/** A Word document with a heading and paragraphs. */
export async function writeDocx(
  file: string,
  heading: string,
  paragraphs: readonly string[],
): Promise<void> {
  const document = new Document({
    sections: [
      {
        children: [
          new Paragraph({ text: heading, heading: HeadingLevel.HEADING_1 }),
          ...paragraphs.map((text) => new Paragraph(text)),
        ],
      },
    ],
  });
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, await Packer.toBuffer(document));
}
