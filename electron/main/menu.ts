import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../ipc/contract/index.ts';
import { words } from './words.ts';

/** The application menu. Commands go to the window, which knows what they mean at that moment. */
export function menuTemplate(
  platform: string,
  command: (command: MenuCommand) => void,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const entry = (
    label: string,
    name: MenuCommand,
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    click: () => command(name),
    // The page handles its own keys; outside macOS the menu only shows them, or both would act.
    ...(accelerator !== undefined && { accelerator, registerAccelerator: isMac }),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const settings = entry(words.settings, 'settings', 'CmdOrCtrl+,');

  return [
    ...(isMac
      ? [
          {
            role: 'appMenu' as const,
            submenu: [
              { role: 'about' as const },
              separator,
              settings,
              separator,
              { role: 'services' as const },
              separator,
              { role: 'hide' as const },
              { role: 'hideOthers' as const },
              { role: 'unhide' as const },
              separator,
              { role: 'quit' as const },
            ],
          },
        ]
      : []),
    {
      label: words.file,
      submenu: [
        entry(words.newConversation, 'new-conversation', 'CmdOrCtrl+N'),
        entry(words.search, 'search', 'CmdOrCtrl+K'),
        separator,
        ...(isMac
          ? [{ role: 'close' as const }]
          : [settings, separator, { role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu', label: words.edit },
    {
      label: words.view,
      submenu: [
        entry(words.chat, 'view-chat', 'CmdOrCtrl+1'),
        entry(words.library, 'view-library', 'CmdOrCtrl+2'),
        entry(words.models, 'view-models', 'CmdOrCtrl+3'),
        entry(words.memory, 'view-memory', 'CmdOrCtrl+4'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu', label: words.window },
    {
      role: 'help',
      label: words.help,
      submenu: [
        entry(words.shortcuts, 'shortcuts', 'CmdOrCtrl+/'),
        entry(words.welcome, 'welcome'),
        ...(isMac ? [] : [separator, { role: 'about' as const }]),
      ],
    },
  ];
}
