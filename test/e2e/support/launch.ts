import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { Window } from './window.ts';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

export interface Launched {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly window: Window;
  readonly profile: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** A profile folder of its own, thrown away with the temp folder. Its path also marks the app's processes. */
export function newProfile(): string {
  const base = path.join(tmpdir(), 'quarry-e2e');
  mkdirSync(base, { recursive: true });
  return mkdtempSync(path.join(base, 'profile-'));
}

/** The Electron of `npm start`, as bootstrap left word of it. */
export function developmentRuntime(): string {
  const file = path.join(root, '.cache/electron.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { executable: string }).executable;
}

/** Chromium refuses to run as root with its sandbox; a person never starts it so. */
export function rootArguments(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/** This process's environment without what would steer Node or Electron in the child. */
export function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(NODE_OPTIONS|ELECTRON_|VITEST)/.test(key)) env[key] = value;
  }
  return { ...env, QUARRY_TEST: '1', ...extra };
}

/** The packaged app of `npm test`, or the built sources with the development runtime (`unpackaged`). */
function executable(unpackaged: boolean): { path: string; args: string[] } {
  if (unpackaged) return { path: developmentRuntime(), args: [root] };
  const packaged = process.env['QUARRY_PACKAGED'] ?? path.join(root, 'dist/linux-unpacked/quarry');
  if (!existsSync(packaged)) {
    throw new Error(`No packaged app at ${packaged}. Run: QUARRY_TEST_BUILD=1 npm run package`);
  }
  return { path: packaged, args: [] };
}

export interface LaunchOptions {
  readonly profile?: string;
  readonly unpackaged?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly size?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

/** Gives the window another size, in CSS pixels of its content. */
export async function resize(
  app: ElectronApplication,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, size) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
    },
    { width, height },
  );
}

/** Starts the app as a person would, on a profile of its own, and waits for its window. */
export async function launch(options: LaunchOptions = {}): Promise<Launched> {
  const profile = options.profile ?? newProfile();
  // QUARRY_UNPACKAGED=1: what `npm run build` made, for a test that is being written.
  const unpackaged = options.unpackaged ?? process.env['QUARRY_UNPACKAGED'] === '1';
  const { path: executablePath, args } = executable(unpackaged);
  const app = await _electron.launch({
    executablePath,
    args: [...args, ...rootArguments(), `--data=${profile}`],
    env: environment(options.env ?? {}),
    ...(options.colorScheme === undefined ? {} : { colorScheme: options.colorScheme }),
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  if (options.size !== undefined) await resize(app, options.size);
  const pid = app.process().pid;
  if (pid === undefined) throw new Error('the app has no process id');
  return {
    app,
    page,
    window: new Window(app, page),
    profile,
    pid,
    close: () => app.close(),
  };
}
