import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../../../electron/storage/open.ts';
import { quietLog } from '../../support/documents-setup.ts';

/** What a library alone does with a file, its output thrown away. */
type Bare = (bytes: Buffer) => unknown;

const libraries: Partial<
  Record<string, { readonly name: string; readonly load: () => Promise<Bare> }>
> = {
  md: {
    name: 'mdast-util-from-markdown',
    load: async () => {
      const { fromMarkdown } = await import('mdast-util-from-markdown');
      return (bytes) => fromMarkdown(bytes.toString('utf8'));
    },
  },
  html: {
    name: 'parse5',
    load: async () => {
      const { parse } = await import('parse5');
      return (bytes) => parse(bytes.toString('utf8'));
    },
  },
  docx: {
    name: 'mammoth',
    load: async () => {
      const { default: mammoth } = await import('mammoth');
      return (buffer) => mammoth.convertToHtml({ buffer });
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
        for (let number = 1; number <= document.numPages; number += 1) {
          await (await document.getPage(number)).getTextContent();
        }
        await document.loadingTask.destroy();
      };
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
  run(folder: string): Promise<Took>;
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

/** The format's library over a folder; where there is none, the index alone. */
export async function bareFor(format: string): Promise<BareRun> {
  const library = libraries[format];
  if (library === undefined) return { name: 'SQLite FTS5', run: (folder) => fullTextAlone(folder) };
  const parse = await library.load();
  const each = async (folder: string): Promise<Took> => {
    const files = readdirSync(folder).map((name) => path.join(folder, name));
    const took = watch();
    for (const file of files) await parse(readFileSync(file));
    return took();
  };
  return { name: library.name, run: each };
}

/** The files' bytes as text in a bare full-text table with the same tokenizer, 600 characters a row. */
async function fullTextAlone(folder: string): Promise<Took> {
  const root = mkdtempSync(path.join(tmpdir(), 'quarry-bare-'));
  const { db, close } = openDatabase({
    file: path.join(root, 'bare.sqlite'),
    clock: { now: () => Date.now() },
    log: quietLog,
    backupFolder: root,
  });
  try {
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
    const took = watch();
    for (const name of readdirSync(folder)) {
      const text = readFileSync(path.join(folder, name), 'utf8');
      db.transaction(() => {
        for (let at = 0; at < text.length; at += 600) {
          db.run({ text: insert, values: [text.slice(at, at + 600)] });
        }
      });
    }
    return took();
  } finally {
    close();
    rmSync(root, { recursive: true, force: true });
  }
}
