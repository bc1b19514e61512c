import type { App } from './app.svelte.ts';
import type { ShellKey } from './keys.ts';

/** Carries out a command of the keyboard or the menu. True when something answered to it. */
export function runCommand(app: App, command: ShellKey): boolean {
  const { router, dialogs, commands } = app;
  switch (command) {
    case 'view-chat':
      router.go('chat');
      return true;
    case 'view-library':
      router.go('library');
      return true;
    case 'view-models':
      router.go('models');
      return true;
    case 'view-memory':
      router.go('memory');
      return true;
    case 'settings':
      router.go('settings');
      return true;
    case 'welcome':
      router.go('welcome');
      return true;
    case 'shortcuts':
      dialogs.ask({ kind: 'shortcuts' });
      return true;
    case 'new-conversation':
      router.openConversation(null);
      queueMicrotask(() => commands.run('new-conversation'));
      return true;
    case 'search':
      router.go('chat');
      // The chat view may have to appear first.
      setTimeout(() => commands.run('search'), 0);
      return true;
    default:
      return commands.run(command);
  }
}
