import { BrowserWindow, nativeTheme, screen } from 'electron';
import { startPage } from './protocol.ts';
import type { WindowState } from './window-state.ts';
import { readWindowState, smallest, visibleBounds, writeWindowState } from './window-state.ts';

/** The page colour of each theme, before the page is there (`--page` in renderer/src/styles/tokens.css). */
const background = { light: '#fdfcfb', dark: '#161412' };
const usual = { width: 1280, height: 800 };

export interface MainWindow {
  readonly window: BrowserWindow;
  /** Follows the theme chosen in the settings and remembers it for the next start. */
  setTheme(theme: 'system' | 'light' | 'dark'): void;
  /** Begins to load the page; the window shows at its first paint. */
  load(): void;
}

export function openWindow(options: {
  readonly preload: string;
  /** Where bounds and theme are remembered. */
  readonly stateFile: string;
}): MainWindow {
  let state: WindowState = readWindowState(options.stateFile);
  nativeTheme.themeSource = state.theme;
  const bounds = visibleBounds(
    state.bounds,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...(bounds ?? usual),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Quarry',
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  if (state.maximized) window.maximize();

  let timer: NodeJS.Timeout | undefined;
  const remember = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized()) return;
    state = { ...state, bounds: window.getNormalBounds(), maximized: window.isMaximized() };
    writeWindowState(options.stateFile, state);
  };
  const rememberSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(remember, 500);
  };
  window.on('resize', rememberSoon);
  window.on('move', rememberSoon);
  window.on('close', remember);
  window.once('ready-to-show', () => window.show());

  return {
    window,
    setTheme(theme) {
      if (theme === state.theme) return;
      nativeTheme.themeSource = theme;
      state = { ...state, theme };
      rememberSoon();
    },
    load: () => void window.loadURL(startPage),
  };
}
