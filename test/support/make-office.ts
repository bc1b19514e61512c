import { makeZip } from './make-zip.ts';
import type { ZipPart } from './make-zip.ts';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

function rels(targets: readonly (readonly [type: string, target: string])[]): string {
  const list = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${relations}/${type}" Target="${target}"/>`,
  );
  return `${head}<Relationships>${list.join('')}</Relationships>`;
}

/** A cell: text goes to the shared strings; numbers may have a style (1 date, 2 percent, 3 date and time). */
export type Cell = string | number | { readonly value: number; readonly style: number } | null;

export interface SheetSpec {
  readonly name: string;
  /** By row number, 1-based; a list means rows from 1 on. */
  readonly rows: readonly (readonly Cell[])[] | Readonly<Record<number, readonly Cell[]>>;
}

/** Parts of an xlsx, for files that are honest and for those that begin as honest ones. */
export function xlsxParts(sheets: readonly SheetSpec[]): ZipPart[] {
  const strings: string[] = [];
  const cell = (value: Cell, row: number, column: number): string => {
    if (value === null) return '';
    const at = `r="${columnName(column)}${row}"`;
    if (typeof value === 'number') return `<c ${at}><v>${value}</v></c>`;
    if (typeof value === 'object') return `<c ${at} s="${value.style}"><v>${value.value}</v></c>`;
    strings.push(value);
    return `<c ${at} t="s"><v>${strings.length - 1}</v></c>`;
  };
  const parts = sheets.map(({ rows }, index): ZipPart => {
    const numbered: [number, readonly Cell[]][] = Array.isArray(rows)
      ? (rows as readonly (readonly Cell[])[]).map((cells, at) => [at + 1, cells])
      : Object.entries(rows as Record<string, readonly Cell[]>).map(([at, cells]) => [
          Number(at),
          cells,
        ]);
    const body = numbered.map(
      ([row, cells]) =>
        `<row r="${row}">${cells.map((each, at) => cell(each, row, at)).join('')}</row>`,
    );
    return {
      name: `xl/worksheets/sheet${index + 1}.xml`,
      content: `${head}<worksheet><sheetData>${body.join('')}</sheetData></worksheet>`,
    };
  });
  const names = sheets.map(
    ({ name }, index) =>
      `<sheet name="${escape(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  return [
    {
      name: 'xl/workbook.xml',
      content: `${head}<workbook xmlns:r="${relations}"><sheets>${names.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: rels([
        ...sheets.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`] as const),
        ['sharedStrings', 'sharedStrings.xml'],
        ['styles', '/xl/styles.xml'],
      ]),
    },
    {
      name: 'xl/sharedStrings.xml',
      content: `${head}<sst>${strings.map((text) => `<si><t>${escape(text)}</t></si>`).join('')}</sst>`,
    },
    {
      name: 'xl/styles.xml',
      content: `${head}<styleSheet><numFmts><numFmt numFmtId="170" formatCode="d\\.m\\.yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="10"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    },
    ...parts,
  ];
}

export const makeXlsx = (sheets: readonly SheetSpec[]): Uint8Array => makeZip(xlsxParts(sheets));

function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : `${columnName(Math.floor(column / 26) - 1)}${letter}`;
}

export interface SlideSpec {
  readonly title?: string;
  readonly body?: readonly string[];
  readonly table?: readonly (readonly string[])[];
  readonly notes?: string;
}

const paragraphs = (lines: readonly string[]): string =>
  `<p:txBody>${lines.map((line) => `<a:p><a:r><a:t>${escape(line)}</a:t></a:r></a:p>`).join('')}</p:txBody>`;
const shape = (type: string | null, lines: readonly string[]): string =>
  `<p:sp><p:nvSpPr><p:nvPr>${type === null ? '' : `<p:ph type="${type}"/>`}</p:nvPr></p:nvSpPr>${paragraphs(lines)}</p:sp>`;

export function pptxParts(slides: readonly SlideSpec[]): ZipPart[] {
  const list = slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`);
  const parts = slides.flatMap(({ title, body, table, notes }, index): ZipPart[] => {
    const number = index + 1;
    const rows = (table ?? []).map(
      (row) => `<a:tr>${row.map((text) => `<a:tc>${paragraphs([text])}</a:tc>`).join('')}</a:tr>`,
    );
    const shapes = [
      title === undefined ? '' : shape('title', [title]),
      body === undefined ? '' : shape('body', body),
      rows.length === 0 ? '' : `<p:graphicFrame><a:tbl>${rows.join('')}</a:tbl></p:graphicFrame>`,
      shape('sldNum', [String(number)]),
    ];
    const tree = (inner: string): string => `<p:cSld><p:spTree>${inner}</p:spTree></p:cSld>`;
    const slide = {
      name: `ppt/slides/slide${number}.xml`,
      content: `${head}<p:sld xmlns:p="p" xmlns:a="a">${tree(shapes.join(''))}</p:sld>`,
    };
    if (notes === undefined) return [slide];
    return [
      slide,
      {
        name: `ppt/slides/_rels/slide${number}.xml.rels`,
        content: rels([['notesSlide', `../notesSlides/notesSlide${number}.xml`]]),
      },
      {
        name: `ppt/notesSlides/notesSlide${number}.xml`,
        content: `${head}<p:notes>${tree(shape('sldImg', ['picture']) + shape('body', [notes]))}</p:notes>`,
      },
    ];
  });
  return [
    {
      name: 'ppt/presentation.xml',
      content: `${head}<p:presentation><p:sldIdLst>${list.join('')}</p:sldIdLst></p:presentation>`,
    },
    {
      name: 'ppt/_rels/presentation.xml.rels',
      content: rels(slides.map((_, index) => ['slide', `slides/slide${index + 1}.xml`] as const)),
    },
    ...parts,
  ];
}

export const makePptx = (slides: readonly SlideSpec[]): Uint8Array => makeZip(pptxParts(slides));

export type OdfKind = 'text' | 'spreadsheet' | 'presentation';

/** An OpenDocument file from the inside of its body element. */
export function odfParts(kind: OdfKind, body: string): ZipPart[] {
  return [
    { name: 'mimetype', content: `application/vnd.oasis.opendocument.${kind}`, stored: true },
    {
      name: 'content.xml',
      content: `${head}<office:document-content><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    },
    { name: 'META-INF/manifest.xml', content: `${head}<manifest:manifest/>` },
  ];
}

export const makeOdf = (kind: OdfKind, body: string): Uint8Array => makeZip(odfParts(kind, body));

export interface ChapterSpec {
  readonly title: string;
  readonly html: string;
}

export function epubParts(chapters: readonly ChapterSpec[]): ZipPart[] {
  const file = (index: number): string => `text/c${index + 1}.xhtml`;
  const items = chapters.map(
    (_, index) => `<item id="c${index}" href="${file(index)}" media-type="application/xhtml+xml"/>`,
  );
  const nav = chapters.map(
    ({ title }, index) => `<li><a href="${file(index)}#top">${escape(title)}</a></li>`,
  );
  return [
    { name: 'mimetype', content: 'application/epub+zip', stored: true },
    {
      name: 'META-INF/container.xml',
      content: `${head}<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>`,
    },
    {
      name: 'OEBPS/book.opf',
      content: `${head}<package><manifest><item id="nav" properties="nav" href="nav.xhtml" media-type="application/xhtml+xml"/>${items.join('')}</manifest><spine><itemref idref="nav"/>${chapters.map((_, index) => `<itemref idref="c${index}"/>`).join('')}</spine></package>`,
    },
    {
      name: 'OEBPS/nav.xhtml',
      content: `${head}<html><body><nav><ol>${nav.join('')}</ol></nav></body></html>`,
    },
    ...chapters.map(({ html }, index): ZipPart => ({
      name: `OEBPS/${file(index)}`,
      content: `${head}<html><head><title>Book</title></head><body>${html}</body></html>`,
    })),
  ];
}

export const makeEpub = (chapters: readonly ChapterSpec[]): Uint8Array =>
  makeZip(epubParts(chapters));
