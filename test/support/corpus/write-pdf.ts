import {
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFOperator,
  PDFOperatorNames,
  StandardFonts,
} from 'pdf-lib';
import type { PDFRef } from 'pdf-lib';
import { join, shown } from './document.ts';
import type { Doc, Written } from './document.ts';
import type { Fact } from './world.ts';
import { wrap } from './write-text.ts';

/** A4, points. */
const width = 595;
const height = 842;
const margin = 72;
const size = 10;
const leading = 14;

/**
 * A composite font without a font file: glyph numbers are UTF-16 units, and a ToUnicode map says so.
 * Viewers show a font of the system; what counts here is the text layer and where it stands. All
 * letters are one em wide, ASCII half of one.
 */
function koreanFont(document: PDFDocument, units: ReadonlySet<number>): PDFRef {
  const { context } = document;
  const hex = (unit: number): string => unit.toString(16).padStart(4, '0');
  const maps = [...units].sort((a, b) => a - b).map((unit) => `<${hex(unit)}> <${hex(unit)}>`);
  const blocks: string[] = [];
  for (let at = 0; at < maps.length; at += 100) {
    const block = maps.slice(at, at + 100);
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  }
  const toUnicode = context.register(
    context.flateStream(
      `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Units def /CMapType 2 def\n1 begincodespacerange <0000> <ffff> endcodespacerange\n${blocks.join('\n')}\nendcmap end end`,
    ),
  );
  const descriptor = context.register(
    context.obj({
      Type: 'FontDescriptor',
      FontName: 'NanumGothic',
      Flags: 4,
      FontBBox: [0, -200, 1000, 900],
      ItalicAngle: 0,
      Ascent: 900,
      Descent: -200,
      CapHeight: 700,
      StemV: 80,
    }),
  );
  const descendant = context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: 'NanumGothic',
      CIDSystemInfo: {
        Registry: PDFHexString.fromText('Adobe'),
        Ordering: PDFHexString.fromText('Identity'),
        Supplement: 0,
      },
      FontDescriptor: descriptor,
      DW: 1000,
      W: [32, 126, 500],
    }),
  );
  return context.register(
    context.obj({
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: 'NanumGothic',
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: toUnicode,
    }),
  );
}

interface Line {
  readonly text: string;
  readonly x: number;
  /** Baseline, from the top. */
  readonly y: number;
  readonly size: number;
}

/** Lines of one part, and the baseline that each fact begins on. */
function layOut(
  doc: Doc,
  part: Doc['parts'][number],
  number: number,
  facts: Map<Fact, number>,
): Line[] {
  const lines: Line[] = [{ text: part.title, x: margin, y: 80, size: 15 }];
  const columns = doc.language.code === 'ko' ? 52 : 84;
  let y = 112;
  for (const item of part.items) {
    if (item.kind === 'table') {
      const rows = [
        { cells: item.table.header, facts: [] },
        ...item.table.rows.map(({ cells, facts: held }) => ({ cells, facts: held })),
      ];
      const texts = rows.map(({ cells }) => cells.map((cell) => shown(cell, doc.language)));
      const starts = columnStarts(texts, doc.language.code === 'ko' ? 6.7 : 3.5);
      for (const [index, row] of rows.entries()) {
        texts[index]?.forEach((text, column) => {
          lines.push({ text, x: starts[column] ?? margin, y, size: 6.5 });
        });
        for (const fact of row.facts) facts.set(fact, y);
        y += leading;
      }
    } else {
      for (const sentences of item.kind === 'list'
        ? item.sentences.map((each) => [each])
        : [item.sentences]) {
        const laid = wrap(join(sentences), columns);
        let offset = 0;
        for (const { text, fact } of sentences) {
          if (fact !== undefined) {
            let start = 0;
            const at = laid.findIndex((line) => {
              start += line.length + 1;
              return start > offset;
            });
            facts.set(fact, y + at * leading);
          }
          offset += text.length + 1;
        }
        for (const text of laid) {
          lines.push({ text, x: margin, y, size });
          y += leading;
        }
      }
    }
    y += leading;
  }
  if (y > height - 50) throw new Error(`page ${number} of document ${doc.number} is too full`);
  lines.push({ text: String(number), x: width / 2, y: height - 36, size: 8 });
  return lines;
}

/** Columns as wide as their longest cell, with a gap. */
function columnStarts(rows: readonly (readonly string[])[], perLetter: number): number[] {
  let x = margin;
  return (rows[0] ?? []).map((_, column) => {
    const start = x;
    x += Math.max(...rows.map((row) => row[column]?.length ?? 0)) * perLetter + 6;
    return start;
  });
}

/** One part a page. */
export async function writePdf(doc: Doc): Promise<Written> {
  const document = await PDFDocument.create();
  const facts = new Map<Fact, number>();
  const pages = doc.parts.map((part, index) => layOut(doc, part, index + 1, facts));
  const korean = doc.language.code === 'ko';
  const font = korean ? null : await document.embedFont(StandardFonts.Helvetica);
  const reference = korean
    ? koreanFont(document, new Set(pages.flat().flatMap(({ text }) => unitsOf(text))))
    : font?.ref;
  if (reference === undefined) throw new Error('no font');
  for (const lines of pages) {
    const page = document.addPage([width, height]);
    page.node.setFontDictionary(PDFName.of('F1'), reference);
    page.pushOperators(...lines.flatMap((line) => operators(line, (text) => encode(text, font))));
  }
  document.setTitle(doc.title);
  document.setCreationDate(new Date(0));
  document.setModificationDate(new Date(0));
  return { bytes: await document.save({ objectsPerTick: Infinity }), baselines: facts };
}

const unitsOf = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

function encode(
  text: string,
  font: { encodeText: (text: string) => PDFHexString } | null,
): PDFHexString {
  if (font !== null) return font.encodeText(text);
  return PDFHexString.of(
    unitsOf(text)
      .map((unit) => unit.toString(16).padStart(4, '0'))
      .join(''),
  );
}

function operators(line: Line, code: (text: string) => PDFHexString): PDFOperator[] {
  return [
    PDFOperator.of(PDFOperatorNames.BeginText),
    PDFOperator.of(PDFOperatorNames.SetFontAndSize, ['/F1', String(line.size)]),
    PDFOperator.of(PDFOperatorNames.MoveText, [line.x.toFixed(2), (height - line.y).toFixed(2)]),
    PDFOperator.of(PDFOperatorNames.ShowText, [code(line.text)]),
    PDFOperator.of(PDFOperatorNames.EndText),
  ];
}
