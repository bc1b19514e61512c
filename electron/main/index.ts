/**
 * MAIN: the window and what belongs to it. It starts and watches CORE and passes frames; it opens no
 * database, reads no document and loads no native module, so that the window never waits.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { app, BrowserWindow, Menu, protocol, safeStorage, session } from 'electron';
import { AppError } from '../ipc/app-error.ts';
import { windowTransport } from '../ipc/electron-main.ts';
import { createCoreProcess } from './core-process.ts';
import { createGrants } from './grants.ts';
import { createLogFile } from './log-file.ts';
import { menuTemplate } from './menu.ts';
import { helpWithNetwork } from './network.ts';
import type { NetworkHelp } from './network.ts';
import { askedDataFolder, coreEnvironment, coreFlags, findPlaces } from './places.ts';
import { appOrigin, schemes, serve } from './protocol.ts';
import { blockNetwork, denyNavigation, denyPermissions, quietChromium } from './quiet.ts';
import { createRelay } from './relay.ts';
import { shellCalls } from './shell-calls.ts';
import { createStateKey, handStateKey } from './state-key.ts';
import { createTokenStore } from './token-store.ts';
import { openWindow } from './window.ts';

const isTest = process.env['QUARRY_TEST'] === '1';
const dataFolder =
  askedDataFolder(process.argv, process.env) ?? join(app.getPath('appData'), 'Quarry');
mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
// Electron's own files (cache, local storage) stay apart from the user's.
app.setPath('userData', join(dataFolder, 'window'));
app.setAppUserModelId('app.quarry');
// Forcing the sandbox would undo a --no-sandbox, without which Chromium does not start for root (tests).
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
quietChromium(app);
protocol.registerSchemesAsPrivileged(schemes);

if (isTest || app.requestSingleInstanceLock()) start();
else app.quit();

function start(): void {
  const places = findPlaces({
    isPackaged: app.isPackaged,
    appPath: app.getAppPath(),
    resourcesPath: process.resourcesPath,
    platform: process.platform,
    arch: process.arch,
    env: process.env,
  });
  const log = createLogFile(join(dataFolder, 'logs', 'quarry.log'));
  const grants = createGrants();
  const token = createTokenStore(dataFolder, safeStorage);
  // CORE needs no window: it starts while Electron gets ready.
  const core = createCoreProcess({
    spawn: () => {
      const child = spawn(
        places.node,
        [
          ...coreFlags,
          places.core,
          ...['--data', dataFolder, '--resources', places.resources],
          ...['--app-version', app.getVersion()],
        ],
        {
          cwd: dataFolder,
          env: coreEnvironment(process.env),
          stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
          windowsHide: true,
        },
      );
      yieldToWindow(child.pid);
      return child;
    },
    onLine: (line) => log.line(line),
    log: (event, facts) => log.event(event, facts),
  });
  // Electron would show a box with a stack; the window can go on, and the log says where it was.
  process.on('uncaughtException', (error) => {
    const at = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    log.event('main.uncaught', { error: error.name, stack: at.slice(0, 6).join(' < ') });
  });
  const blocked: string[] = [];
  if (isTest) Object.assign(globalThis, { quarryTest: { core, blocked } });

  const openMainWindow = ({ handToken }: NetworkHelp): void => {
    const main = openWindow({
      preload: places.preload,
      stateFile: join(dataFolder, 'window.json'),
    });
    const { window } = main;
    const { webContents } = window;
    const relay = createRelay({
      window: windowTransport(webContents, {
        origin: appOrigin,
        refused: () => {
          log.event('frame.refused');
          return new AppError('permission-denied', 'not a page of Quarry');
        },
        dropped: (paths) => grants.grant(paths),
      }),
      core: core.transport,
      shell: shellCalls({ window: () => window, grants, core, token, handToken }),
      isGranted: (path) => grants.isGranted(path),
      grant: (paths) => void grants.grant(paths),
      onInternal: (name) => log.event('shell.internal', { name }),
    });
    const stopStatus = core.onStatus((status) => relay.push('shell.core', status));
    const followTheme = (): void => {
      core.client.call('settings.get', {}).then(
        ({ theme }) => {
          if (!window.isDestroyed()) main.setTheme(theme === 'contrast' ? 'system' : theme);
        },
        () => {}, // Without CORE the remembered theme stands.
      );
    };
    const stopSettings = core.client.on('settings.changed', followTheme);
    followTheme();
    // Before a new page exists: what the old one had open is nobody's any more.
    webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) relay.pageGone();
    });
    let lastGone = -Infinity;
    webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      log.event('window.gone', { reason, exitCode });
      relay.pageGone();
      // Twice at once means that the page itself is broken: loading it for ever would help nobody.
      const again = Date.now() - lastGone > 10_000;
      lastGone = Date.now();
      if (again && reason !== 'clean-exit') webContents.reload();
    });
    window.on('closed', () => {
      stopStatus();
      stopSettings();
      relay.close();
    });
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(
        menuTemplate(process.platform, (command) => relay.push('shell.command', { command })),
      ),
    );
    main.load();
  };

  denyNavigation(app);
  void app.whenReady().then(() => {
    denyPermissions(session.defaultSession);
    blockNetwork(session.defaultSession, (where) => {
      blocked.push(where);
      log.event('request.blocked', { where });
    });
    serve(session.defaultSession.protocol, places.page, (documentId) =>
      core.client.call('private.documentFile', { documentId }),
    );
    // The keychain opens only now.
    const network = helpWithNetwork({
      core,
      token,
      proxySession: () => session.fromPartition('proxy'),
      log: (event, facts) => log.event(event, facts),
    });
    handStateKey({
      core,
      stateKey: createStateKey(dataFolder, safeStorage),
      log: (event) => log.event(event),
    });
    openMainWindow(network);
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) openMainWindow(network);
    });
    log.event('main.ready', { ms: Math.round(process.uptime() * 1000) });
  });

  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let ended = false;
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void core
      .shutdown()
      .then(() => log.flush())
      .finally(() => {
        ended = true;
        app.quit();
      });
  });
}

/** What computes (CORE, and ENGINE by inheritance) stands a little behind what a person sees move. */
function yieldToWindow(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, 5);
  } catch {
    // It has ended already, or the system does not allow it: it runs all the same.
  }
}
