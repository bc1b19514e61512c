import { join, shown, utf8 } from './document.ts';
import type { Doc, Sentence, Table, Written } from './document.ts';
import type { Fact } from './world.ts';

/** Comma-separated values as RFC 4180 has them; tab-separated ones without quotes. */
export function writeSeparated(doc: Doc): Written {
  const tab = doc.format === 'tsv';
  // Where the comma is the decimal mark, spreadsheets part by semicolons.
  const mark = tab ? '\t' : doc.language.code === 'es' ? ';' : ',';
  const quote = (cell: string | number): string => {
    const text = String(cell);
    return !tab && /[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = new Map<Fact, number>();
  const table = firstTable(doc);
  const lines = [table.header.map(quote).join(mark)];
  for (const row of table.rows) {
    lines.push(row.cells.map(quote).join(mark));
    for (const fact of row.facts) rows.set(fact, lines.length);
  }
  const bom = doc.number % 2 === 0 && !tab ? '\uFEFF' : '';
  return { bytes: utf8(`${bom}${lines.join('\r\n')}\r\n`), rows };
}

export function firstTable(doc: Doc): Table {
  const item = doc.parts[0]?.items.find(({ kind }) => kind === 'table');
  if (item?.kind !== 'table') throw new Error('a sheet without a table');
  return item.table;
}

interface JsonRecord {
  readonly id: number;
  readonly topic: string;
  readonly note: string;
}

const recordsOf = (doc: Doc): JsonRecord[] =>
  doc.parts.flatMap(({ title, items }, part) =>
    items.flatMap((item, at) =>
      item.kind === 'table'
        ? []
        : [{ id: doc.number * 100 + part * 10 + at, topic: title, note: join(item.sentences) }],
    ),
  );

/** As programs write it that keep to ASCII. */
const asciiOnly = (json: string): string =>
  json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** One of four escapes everything beyond ASCII, as several languages' own writers do unasked. */
export function writeJson(doc: Doc): Written {
  const lines = doc.format === 'jsonl';
  const text = lines
    ? `${recordsOf(doc)
        .map((record) => JSON.stringify(record))
        .join('\n')}\n`
    : `${JSON.stringify({ title: doc.title, kept: true, records: recordsOf(doc) }, null, 2)}\n`;
  return { bytes: utf8(doc.number % 4 === 0 ? asciiOnly(text) : text) };
}

/** A notebook (nbformat 4.5): text cells and code cells whose outputs hold text too. */
export function writeIpynb(doc: Doc): Written {
  const asLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const cells = doc.parts.map(({ title, items }, index) => {
    const sentences = items.flatMap((item) => (item.kind === 'table' ? [] : item.sentences));
    const id = `cell${doc.number}x${index}`;
    if (index % 3 !== 2) {
      return {
        cell_type: 'markdown',
        id,
        metadata: {},
        source: asLines(`## ${title}\n\n${join(sentences)}\n`),
      };
    }
    const printed = (index / 3) % 2 < 1;
    const first = sentences.slice(0, printed ? 1 : sentences.length);
    return {
      cell_type: 'code',
      execution_count: index,
      id,
      metadata: {},
      source: asLines(
        `${first.map(({ text }) => `# ${text}`).join('\n')}\ntotal = sum(values)\nprint(total, note)\n`,
      ),
      outputs: printed
        ? [
            {
              output_type: 'stream',
              name: 'stdout',
              text: asLines(`${12 + index}\n${join(sentences.slice(1))}\n`),
            },
          ]
        : [],
    };
  });
  return {
    bytes: utf8(
      `${JSON.stringify(
        {
          cells,
          metadata: {
            kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
            language_info: { name: 'python' },
          },
          nbformat: 4,
          nbformat_minor: 5,
        },
        null,
        1,
      )}\n`,
    ),
  };
}

interface CodeStyle {
  readonly extension: string;
  readonly write: (name: string, sentences: readonly Sentence[]) => string;
  readonly before?: string;
}

const body = ['let total = 0;', 'for (const entry of entries) total += entry.weight;'];
const codeStyles: readonly CodeStyle[] = [
  {
    extension: 'py',
    before: 'import math\n\n\n',
    write: (name, sentences) =>
      `def ${name}(entries):\n    """${sentences[0]?.text ?? ''}"""\n    total = 0\n    for entry in entries:\n        total += math.floor(entry)\n${sentences
        .slice(1)
        .map(({ text }) => `    # ${text}\n`)
        .join('')}    return total\n\n\n`,
  },
  {
    extension: 'ts',
    write: (name, sentences) =>
      `/**\n${sentences.map(({ text }) => ` * ${text}\n`).join('')} */\nexport function ${name}(entries: readonly { weight: number }[]): number {\n  ${body.join('\n  ')}\n  return total;\n}\n\n`,
  },
  {
    extension: 'java',
    write: (name, sentences) =>
      `class ${name.replace(/^./, (letter) => letter.toUpperCase())} {\n${sentences
        .map(({ text }, at) => `    static final String NOTE_${at} = "${text}";\n`)
        .join('')}\n    int total(int[] entries) {\n        return entries.length;\n    }\n}\n\n`,
  },
  {
    extension: 'go',
    before: 'package rounds\n\n',
    write: (name, sentences) =>
      `${sentences.map(({ text }) => `// ${text}\n`).join('')}func ${name}(entries []int) int {\n\ttotal := 0\n\tfor _, entry := range entries {\n\t\ttotal += entry\n\t}\n\treturn total\n}\n\n`,
  },
  {
    extension: 'sql',
    write: (name, sentences) =>
      `${sentences.map(({ text }) => `-- ${text}\n`).join('')}CREATE VIEW ${name} AS\n  SELECT id, weight FROM entries WHERE weight > 0;\n\n`,
  },
  {
    extension: 'c',
    before: '#include <stdio.h>\n\n',
    write: (name, sentences) =>
      `int ${name}(const int *entries, int count) {\n    int total = 0;\n${sentences.map(({ text }) => `    /* ${text} */\n`).join('')}    for (int at = 0; at < count; at++) total += entries[at];\n    return total;\n}\n\n`,
  },
];

/** Facts stand in comments, docstrings and strings; names of functions say nothing of them. */
export function writeCode(doc: Doc): Written {
  const style = codeStyles[doc.number % codeStyles.length];
  if (style === undefined) throw new Error('no style');
  const units = doc.parts.map(({ items }, index) =>
    style.write(
      `${['check', 'sum', 'weigh', 'merge'][index % 4]}Entries${index + 1}`,
      items.flatMap((item) => (item.kind === 'table' ? [] : item.sentences)),
    ),
  );
  return {
    bytes: utf8(`${style.before ?? ''}${units.join('')}`),
    extension: style.extension,
  };
}

/** A word of RFC 2047 for headers beyond ASCII, 45 bytes each so that a line stays short. */
function headerText(text: string): string {
  if (!/[^ -~]/.test(text)) return text;
  const words: string[] = [];
  let part = '';
  for (const letter of text) {
    if (Buffer.byteLength(part + letter) > 45) {
      words.push(part);
      part = '';
    }
    part += letter;
  }
  return [...words, part]
    .map((word) => `=?UTF-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`)
    .join('\r\n ');
}

/** Quoted-printable (RFC 2045 §6.7). */
function quotedPrintable(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const codes = [...Buffer.from(line, 'utf8')].map((byte) =>
        byte === 61 || byte < 32 || byte > 126
          ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
          : String.fromCharCode(byte),
      );
      let out = '';
      let length = 0;
      for (const code of codes) {
        if (length + code.length > 75) {
          out += '=\r\n';
          length = 0;
        }
        out += code;
        length += code.length;
      }
      return out.replace(/ $/, '=20');
    })
    .join('\r\n');
}

const base64Lines = (text: string): string =>
  (
    Buffer.from(text, 'utf8')
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n');

function messageOf(doc: Doc, index: number): string {
  const part = doc.parts[index];
  if (part === undefined) throw new Error('no such message');
  const text = part.items
    .map((item) =>
      item.kind === 'table'
        ? item.table.rows
            .map(({ cells }) => cells.map((cell) => shown(cell, doc.language)).join('  '))
            .join('\n')
        : join(item.sentences),
    )
    .join('\n\n');
  const day = 1 + ((doc.number + index) % 28);
  const head = [
    `From: ${headerText(doc.language.firstNames[index % 5] ?? 'Someone')} <round${index}@example.org>`,
    'To: Office <office@example.org>',
    `Subject: ${headerText(part.title)}`,
    `Date: ${String(day).padStart(2, '0')} Mar 2024 09:${String(10 + index).padStart(2, '0')}:00 +0000`,
    `Message-ID: <${doc.number}.${index}@example.org>`,
    'MIME-Version: 1.0',
  ];
  const style = (doc.number + index) % 3;
  if (style === 0) {
    const edge = `=_edge_${doc.number}_${index}`;
    const html = `<html><body>${text
      .split('\n\n')
      .map((paragraph) => `<p>${paragraph}</p>`)
      .join('')}</body></html>`;
    return [
      ...head,
      `Content-Type: multipart/alternative; boundary="${edge}"`,
      '',
      `--${edge}`,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      quotedPrintable(text),
      `--${edge}`,
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      base64Lines(html),
      `--${edge}--`,
      '',
    ].join('\r\n');
  }
  return [
    ...head,
    'Content-Type: text/plain; charset="utf-8"',
    `Content-Transfer-Encoding: ${style === 1 ? 'base64' : 'quoted-printable'}`,
    '',
    style === 1 ? base64Lines(text) : quotedPrintable(text),
    '',
  ].join('\r\n');
}

export const writeEml = (doc: Doc): Written => ({ bytes: utf8(messageOf(doc, 0)) });

/** mboxrd: lines that begin with "From " get a mark. */
export function writeMbox(doc: Doc): Written {
  const messages = doc.parts.map((_, index) => {
    const message = messageOf(doc, index)
      .replaceAll('\r\n', '\n')
      .replace(/^(>*From )/gm, '>$1')
      // The header's own From has a colon and stays as it is.
      .replace(/^>(From: )/gm, '$1');
    return `From round${index}@example.org Fri Mar  1 09:${10 + index}:00 2024\n${message}\n`;
  });
  return { bytes: utf8(messages.join('')) };
}
