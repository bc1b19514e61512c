import type { Settings } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';
import { setLocale } from '../i18n/index.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';

/** The user's settings; keeps the document's theme, text size and language in step with them. */
export class SettingsState {
  #api: Client;
  #asked: Asked<Settings>;

  constructor(api: Client) {
    this.#api = api;
    this.#asked = asked(api, 'settings.changed', async () => {
      const settings = await api.settings.get();
      applySettings(settings);
      return settings;
    });
  }

  /** undefined until the first answer. */
  get value(): Settings | undefined {
    return this.#asked.value;
  }

  get error() {
    return this.#asked.error;
  }

  /** Saves and applies. Throws ApiError. */
  async set(values: Partial<Settings>): Promise<void> {
    applySettings(await this.#api.settings.set({ values }));
    await this.#asked.refresh();
  }

  refresh(): Promise<void> {
    return this.#asked.refresh();
  }

  close(): void {
    this.#asked.close();
  }
}

function applySettings(settings: Settings): void {
  const root = document.documentElement;
  if (settings.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = settings.theme;
  root.style.fontSize = `${settings.textSize}px`;
  setLocale(settings.locale);
}
