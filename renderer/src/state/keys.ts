import type { MenuCommand } from '../../../electron/ipc/contract/index.ts';

/** The modifier of this system as people write it. */
export function modifier(platform: string): string {
  return platform === 'darwin' ? '⌘' : 'Ctrl';
}

export type ShellKey = MenuCommand | 'copy-answer' | 'pick-model' | `citation-${number}`;

interface KeyLike {
  readonly key: string;
  readonly code?: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const views: readonly MenuCommand[] = [
  'view-chat',
  'view-library',
  'view-models',
  'view-memory',
  'settings',
];

/** Which window-wide command a key press means, null for none. Alt+1..9 opens a citation. */
export function commandOf(event: KeyLike, platform: string): ShellKey | null {
  const digit = /^Digit([1-9])$/.exec(event.code ?? '')?.[1] ?? /^[1-9]$/.exec(event.key)?.[0];
  if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    return digit ? `citation-${Number(digit)}` : null;
  }
  const main = platform === 'darwin' ? event.metaKey : event.ctrlKey;
  const other = platform === 'darwin' ? event.ctrlKey : event.metaKey;
  if (!main || other || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (event.shiftKey) {
    if (key === 'c') return 'copy-answer';
    if (key === 'm') return 'pick-model';
    // On many layouts the slash needs Shift.
    return key === '/' || key === '?' ? 'shortcuts' : null;
  }
  if (digit) return views[Number(digit) - 1] ?? null;
  switch (key) {
    case 'n':
      return 'new-conversation';
    case 'k':
      return 'search';
    case ',':
      return 'settings';
    case '/':
      return 'shortcuts';
    default:
      return null;
  }
}
