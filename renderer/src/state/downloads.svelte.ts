import type {
  CatalogEntry,
  CatalogOffer,
  ErrorShape,
  Model,
  ModelDownload,
} from '../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../api.ts';
import type { Client } from '../api.ts';
import { t } from '../i18n/index.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';
import type { Router } from './router.svelte.ts';
import type { SettingsState } from './settings.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Around {
  readonly toasts: Toasts;
  readonly router: Router;
  readonly settings: SettingsState;
  readonly models: Asked<readonly Model[]>;
}

/** What is on its way to the models, for every view; and what the hub refused to give. */
export class Downloads {
  #api: Client;
  #around: Around;
  #asked: Asked<readonly ModelDownload[]>;
  #asking = $state.raw<readonly string[]>([]);
  /** What was asked for last, by model. */
  #last = new Map<string, CatalogOffer>();
  #refused = $state.raw<Readonly<Record<string, ErrorShape>>>({});
  #told = false;
  #offs: (() => void)[] = [];

  constructor(api: Client, around: Around) {
    this.#api = api;
    this.#around = around;
    this.#asked = asked(api, 'downloads.changed', async () => {
      const list = await api.models.downloads();
      this.#tellWhatWentOn(list);
      return list;
    });
    this.#offs.push(
      api.on('downloads.changed', ({ modelId }) => {
        if (modelId !== null) void this.#tellReady(modelId);
      }),
    );
    const online = (): void => {
      if (this.list.some(({ state }) => state === 'waiting')) void api.models.wakeDownloads();
    };
    window.addEventListener('online', online);
    this.#offs.push(() => window.removeEventListener('online', online));
  }

  /** In their turn. */
  get list(): readonly ModelDownload[] {
    return this.#asked.value ?? [];
  }

  of(catalogId: string): ModelDownload | undefined {
    return this.list.find((download) => download.catalogId === catalogId);
  }

  /** The hub is being asked for a file of this model. */
  isAsking(catalogId: string): boolean {
    return this.#asking.includes(catalogId);
  }

  /** Why nothing of it could be begun when it was asked for last. */
  refusal(catalogId: string): ErrorShape | null {
    return this.#refused[catalogId] ?? null;
  }

  async get({ id }: CatalogEntry, offer: CatalogOffer): Promise<void> {
    const { file } = offer;
    this.#last.set(id, offer);
    this.dismiss(id);
    this.#asking = [...this.#asking, id];
    try {
      await this.#api.models.download({ catalogId: id, file });
      await this.#asked.refresh();
    } catch (error) {
      this.#refused = { ...this.#refused, [id]: shapeOf(error) };
    } finally {
      this.#asking = this.#asking.filter((one) => one !== id);
    }
  }

  /** Asks once more for the file that was refused. */
  async retry(entry: CatalogEntry): Promise<void> {
    const offer = this.#last.get(entry.id);
    if (offer) await this.get(entry, offer);
  }

  dismiss(catalogId: string): void {
    const { [catalogId]: _gone, ...rest } = this.#refused;
    this.#refused = rest;
  }

  readonly pause = (downloadId: string) =>
    this.#doing(() => this.#api.models.pauseDownload({ downloadId }));
  readonly resume = (downloadId: string) =>
    this.#doing(() => this.#api.models.resumeDownload({ downloadId }));
  readonly cancel = (downloadId: string) =>
    this.#doing(() => this.#api.models.cancelDownload({ downloadId }));
  readonly first = (downloadId: string) =>
    this.#doing(() => this.#api.models.downloadFirst({ downloadId }));

  /** New chats begin with this model, and one does now. */
  async use(modelId: string): Promise<void> {
    const { settings, router, toasts } = this.#around;
    try {
      await settings.set({ defaultModelId: modelId });
      router.openConversation(null);
    } catch (error) {
      toasts.error(error);
    }
  }

  close(): void {
    this.#asked.close();
    for (const off of this.#offs) off();
  }

  async #doing(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#around.toasts.error(error);
    }
    await this.#asked.refresh();
  }

  async #tellReady(modelId: string): Promise<void> {
    const { models, toasts } = this.#around;
    await models.refresh();
    const name = models.value?.find(({ id }) => id === modelId)?.name;
    if (name === undefined) return;
    toasts.show(t('downloads.ready', { name }), {
      label: t('downloads.useNow'),
      run: () => void this.use(modelId),
    });
  }

  /** Once after a start: nothing is fetched without a word about it. */
  #tellWhatWentOn(list: readonly ModelDownload[]): void {
    if (this.#told) return;
    this.#told = true;
    const count = list.filter(({ wentOn }) => wentOn).length;
    if (count === 0) return;
    const { toasts, router } = this.#around;
    toasts.show(t('downloads.wentOn', { count }), {
      label: t('downloads.show'),
      run: () => router.go('models'),
    });
  }
}
