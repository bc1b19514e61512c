/** What runs on Node 24 outside Electron: output under out/ -> source. */
export const coreEntries = /** @type {const} */ ({
  'core/process': 'electron/core/process.ts',
  'core/cli': 'electron/core/cli.ts',
  'engine/process': 'electron/engine/process.ts',
  'engine/embedder-process': 'electron/engine/embedder-process.ts',
  'engine/measure-process': 'electron/engine/measure-process.ts',
  'documents/parser': 'electron/documents/ingest/parser.ts',
  'storage/write-back': 'electron/storage/write-back-thread.ts',
});

/** Packages that stay packages: native parts, or files found beside their code at run time. */
export const coreExternals = /** @type {const} */ ([
  'better-sqlite3',
  'node-llama-cpp',
  'pdfjs-dist',
]);
