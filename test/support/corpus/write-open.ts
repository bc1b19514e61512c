import { escapeXml, join, shown } from './document.ts';
import type { Doc, Item, Part, Written } from './document.ts';
import type { Fact } from './world.ts';
import { itemHtml } from './write-text.ts';
import { zip } from './zip.ts';

/** OpenDocument 1.3 and EPUB 3.3, the parts that readers ask for and no more. */

const xml = '<?xml version="1.0" encoding="UTF-8"?>\n';
const open = 'urn:oasis:names:tc:opendocument:xmlns';
const spaces = [
  'office',
  'text',
  'table',
  'style',
  ['draw', 'drawing'],
  'presentation',
  ['svg', 'svg-compatible'],
]
  .map((each) => (typeof each === 'string' ? [each, each] : each))
  .map(([prefix, name]) => `xmlns:${prefix}="${open}:${name}:1.0"`)
  .join(' ');

function opened(kind: 'text' | 'spreadsheet' | 'presentation', content: string): Uint8Array {
  const mime = `application/vnd.oasis.opendocument.${kind}`;
  const entry = (path: string, type: string): string =>
    `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="${type}"/>`;
  return zip([
    { name: 'mimetype', content: mime, stored: true },
    {
      name: 'content.xml',
      content: `${xml}<office:document-content ${spaces} office:version="1.3"><office:body><office:${kind}>${content}</office:${kind}></office:body></office:document-content>`,
    },
    {
      name: 'styles.xml',
      content: `${xml}<office:document-styles ${spaces} office:version="1.3"><office:styles/><office:automatic-styles><style:page-layout style:name="PM"/></office:automatic-styles><office:master-styles><style:master-page style:name="Main" style:page-layout-name="PM"/></office:master-styles></office:document-styles>`,
    },
    {
      name: 'META-INF/manifest.xml',
      content: `${xml}<manifest:manifest xmlns:manifest="${open}:manifest:1.0" manifest:version="1.3">${entry('/', mime)}${entry('content.xml', 'text/xml')}${entry('styles.xml', 'text/xml')}</manifest:manifest>`,
    },
  ]);
}

/** As writers save it: spaces that repeat, and pieces of a paragraph in spans of their own. */
function paragraph(text: string): string {
  const half = text.indexOf(' ', text.length / 2);
  if (half < 0) return `<text:p>${escapeXml(text)}</text:p>`;
  return `<text:p>${escapeXml(text.slice(0, half))}<text:span> ${escapeXml(text.slice(half + 1))}</text:span></text:p>`;
}

const stringCell = (text: string): string =>
  `<table:table-cell office:value-type="string"><text:p>${escapeXml(text)}</text:p></table:table-cell>`;

function tableXml(item: Extract<Item, { kind: 'table' }>, doc: Doc, name: string): string {
  const rows = [item.table.header, ...item.table.rows.map(({ cells }) => cells)];
  return `<table:table table:name="${name}"><table:table-column table:number-columns-repeated="${item.table.header.length}"/>${rows
    .map(
      (cells) =>
        `<table:table-row>${cells.map((value) => stringCell(shown(value, doc.language))).join('')}</table:table-row>`,
    )
    .join('')}</table:table>`;
}

export function writeOdt(doc: Doc): Written {
  const heading = (text: string, level: number): string =>
    `<text:h text:outline-level="${level}">${escapeXml(text)}</text:h>`;
  const item = (each: Item, at: number): string => {
    if (each.kind === 'table') return tableXml(each, doc, `Table${at}`);
    if (each.kind === 'list') {
      return `<text:list>${each.sentences.map(({ text }) => `<text:list-item>${paragraph(text)}</text:list-item>`).join('')}</text:list>`;
    }
    return paragraph(join(each.sentences));
  };
  const parts = doc.parts.map(({ title, items }) => heading(title, 2) + items.map(item).join(''));
  return { bytes: opened('text', heading(doc.title, 1) + parts.join('')) };
}

/** Rows and cells without content are told as repeated ones, a million at the end, as Calc does. */
export function writeOds(doc: Doc): Written {
  const rows = new Map<Fact, number>();
  const fill = '<table:table-cell table:number-columns-repeated="16370"/>';
  const sheet = ({ title, items }: Part): string => {
    const out: string[] = [];
    let row = 0;
    const put = (cells: readonly (string | number)[]): void => {
      row += 1;
      const filled = cells.map((value) =>
        typeof value === 'number'
          ? `<table:table-cell office:value-type="float" office:value="${value}"><text:p>${value}</text:p></table:table-cell>`
          : stringCell(value),
      );
      out.push(`<table:table-row>${filled.join('')}${fill}</table:table-row>`);
    };
    for (const item of items) {
      if (item.kind !== 'table') continue;
      for (const line of item.table.above) put(line === '' ? [] : [line]);
      put(item.table.header);
      for (const { cells, facts } of item.table.rows) {
        put(cells);
        for (const fact of facts) rows.set(fact, row);
      }
    }
    const rest = 1_048_576 - row;
    return `<table:table table:name="${escapeXml(title)}"><table:table-column table:number-columns-repeated="16377"/>${out.join('')}<table:table-row table:number-rows-repeated="${rest}"><table:table-cell table:number-columns-repeated="16377"/></table:table-row></table:table>`;
  };
  return { bytes: opened('spreadsheet', doc.parts.map(sheet).join('')), rows };
}

export function writeOdp(doc: Doc): Written {
  const frame = (kind: string, y: number, height: number, content: string): string =>
    `<draw:frame${kind === '' ? '' : ` presentation:class="${kind}"`} svg:width="22cm" svg:height="${height}cm" svg:x="1.5cm" svg:y="${y}cm">${content}</draw:frame>`;
  const box = (content: string): string => `<draw:text-box>${content}</draw:text-box>`;
  const pages = doc.parts.map(({ title, items }, index) => {
    const points = items.flatMap((item) =>
      item.kind === 'list' || item.kind === 'paragraph' ? item.sentences : [],
    );
    const notes = items.flatMap((item) => (item.kind === 'notes' ? item.sentences : []));
    const tables = items.flatMap((item) =>
      item.kind === 'table' ? [frame('', 9, 6, tableXml(item, doc, `T${index}`))] : [],
    );
    const list = `<text:list>${points.map(({ text }) => `<text:list-item>${paragraph(text)}</text:list-item>`).join('')}</text:list>`;
    return `<draw:page draw:name="page${index + 1}" draw:master-page-name="Main">${frame('title', 1, 3, box(`<text:p>${escapeXml(title)}</text:p>`))}${frame('outline', 5, 10, box(list))}${tables.join('')}${notes.length === 0 ? '' : `<presentation:notes>${frame('notes', 5, 10, box(paragraph(join(notes))))}</presentation:notes>`}</draw:page>`;
  });
  return { bytes: opened('presentation', pages.join('')) };
}

/** One chapter a file. The list of contents is no chapter and stands outside the spine. */
export function writeEpub(doc: Doc): Written {
  const page = (title: string, content: string): string =>
    `${xml}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="${doc.language.code}"><head><title>${escapeXml(title)}</title></head><body>${content}</body></html>`;
  const name = (index: number): string => `text/part${String(index + 1).padStart(3, '0')}.xhtml`;
  const chapters = doc.parts.map(({ title, items }, index) => ({
    name: `OEBPS/${name(index)}`,
    content: page(
      title,
      `<h1>${escapeXml(title)}</h1>${items.map((item) => itemHtml(item, doc.language)).join('\n')}`,
    ),
  }));
  const links = doc.parts
    .map(({ title }, index) => `<li><a href="${name(index)}">${escapeXml(title)}</a></li>`)
    .join('');
  return {
    bytes: zip([
      { name: 'mimetype', content: 'application/epub+zip', stored: true },
      {
        name: 'META-INF/container.xml',
        content: `${xml}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`,
      },
      {
        name: 'OEBPS/content.opf',
        content: `${xml}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">corpus-${doc.number}</dc:identifier><dc:title>${escapeXml(doc.title)}</dc:title><dc:language>${doc.language.code}</dc:language><meta property="dcterms:modified">2024-01-01T00:00:00Z</meta></metadata><manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>${doc.parts
          .map(
            (_, index) =>
              `<item id="c${index}" href="${name(index)}" media-type="application/xhtml+xml"/>`,
          )
          .join(
            '',
          )}</manifest><spine>${doc.parts.map((_, index) => `<itemref idref="c${index}"/>`).join('')}</spine></package>`,
      },
      {
        name: 'OEBPS/nav.xhtml',
        content: page(doc.title, `<nav epub:type="toc"><ol>${links}</ol></nav>`),
      },
      ...chapters,
    ]),
  };
}
