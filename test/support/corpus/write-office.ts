import { escapeXml, join, shown } from './document.ts';
import type { Doc, Item, Part, Written } from './document.ts';
import type { Fact } from './world.ts';
import { zip } from './zip.ts';
import type { ZipEntry } from './zip.ts';

/** Office Open XML (ECMA-376), the parts that readers ask for and no more. */

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const office = 'http://schemas.openxmlformats.org';
const types = 'application/vnd.openxmlformats-officedocument';
const relation = `${office}/officeDocument/2006/relationships`;

interface Relation {
  readonly id: string;
  readonly type: string;
  readonly target: string;
}

const relations = (list: readonly Relation[]): string =>
  `${xml}<Relationships xmlns="${office}/package/2006/relationships">${list
    .map(
      ({ id, type, target }) =>
        `<Relationship Id="${id}" Type="${relation}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;

const contentTypes = (overrides: readonly (readonly [path: string, type: string])[]): ZipEntry => ({
  name: '[Content_Types].xml',
  content: `${xml}<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides
    .map(([path, type]) => `<Override PartName="${path}" ContentType="${types}.${type}+xml"/>`)
    .join('')}</Types>`,
});

const rootOf = (target: string): ZipEntry => ({
  name: '_rels/.rels',
  content: relations([{ id: 'rId1', type: 'officeDocument', target }]),
});

export function writeDocx(doc: Doc): Written {
  // Word cuts a paragraph into runs where its spelling or history changes: the text must come out whole.
  const runs = (text: string): string =>
    (text.match(/[\s\S]{1,37}/g) ?? [])
      .map((piece) => `<w:r><w:t xml:space="preserve">${escapeXml(piece)}</w:t></w:r>`)
      .join('');
  const paragraph = (text: string, style?: string): string =>
    `<w:p>${style === undefined ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}${runs(text)}</w:p>`;
  const item = (each: Item): string => {
    if (each.kind === 'table') {
      const rows = [each.table.header, ...each.table.rows.map(({ cells }) => cells)];
      return `<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>${each.table.header.map(() => '<w:gridCol w:w="1500"/>').join('')}</w:tblGrid>${rows
        .map(
          (cells) =>
            `<w:tr>${cells.map((cell) => `<w:tc><w:tcPr><w:tcW w:w="1500" w:type="dxa"/></w:tcPr>${paragraph(shown(cell, doc.language))}</w:tc>`).join('')}</w:tr>`,
        )
        .join('')}</w:tbl>`;
    }
    if (each.kind === 'list') {
      return each.sentences.map(({ text }) => paragraph(text, 'ListParagraph')).join('');
    }
    return paragraph(join(each.sentences));
  };
  const parts = doc.parts.map(
    ({ title, items }) => paragraph(title, 'Heading2') + items.map(item).join(''),
  );
  const style = (id: string, name: string, level: number): string =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${level < 0 ? '' : `<w:pPr><w:outlineLvl w:val="${level}"/></w:pPr>`}</w:style>`;
  return {
    bytes: zip([
      contentTypes([
        ['/word/document.xml', 'wordprocessingml.document.main'],
        ['/word/styles.xml', 'wordprocessingml.styles'],
      ]),
      rootOf('word/document.xml'),
      {
        name: 'word/_rels/document.xml.rels',
        content: relations([{ id: 'rId1', type: 'styles', target: 'styles.xml' }]),
      },
      {
        name: 'word/styles.xml',
        content: `${xml}<w:styles xmlns:w="${office}/wordprocessingml/2006/main">${style('Normal', 'Normal', -1)}${style('ListParagraph', 'List Paragraph', -1)}${style('Heading1', 'heading 1', 0)}${style('Heading2', 'heading 2', 1)}</w:styles>`,
      },
      {
        name: 'word/document.xml',
        content: `${xml}<w:document xmlns:w="${office}/wordprocessingml/2006/main"><w:body>${paragraph(doc.title, 'Heading1')}${parts.join('')}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`,
      },
    ]),
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Sheets with shared strings; one workbook of two names its files in another order than its sheets. */
export function writeXlsx(doc: Doc): Written {
  const strings = new Map<string, number>();
  const rows = new Map<Fact, number>();
  let uses = 0;
  const cell = (value: string | number, column: number, row: number): string => {
    const at = `${letters[column]}${row}`;
    if (typeof value === 'number') return `<c r="${at}"><v>${value}</v></c>`;
    uses += 1;
    const index = strings.get(value) ?? strings.size;
    strings.set(value, index);
    return `<c r="${at}" t="s"><v>${index}</v></c>`;
  };
  const sheetXml = ({ items }: Part): string => {
    const out: string[] = [];
    let row = 0;
    const put = (cells: readonly (string | number)[]): void => {
      row += 1;
      if (cells.length === 0) return;
      out.push(
        `<row r="${row}">${cells.map((value, column) => cell(value, column, row)).join('')}</row>`,
      );
    };
    for (const each of items) {
      if (each.kind !== 'table') continue;
      for (const line of each.table.above) put(line === '' ? [] : [line]);
      put(each.table.header);
      for (const { cells, facts } of each.table.rows) {
        put(cells);
        for (const fact of facts) rows.set(fact, row);
      }
    }
    return `${xml}<worksheet xmlns="${office}/spreadsheetml/2006/main"><sheetData>${out.join('')}</sheetData></worksheet>`;
  };
  const count = doc.parts.length;
  const fileOf = (index: number): number => (doc.number % 2 === 0 ? count - index : index + 1);
  const sheets = doc.parts.map((part, index) => ({
    name: `xl/worksheets/sheet${fileOf(index)}.xml`,
    content: sheetXml(part),
  }));
  const shared = [...strings.keys()].map((text) => `<si><t>${escapeXml(text)}</t></si>`).join('');
  return {
    rows,
    bytes: zip([
      contentTypes([
        ['/xl/workbook.xml', 'spreadsheetml.sheet.main'],
        ['/xl/sharedStrings.xml', 'spreadsheetml.sharedStrings'],
        ...sheets.map(({ name }) => [`/${name}`, 'spreadsheetml.worksheet'] as const),
      ]),
      rootOf('xl/workbook.xml'),
      {
        name: 'xl/workbook.xml',
        content: `${xml}<workbook xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${relation}"><sheets>${doc.parts
          .map(
            ({ title }, index) =>
              `<sheet name="${escapeXml(title)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
          )
          .join('')}</sheets></workbook>`,
      },
      {
        name: 'xl/_rels/workbook.xml.rels',
        content: relations([
          ...doc.parts.map((_, index) => ({
            id: `rId${index + 1}`,
            type: 'worksheet',
            target: `worksheets/sheet${fileOf(index)}.xml`,
          })),
          { id: `rId${count + 1}`, type: 'sharedStrings', target: 'sharedStrings.xml' },
        ]),
      },
      ...sheets,
      {
        name: 'xl/sharedStrings.xml',
        content: `${xml}<sst xmlns="${office}/spreadsheetml/2006/main" count="${uses}" uniqueCount="${strings.size}">${shared}</sst>`,
      },
    ]),
  };
}

const drawing = `xmlns:a="${office}/drawingml/2006/main" xmlns:r="${relation}" xmlns:p="${office}/presentationml/2006/main"`;
const groupHead =
  '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>';

const shape = (id: number, placeholder: string, paragraphs: readonly string[], y: number): string =>
  `<p:sp><p:nvSpPr><p:cNvPr id="${id}" name="Box ${id}"/><p:cNvSpPr/><p:nvPr><p:ph type="${placeholder}"${placeholder === 'title' ? '' : ' idx="1"'}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="500000" y="${y}"/><a:ext cx="8000000" cy="${placeholder === 'title' ? 900_000 : 4_500_000}"/></a:xfrm></p:spPr><p:txBody><a:bodyPr/>${paragraphs
    .map((text) => `<a:p><a:r><a:rPr sz="1600"/><a:t>${escapeXml(text)}</a:t></a:r></a:p>`)
    .join('')}</p:txBody></p:sp>`;

/** Slides with a title, points, a table or notes; one deck of two names its files in another order. */
export function writePptx(doc: Doc): Written {
  const count = doc.parts.length;
  const fileOf = (index: number): number => (doc.number % 2 === 0 ? count - index : index + 1);
  const tableXml = (each: Extract<Item, { kind: 'table' }>): string => {
    const rows = [each.table.header, ...each.table.rows.map(({ cells }) => cells)];
    return `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="Table"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="500000" y="3500000"/><a:ext cx="8000000" cy="2000000"/></p:xfrm><a:graphic><a:graphicData uri="${office}/drawingml/2006/table"><a:tbl><a:tblPr firstRow="1"/><a:tblGrid>${each.table.header.map(() => '<a:gridCol w="1100000"/>').join('')}</a:tblGrid>${rows
      .map(
        (cells) =>
          `<a:tr h="370000">${cells.map((value) => `<a:tc><a:txBody><a:bodyPr/><a:p><a:r><a:t>${escapeXml(shown(value, doc.language))}</a:t></a:r></a:p></a:txBody><a:tcPr/></a:tc>`).join('')}</a:tr>`,
      )
      .join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
  };
  const entries: ZipEntry[] = [];
  const overrides: [string, string][] = [];
  doc.parts.forEach(({ title, items }, index) => {
    const number = fileOf(index);
    const points = items.flatMap((item) =>
      item.kind === 'list' || item.kind === 'paragraph' ? item.sentences : [],
    );
    const notes = items.flatMap((item) => (item.kind === 'notes' ? item.sentences : []));
    const tables = items.flatMap((item) => (item.kind === 'table' ? [tableXml(item)] : []));
    entries.push({
      name: `ppt/slides/slide${number}.xml`,
      content: `${xml}<p:sld ${drawing}><p:cSld><p:spTree>${groupHead}${shape(2, 'title', [title], 300_000)}${shape(
        3,
        'body',
        points.map(({ text }) => text),
        1_400_000,
      )}${tables.join('')}</p:spTree></p:cSld></p:sld>`,
    });
    overrides.push([`/ppt/slides/slide${number}.xml`, 'presentationml.slide']);
    const links: Relation[] = [
      { id: 'rId1', type: 'slideLayout', target: '../slideLayouts/slideLayout1.xml' },
    ];
    if (notes.length > 0) {
      links.push({ id: 'rId2', type: 'notesSlide', target: `../notesSlides/notes${number}.xml` });
      entries.push(
        {
          name: `ppt/notesSlides/notes${number}.xml`,
          content: `${xml}<p:notes ${drawing}><p:cSld><p:spTree>${groupHead}${shape(2, 'body', [join(notes)], 1_000_000)}</p:spTree></p:cSld></p:notes>`,
        },
        {
          name: `ppt/notesSlides/_rels/notes${number}.xml.rels`,
          content: relations([
            { id: 'rId1', type: 'slide', target: `../slides/slide${number}.xml` },
          ]),
        },
      );
      overrides.push([`/ppt/notesSlides/notes${number}.xml`, 'presentationml.notesSlide']);
    }
    entries.push({
      name: `ppt/slides/_rels/slide${number}.xml.rels`,
      content: relations(links),
    });
  });
  const bare = `<p:cSld><p:spTree>${groupHead}</p:spTree></p:cSld>`;
  const colours = ['dk1', 'lt1', 'dk2', 'lt2', ...[1, 2, 3, 4, 5, 6].map((at) => `accent${at}`)];
  const scheme = [...colours, 'hlink', 'folHlink']
    .map((name) => `<a:${name}><a:srgbClr val="444444"/></a:${name}>`)
    .join('');
  const fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>';
  const fonts = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>';
  return {
    bytes: zip([
      contentTypes([
        ['/ppt/presentation.xml', 'presentationml.presentation.main'],
        ['/ppt/slideMasters/slideMaster1.xml', 'presentationml.slideMaster'],
        ['/ppt/slideLayouts/slideLayout1.xml', 'presentationml.slideLayout'],
        ['/ppt/theme/theme1.xml', 'theme'],
        ...overrides,
      ]),
      rootOf('ppt/presentation.xml'),
      {
        name: 'ppt/presentation.xml',
        content: `${xml}<p:presentation ${drawing}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>${doc.parts
          .map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 2}"/>`)
          .join(
            '',
          )}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`,
      },
      {
        name: 'ppt/_rels/presentation.xml.rels',
        content: relations([
          { id: 'rId1', type: 'slideMaster', target: 'slideMasters/slideMaster1.xml' },
          ...doc.parts.map((_, index) => ({
            id: `rId${index + 2}`,
            type: 'slide',
            target: `slides/slide${fileOf(index)}.xml`,
          })),
        ]),
      },
      {
        name: 'ppt/slideMasters/slideMaster1.xml',
        content: `${xml}<p:sldMaster ${drawing}>${bare}<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>`,
      },
      {
        name: 'ppt/slideMasters/_rels/slideMaster1.xml.rels',
        content: relations([
          { id: 'rId1', type: 'slideLayout', target: '../slideLayouts/slideLayout1.xml' },
          { id: 'rId2', type: 'theme', target: '../theme/theme1.xml' },
        ]),
      },
      {
        name: 'ppt/slideLayouts/slideLayout1.xml',
        content: `${xml}<p:sldLayout ${drawing} type="obj">${bare}</p:sldLayout>`,
      },
      {
        name: 'ppt/slideLayouts/_rels/slideLayout1.xml.rels',
        content: relations([
          { id: 'rId1', type: 'slideMaster', target: '../slideMasters/slideMaster1.xml' },
        ]),
      },
      {
        name: 'ppt/theme/theme1.xml',
        content: `${xml}<a:theme xmlns:a="${office}/drawingml/2006/main" name="Plain"><a:themeElements><a:clrScheme name="Plain">${scheme}</a:clrScheme><a:fontScheme name="Plain"><a:majorFont>${fonts}</a:majorFont><a:minorFont>${fonts}</a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>${fill.repeat(3)}</a:fillStyleLst><a:lnStyleLst>${`<a:ln>${fill}</a:ln>`.repeat(3)}</a:lnStyleLst><a:effectStyleLst>${'<a:effectStyle><a:effectLst/></a:effectStyle>'.repeat(3)}</a:effectStyleLst><a:bgFillStyleLst>${fill.repeat(3)}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>`,
      },
      ...entries,
    ]),
  };
}
