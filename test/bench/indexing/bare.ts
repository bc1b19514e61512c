import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Nodes } from 'mdast';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { openDatabase } from '../../../electron/storage/open.ts';
import { quietLog } from '../../support/documents-setup.ts';

/** Text of a file by a library as it comes, with nothing made of it. */
type Bare = (bytes: Buffer) => string | Promise<string>;

interface Library {
  readonly name: string;
  readonly load: () => Promise<Bare>;
}

const markdown = async (): Promise<(source: string) => string> => {
  const { fromMarkdown } = await import('mdast-util-from-markdown');
  const { gfmTable } = await import('micromark-extension-gfm-table');
  const { gfmTableFromMarkdown } = await import('mdast-util-gfm-table');
  const textOf = (node: Nodes): string =>
    'value' in node ? node.value : 'children' in node ? node.children.map(textOf).join(' ') : '';
  return (source) =>
    textOf(
      fromMarkdown(source, {
        extensions: [gfmTable()],
        mdastExtensions: [gfmTableFromMarkdown()],
      }),
    );
};

const table: Library = {
  name: 'papaparse',
  load: async () => {
    const { default: Papa } = await import('papaparse');
    return (bytes) =>
      Papa.parse<string[]>(bytes.toString('utf8'))
        .data.map((row) => row.join('\t'))
        .join('\n');
  },
};

/** What reads a format within Quarry; formats that are missing have no library: their bytes are their text. */
const libraries: Partial<Record<string, Library>> = {
  md: {
    name: 'mdast-util-from-markdown',
    load: async () => {
      const parse = await markdown();
      return (bytes) => parse(bytes.toString('utf8'));
    },
  },
  html: {
    name: 'parse5',
    load: async () => {
      const { parse } = await import('parse5');
      const textOf = (node: DefaultTreeAdapterTypes.Node): string =>
        'value' in node
          ? node.value
          : 'childNodes' in node
            ? node.childNodes.map(textOf).join(' ')
            : '';
      return (bytes) => textOf(parse(bytes.toString('utf8')));
    },
  },
  docx: {
    name: 'mammoth',
    load: async () => {
      const { default: mammoth } = await import('mammoth');
      return async (buffer) =>
        (await mammoth.convertToHtml({ buffer })).value.replace(/<[^>]*>/g, ' ');
    },
  },
  pdf: {
    name: 'pdfjs-dist',
    load: async () => {
      const shared = globalThis as { pdfjsWorker?: unknown };
      shared.pdfjsWorker ??= await import('pdfjs-dist/legacy/build/pdf.worker.mjs');
      const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
      return async (bytes) => {
        const document = await pdfjs.getDocument({
          data: new Uint8Array(bytes),
          verbosity: 0,
          useWasm: false,
        }).promise;
        let text = '';
        for (let number = 1; number <= document.numPages; number += 1) {
          const { items } = await (await document.getPage(number)).getTextContent();
          for (const item of items) if ('str' in item) text += `${item.str}\n`;
        }
        await document.loadingTask.destroy();
        return text;
      };
    },
  },
  csv: table,
  tsv: table,
  eml: {
    name: 'postal-mime',
    load: async () => {
      const { default: PostalMime } = await import('postal-mime');
      return async (bytes) => (await PostalMime.parse(bytes)).text ?? '';
    },
  },
  code: {
    name: '@lezer/javascript',
    load: async () => {
      const { parser } = await import('@lezer/javascript');
      const typed = parser.configure({ dialect: 'ts' });
      return (bytes) => {
        const text = bytes.toString('utf8');
        return typed.parse(text).length === text.length ? text : '';
      };
    },
  },
  ipynb: {
    name: 'JSON, mdast-util-from-markdown',
    load: async () => {
      const parse = await markdown();
      return (bytes) =>
        (JSON.parse(bytes.toString('utf8')) as { cells: { source: string[] }[] }).cells
          .map(({ source }) => parse(source.join('')))
          .join('\n');
    },
  },
};

/** Milliseconds: passed, and of processor time. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

export interface BareRun {
  readonly name: string;
  /** The library alone, and with SQLite's full-text table behind it. */
  run(folder: string): Promise<{ readonly parsed: Took; readonly indexed: Took }>;
  close(): void;
}

/** Starts a watch; what it gives back reads it. */
export function watch(): () => Took {
  const from = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wall: performance.now() - from, cpu: (user + system) / 1000 };
  };
}

/** What a format's library and a bare full-text table do with a folder. */
export async function bareFor(format: string): Promise<BareRun> {
  const library = libraries[format];
  const parse: Bare = (await library?.load()) ?? ((bytes) => bytes.toString('utf8'));
  const table = bareTable();
  return {
    name: library?.name ?? '(text as it is)',
    close: () => table.close(),
    async run(folder) {
      const parsed = { wall: 0, cpu: 0 };
      const indexed = { wall: 0, cpu: 0 };
      for (const name of readdirSync(folder)) {
        const took = watch();
        const text = await parse(readFileSync(path.join(folder, name)));
        const alone = took();
        table.add(text);
        const both = took();
        parsed.wall += alone.wall;
        parsed.cpu += alone.cpu;
        indexed.wall += both.wall;
        indexed.cpu += both.cpu;
      }
      return { parsed, indexed };
    },
  };
}

/** A full-text table with the tokenizer that Quarry's has, 600 characters a row, one transaction a file. */
function bareTable(): { add(text: string): void; close(): void } {
  const root = mkdtempSync(path.join(tmpdir(), 'quarry-bare-'));
  const { db, close } = openDatabase({
    file: path.join(root, 'bare.sqlite'),
    clock: { now: () => Date.now() },
    log: quietLog,
    backupFolder: root,
  });
  const [made] = db.all<{ sql: string }>({
    text: "SELECT sql FROM sqlite_schema WHERE name = 'passages_fts'",
    values: [],
  });
  const tokenizer = /tokenize\s*=\s*('[^']*')/i.exec(made?.sql ?? '')?.[1] ?? "'unicode61'";
  db.run({
    text: `CREATE VIRTUAL TABLE bare USING fts5 (text, tokenize = ${tokenizer})`,
    values: [],
  });
  const insert = 'INSERT INTO bare (text) VALUES (?)';
  return {
    add: (text) =>
      db.transaction(() => {
        for (let at = 0; at < text.length; at += 600) {
          db.run({ text: insert, values: [text.slice(at, at + 600)] });
        }
      }),
    close() {
      close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
