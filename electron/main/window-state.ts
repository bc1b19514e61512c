import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is remembered of the window, so that it comes back as it was and without a flash of white. */
export interface WindowState {
  readonly bounds: Bounds | null;
  readonly maximized: boolean;
  readonly theme: 'system' | 'light' | 'dark';
}

export const smallest = { width: 720, height: 520 };
const fresh: WindowState = { bounds: null, maximized: false, theme: 'system' };

/** The state in the file; the default for a missing or damaged one, since it is only convenience. */
export function readWindowState(file: string): WindowState {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<WindowState> | null;
    return {
      bounds: isBounds(read?.bounds) ? read.bounds : null,
      maximized: read?.maximized === true,
      theme: read?.theme === 'light' || read?.theme === 'dark' ? read.theme : 'system',
    };
  } catch {
    return fresh;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // Only convenience: the next start opens the window at its usual place.
  }
}

/** The bounds, if enough of the window's top would be on one of the screens to be grasped. */
export function visibleBounds(bounds: Bounds | null, screens: readonly Bounds[]): Bounds | null {
  if (bounds === null) return null;
  const seen = screens.some((screen) => {
    const width =
      Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
    return width >= 100 && bounds.y >= screen.y && bounds.y < screen.y + screen.height - 50;
  });
  return seen ? bounds : null;
}

function isBounds(value: unknown): value is Bounds {
  const bounds = value as Partial<Bounds> | null | undefined;
  return (
    [bounds?.x, bounds?.y].every(Number.isSafeInteger) &&
    Number.isSafeInteger(bounds?.width) &&
    Number.isSafeInteger(bounds?.height) &&
    (bounds?.width ?? 0) >= smallest.width &&
    (bounds?.height ?? 0) >= smallest.height
  );
}
