import { escapeXml, join, shown, utf8 } from './document.ts';
import type { Doc, Item, Table, Written } from './document.ts';
import type { Language } from './language.ts';

/** Breaks at spaces, `width` characters a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}

const cellsOf = (cells: Table['rows'][number]['cells'], language: Language): string[] =>
  cells.map((cell) => shown(cell, language));

/** Every other one is broken into lines as a mail program or an old editor does; some are no UTF-8. */
export function writeTxt(doc: Doc): Written {
  const wrapped = doc.number % 2 === 0;
  const lay = (text: string): string => (wrapped ? wrap(text, 76).join('\n') : text);
  const blocks = doc.parts.flatMap(({ title, items }) => [
    title.toUpperCase(),
    ...items.map((item) =>
      item.kind === 'table'
        ? [item.table.header, ...item.table.rows.map(({ cells }) => cells)]
            .map((cells) => cellsOf(cells, doc.language).join('   '))
            .join('\n')
        : item.kind === 'list'
          ? item.sentences.map(({ text }) => `- ${text}`).join('\n')
          : lay(join(item.sentences)),
    ),
  ]);
  const text = `${doc.title}\n\n${blocks.join('\n\n')}\n`;
  if (doc.number % 3 === 0 && doc.language.code === 'es') {
    return { bytes: new Uint8Array(Buffer.from(text, 'latin1')) };
  }
  if (doc.number % 3 === 0 && doc.language.code === 'ko') {
    return { bytes: new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le')) };
  }
  return { bytes: utf8(doc.number % 5 === 0 ? text.replaceAll('\n', '\r\n') : text) };
}

function mdItem(item: Item, language: Language): string {
  if (item.kind === 'table') {
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    return [
      line(item.table.header),
      line(item.table.header.map(() => '---')),
      ...item.table.rows.map(({ cells }) => line(cellsOf(cells, language))),
    ].join('\n');
  }
  if (item.kind === 'list') return item.sentences.map(({ text }) => `- ${text}`).join('\n');
  return join(item.sentences);
}

export function writeMd(doc: Doc): Written {
  const parts = doc.parts.flatMap(({ title, items }) => [
    `## ${title}`,
    ...items.map((item) => mdItem(item, doc.language)),
  ]);
  return { bytes: utf8(`# ${doc.title}\n\n${parts.join('\n\n')}\n`) };
}

/** Columns that Hangul fills: docutils counts wide characters as two. */
const columnsOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (letter >= '\u1100' ? 2 : 1), 0);

export function writeRst(doc: Doc): Written {
  const head = (text: string, mark: string): string => `${text}\n${mark.repeat(columnsOf(text))}`;
  const items = (item: Item): string => {
    if (item.kind === 'table') {
      const rows = [item.table.header, ...item.table.rows.map(({ cells }) => cells)];
      return [
        '.. list-table::',
        '   :header-rows: 1',
        '',
        ...rows.flatMap((cells) =>
          cellsOf(cells, doc.language).map((cell, at) => `   ${at === 0 ? '* -' : '  -'} ${cell}`),
        ),
      ].join('\n');
    }
    if (item.kind === 'list') return item.sentences.map(({ text }) => `* ${text}`).join('\n');
    return wrap(join(item.sentences), 78).join('\n');
  };
  const parts = doc.parts.flatMap((part) => [head(part.title, '-'), ...part.items.map(items)]);
  return { bytes: utf8(`${head(doc.title, '=')}\n\n${parts.join('\n\n')}\n`) };
}

export function itemHtml(item: Item, language: Language): string {
  if (item.kind === 'table') {
    const row = (tag: string, cells: readonly string[]): string =>
      `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
    return `<table>${row('th', item.table.header)}${item.table.rows
      .map(({ cells }) => row('td', cellsOf(cells, language)))
      .join('\n')}</table>`;
  }
  if (item.kind === 'list') {
    return `<ul>${item.sentences.map(({ text }) => `<li>${escapeXml(text)}</li>`).join('')}</ul>`;
  }
  return `<p>${escapeXml(join(item.sentences))}</p>`;
}

/** A saved page with what stands around the text on a site. */
export function writeHtml(doc: Doc): Written {
  const menu = ['Start', 'News', 'Archive', 'Contact', 'Sign in']
    .map((word) => `<li><a href="/${word.toLowerCase()}">${word}</a></li>`)
    .join('');
  const parts = doc.parts
    .map(
      ({ title, items }) =>
        `<section><h2>${escapeXml(title)}</h2>\n${items.map((item) => itemHtml(item, doc.language)).join('\n')}</section>`,
    )
    .join('\n');
  return {
    bytes: utf8(`<!doctype html>
<html lang="${doc.language.code}"><head><meta charset="utf-8"><title>${escapeXml(doc.title)}</title>
<style>body { font-family: serif }</style><script>window.visits = ${doc.number};</script></head>
<body><header><nav><ul>${menu}</ul></nav></header>
<main><article><h1>${escapeXml(doc.title)}</h1>
${parts}
</article></main>
<aside>Read also: nothing of note</aside><footer>Page ${doc.number} &middot; all rights reserved</footer></body></html>
`),
  };
}

/** Characters beyond ASCII as RTF 1.9 writes them: \uN with a question mark for old readers. */
const rtfText = (text: string): string =>
  [...text.replace(/[\\{}]/g, '\\$&')]
    .flatMap((letter) => letter.split(''))
    .map((unit) => {
      const code = unit.charCodeAt(0);
      return code < 128 ? unit : `\\u${code > 32_767 ? code - 65_536 : code}?`;
    })
    .join('');

export function writeRtf(doc: Doc): Written {
  const item = (each: Item): string => {
    if (each.kind === 'table') {
      return [each.table.header, ...each.table.rows.map(({ cells }) => cells)]
        .map((cells) => {
          const texts = cellsOf(cells, doc.language);
          const edges = texts.map((_, at) => `\\cellx${(at + 1) * 1500}`).join('');
          const filled = texts.map((cell) => `\\pard\\intbl ${rtfText(cell)}\\cell`).join('\n');
          return `\\trowd${edges}\n${filled}\\row`;
        })
        .join('\n');
    }
    if (each.kind === 'list') {
      return each.sentences
        .map(({ text }) => `\\pard{\\pntext\\bullet\\tab}${rtfText(text)}\\par`)
        .join('\n');
    }
    return `\\pard\\sa120 ${rtfText(join(each.sentences))}\\par`;
  };
  const parts = doc.parts.map(
    ({ title, items }) =>
      `\\pard\\s1\\outlinelevel0\\b\\fs28 ${rtfText(title)}\\b0\\fs22\\par\n${items.map(item).join('\n')}`,
  );
  return {
    bytes: utf8(`{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\froman Times New Roman;}}
{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0\\b\\fs28 heading 1;}}
{\\info{\\title ${rtfText(doc.title)}}}\\f0\\fs22\\uc1
\\pard\\s1\\outlinelevel0\\b\\fs36 ${rtfText(doc.title)}\\b0\\fs22\\par
${parts.join('\n')}
}
`),
  };
}
