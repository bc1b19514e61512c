import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/**
 * Type-checks files that are not on disk as members of a project, beside all of its real files.
 * @returns error texts by the tried file's path
 */
function compile(project: string, tried: Readonly<Record<string, string>>): Map<string, string[]> {
  const file = join(root, project);
  const read = ts.readConfigFile(file, ts.sys.readFile);
  const config = ts.parseJsonConfigFileContent(read.config, ts.sys, root, undefined, file);
  const virtual = new Map(Object.entries(tried).map(([path, code]) => [join(root, path), code]));
  const host = ts.createCompilerHost(config.options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const code = virtual.get(path);
    return code === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
  };
  // References are followed to their sources, so nothing has to be built before.
  Object.assign(host, { useSourceOfProjectReferenceRedirect: () => true });
  const program = ts.createProgram({
    rootNames: [...config.fileNames, ...virtual.keys()],
    options: { ...config.options, noEmit: true },
    host,
    ...(config.projectReferences === undefined
      ? {}
      : { projectReferences: config.projectReferences }),
  });
  const everywhere = program.getOptionsDiagnostics();
  return new Map(
    [...virtual.keys()].map((path) => {
      const source = program.getSourceFile(path);
      if (source === undefined) throw new Error(`${path} is not in the program`);
      const own = [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
        ...everywhere.filter((found) => found.file === source),
      ];
      return [
        path.slice(root.length + 1),
        own.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
      ];
    }),
  );
}

interface Case {
  readonly what: string;
  readonly folder: string;
  readonly code: string;
  readonly error: RegExp | null;
}

const projects: Readonly<Record<string, readonly Case[]>> = {
  'tsconfig.contract.json': [
    { what: 'Node', folder: 'electron/ipc/contract', code: "import 'node:fs';", error: /node:fs/ },
    {
      what: 'the page',
      folder: 'electron/ipc/contract',
      code: 'export const x = document.title;',
      error: /'document'/,
    },
    {
      what: 'what is outside it',
      folder: 'electron/ipc/contract',
      code: "export { AppError } from '../app-error.ts';",
      error: /not listed within the file list/,
    },
    {
      what: 'itself',
      folder: 'electron/ipc/contract',
      code: "export { errorCodes } from './errors.ts';",
      error: null,
    },
  ],
  'tsconfig.core.json': [
    {
      what: 'electron',
      folder: 'electron/core',
      code: "import { app } from 'electron';\nexport const x = app;",
      error: /"electron"' has no exported member/,
    },
    {
      what: 'electron in a feature',
      folder: 'electron/chat',
      code: "import { ipcMain } from 'electron';\nexport const x = ipcMain;",
      error: /"electron"' has no exported member/,
    },
    {
      what: 'MAIN by a path',
      folder: 'electron/core',
      code: "export * from '../main/index.ts';",
      error: /not listed within the file list/,
    },
    {
      what: 'the renderer by a path',
      folder: 'electron/core',
      code: "export * from '../../renderer/src/api.ts';",
      error: /not listed within the file list/,
    },
    {
      what: 'the page',
      folder: 'electron/core',
      code: 'export const x = document.title;',
      error: /'document'/,
    },
    {
      what: 'the window object',
      folder: 'electron/engine',
      code: 'export const x = window.innerWidth;',
      error: /'window'/,
    },
    {
      what: 'Node and the contract',
      folder: 'electron/core',
      code: "import { cpus } from 'node:os';\nimport { errorCodes } from '../ipc/contract/index.ts';\nexport const x = [cpus().length, errorCodes.length, process.pid];",
      error: null,
    },
  ],
  'tsconfig.shell.json': [
    {
      what: 'the page',
      folder: 'electron/main',
      code: 'export const x = document.title;',
      error: /'document'/,
    },
    {
      what: 'electron and Node',
      folder: 'electron/main',
      code: "import { app } from 'electron';\nimport { join } from 'node:path';\nexport const x = join(app.getPath('userData'), 'x');",
      error: null,
    },
  ],
  'tsconfig.renderer.json': [
    {
      what: 'Node',
      folder: 'renderer/src/state',
      code: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync('x');",
      error: /'node:fs'/,
    },
    {
      what: 'process',
      folder: 'renderer/src',
      code: 'export const x = process.pid;',
      error: /'process'/,
    },
    {
      what: 'Buffer',
      folder: 'renderer/src',
      code: "export const x = Buffer.from('');",
      error: /'Buffer'/,
    },
    {
      what: 'electron',
      folder: 'renderer/src',
      code: "import { ipcRenderer } from 'electron';\nexport const x = ipcRenderer;",
      error: /"electron"' has no exported member/,
    },
    {
      what: 'another electron folder',
      folder: 'renderer/src',
      code: "export * from '../../electron/core/ports.ts';",
      error: /not listed within the file list/,
    },
    {
      what: 'the contract and the page',
      folder: 'renderer/src',
      code: "import { errorCodes } from '../../electron/ipc/contract/index.ts';\nexport const x = [document.title, errorCodes.length];",
      error: null,
    },
  ],
};

describe.each(Object.entries(projects))('%s', (project, cases) => {
  let found: Map<string, string[]>;
  const pathOf = (index: number): string => `${cases[index]?.folder}/zz-tried-${index}.ts`;
  beforeAll(() => {
    found = compile(
      project,
      Object.fromEntries(cases.map(({ code }, index) => [pathOf(index), code])),
    );
  }, 180_000);

  it.each(cases.map((one, index) => ({ ...one, index })))(
    '$folder and $what: $error',
    ({ error, index }) => {
      const errors = found.get(pathOf(index)) ?? ['not compiled'];
      if (error === null) expect(errors).toEqual([]);
      else expect(errors.join('\n')).toMatch(error);
    },
  );
});
