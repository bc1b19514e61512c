import { getContext, setContext } from 'svelte';
import type {
  Api,
  Collection,
  ConversationSummary,
  Model,
} from '../../../electron/ipc/contract/index.ts';
import { createClient } from '../api.ts';
import type { Client } from '../api.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';
import { ChatState } from './chat/chat.svelte.ts';
import { Commands } from './commands.ts';
import { CoreHealth } from './core.svelte.ts';
import { Dialogs } from './dialogs.svelte.ts';
import { Drops } from './drops.svelte.ts';
import { Downloads } from './downloads.svelte.ts';
import { EvidenceState } from './evidence.svelte.ts';
import { Router } from './router.svelte.ts';
import { SettingsState } from './settings.svelte.ts';
import { Tasks } from './tasks.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

/** Everything that outlives a view, made once and handed out by context. */
export interface App {
  readonly api: Client;
  readonly router: Router;
  readonly core: CoreHealth;
  readonly settings: SettingsState;
  readonly tasks: Tasks;
  readonly toasts: Toasts;
  readonly dialogs: Dialogs;
  readonly commands: Commands;
  readonly evidence: EvidenceState;
  readonly drops: Drops;
  readonly chat: ChatState;
  readonly models: Asked<readonly Model[]>;
  readonly downloads: Downloads;
  readonly collections: Asked<readonly Collection[]>;
  readonly conversations: Asked<readonly ConversationSummary[]>;
  close(): void;
}

export const appKey = 'quarry';

/** Builds the window's state over `window.api` or a fake of it. */
export function createApp(raw: Api): App {
  const api = createClient(raw);
  const core = new CoreHealth(api);
  const settings = new SettingsState(api);
  const tasks = new Tasks(api);
  const chat = new ChatState(api);
  const models = asked(api, 'models.changed', () => api.models.list());
  const router = new Router();
  const toasts = new Toasts();
  const downloads = new Downloads(api, { toasts, router, settings, models });
  const collections = asked(api, 'documents.changed', () => api.documents.collections());
  const conversations = asked(api, 'conversations.changed', () => api.conversations.list());
  return {
    api,
    router,
    core,
    settings,
    tasks,
    toasts,
    dialogs: new Dialogs(),
    commands: new Commands(),
    evidence: new EvidenceState(),
    drops: new Drops(),
    chat,
    models,
    downloads,
    collections,
    conversations,
    close() {
      for (const part of [core, settings, tasks, chat, models, downloads]) part.close();
      for (const part of [collections, conversations]) part.close();
    },
  };
}

export function provideApp(app: App): void {
  setContext(appKey, app);
}

/** The app's state, inside any component. In tests: `render(X, { context: new Map([[appKey, app]]) })`. */
export function useApp(): App {
  return getContext<App>(appKey);
}
