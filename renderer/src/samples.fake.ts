import type {
  AppInfo,
  Collection,
  DocumentPage,
  DocumentSummary,
  DocumentView,
  KeptToken,
  Message,
  Model,
  ModelDownload,
  ModelProof,
  NetworkStatus,
  ModelStorage,
  Settings,
  Task,
  WatchState,
} from '../../electron/ipc/contract/index.ts';
import { fakeApi } from './api.fake.ts';
import type { FakeAnswers, FakeApi } from './api.fake.ts';
import { comparison, matrix, predictedMemory } from './memory.fake.ts';
import { appKey, createApp } from './state/app.svelte.ts';
import type { App } from './state/app.svelte.ts';

export { comparison, loadedMemory, matrix, predictedMemory } from './memory.fake.ts';

/** Things as CORE would answer them, for component tests. Each takes what the test is about. */

export const info: AppInfo = {
  version: '0.1.0',
  dataFolder: '/home/a/.config/Quarry',
  platform: 'linux',
  nodeVersion: '24.21.0',
  engineVersion: 'llama.cpp b1',
  totalMemory: 24 * 2 ** 30,
  cores: 8,
};

export const settings = (over: Partial<Settings> = {}): Settings => ({
  theme: 'system',
  locale: 'en',
  textSize: 15,
  welcomed: true,
  defaultModelId: null,
  temperature: 0,
  topP: 1,
  topK: 0,
  maxAnswerTokens: 512,
  contextSize: null,
  sessions: 4,
  kvType: 'f16',
  nameByModel: false,
  rewriteQuestions: 'automatic',
  ocr: false,
  ocrLanguages: 'eng',
  embeddingModel: 'automatic',
  threads: null,
  proxyMode: 'system',
  proxyAddress: '',
  proxyBypass: '',
  mirror: null,
  refreshKeys: false,
  keepStates: true,
  statesBudget: null,
  encryptStates: false,
  checkEvery: 'month',
  tools: { search_documents: 'off', read_document: 'off', calculator: 'off', date_time: 'off' },
  ...over,
});

export const networkStatus = (over: Partial<NetworkStatus> = {}): NetworkStatus => ({
  endpoint: {
    address: 'https://huggingface.co',
    from: 'hub',
    overridden: null,
    isRefused: false,
  },
  environmentProxy: null,
  authority: null,
  token: { from: null, since: null, isRefused: false },
  keys: { from: 'shipped', asOf: Date.UTC(2026, 10, 22, 12), newestKeyAt: null },
  ...over,
});

export const keptToken = (over: Partial<KeptToken> = {}): KeptToken => ({
  since: null,
  protection: null,
  canProtect: true,
  isUnreadable: false,
  ...over,
});

export const proof = (over: Partial<ModelProof> = {}): ModelProof => ({
  level: 'unverified',
  signer: null,
  repository: null,
  checkedAt: null,
  refusal: null,
  changedSince: null,
  ...over,
});

export const model = (over: Partial<Model> = {}): Model => ({
  id: 'm',
  name: 'granite-4.0-h-tiny',
  origin: 'referenced',
  path: '/models/tiny.gguf',
  bytes: 4 * 2 ** 30,
  sha256: null,
  hashState: 'pending',
  proof: proof(),
  header: {
    architecture: 'granitehybrid',
    name: 'granite-4.0-h-tiny',
    parameters: 6.94e9,
    quantization: 'Q4_K_M',
    bytes: 4 * 2 ** 30,
    tensorBytes: 4 * 2 ** 30,
    tensorCount: 586,
    vocabulary: 100_352,
    layers: 40,
    attentionLayers: 4,
    recurrentLayers: 36,
    embeddingLength: 1536,
    declaredContext: 1_048_576,
    kvBytesPerToken: 8192,
    recurrentBytesPerSession: 58_060_800,
    hasChatTemplate: true,
    experts: 64,
  },
  contextLimit: 131_072,
  promptLimit: null,
  addedAt: 0,
  missing: false,
  loaded: null,
  predictedBytes: 4.5 * 2 ** 30,
  plannedContext: 32_768,
  error: null,
  ...over,
});

export const storage = (over: Partial<ModelStorage> = {}): ModelStorage => ({
  folder: '/home/a/.config/Quarry/models',
  isDefault: true,
  isThere: true,
  free: 100 * 2 ** 30,
  total: 500 * 2 ** 30,
  move: null,
  parts: [],
  models: [],
  leftovers: [],
  checkEvery: 'month',
  ...over,
});

export const download = (over: Partial<ModelDownload> = {}): ModelDownload => ({
  id: 'd1',
  catalogId: 'tiny',
  file: 'granite-4.0-h-tiny-Q4_K_M.gguf',
  name: 'Granite 4.0 H-Tiny',
  quantization: 'Q4_K_M',
  state: 'active',
  bytes: 4 * 2 ** 30,
  done: 2 ** 30,
  bytesPerSecond: 10 * 2 ** 20,
  secondsLeft: 300,
  error: null,
  wait: null,
  isAgain: false,
  wentOn: false,
  ...over,
});

export const loadedState = (over: Partial<NonNullable<Model['loaded']>> = {}) => ({
  modelId: 'm',
  state: 'ready' as const,
  fraction: 1,
  pid: 7,
  contextSize: 32_768,
  sessions: 4,
  threads: 2,
  backend: 'CPU',
  loadMs: 410,
  ...over,
});

/** A question, its text its id, until `over` says otherwise. */
export const message = (
  id: string,
  parentId: string | null,
  over: Partial<Message> = {},
): Message => ({
  id,
  conversationId: 'c',
  parentId,
  role: 'user',
  text: id,
  status: 'complete',
  error: null,
  createdAt: 0,
  modelId: null,
  modelName: null,
  turnId: null,
  stats: null,
  sources: [],
  claims: [],
  support: null,
  ...over,
});

export const task = (over: Partial<Task> = {}): Task => ({
  id: 't',
  kind: 'ingest',
  subject: '/home/a/Lease',
  state: 'running',
  done: 0,
  total: 1,
  unit: 'files',
  current: null,
  targetId: null,
  failures: 0,
  error: null,
  startedAt: 0,
  ...over,
});

export const collection = (over: Partial<Collection> = {}): Collection => ({
  id: 'c',
  name: 'Lease',
  folder: '/home/a/Lease',
  createdAt: 0,
  documentCount: 2,
  failedCount: 0,
  stoppedCount: 0,
  ...over,
});

export const documentSummary = (over: Partial<DocumentSummary> = {}): DocumentSummary => ({
  id: 'd',
  collectionId: 'c',
  name: 'notes.md',
  path: '/home/a/Lease/notes.md',
  format: 'md',
  bytes: 2048,
  sha256: 'f00d',
  state: 'ready',
  error: null,
  pages: 1,
  characters: 100,
  passages: 2,
  addedAt: Date.UTC(2026, 2, 4, 12),
  readAt: Date.UTC(2026, 2, 4, 12),
  fileState: 'same',
  ...over,
});

export const documentView = (over: Partial<DocumentView> = {}): DocumentView => ({
  document: documentSummary(),
  hasImage: false,
  pageStarts: [0],
  citedIn: 0,
  ...over,
});

export const documentPage = (over: Partial<DocumentPage> = {}): DocumentPage => ({
  documentId: 'd',
  page: 1,
  text: '',
  start: 0,
  width: null,
  height: null,
  spans: [],
  headings: [],
  kind: 'page',
  title: null,
  blocks: [],
  ...over,
});

/** An app over a fake that answers what every view asks; the test's own answers come first. */
export function appWith(answers: FakeAnswers = {}): {
  app: App;
  fake: FakeApi;
  context: Map<string, App>;
} {
  const fake = fakeApi({
    'app.info': () => info,
    'shell.coreStatus': () => ({ state: 'ready', restarts: 0, error: null }),
    'settings.get': () => settings(),
    'network.status': () => networkStatus(),
    'shell.tokenStatus': () => keptToken(),
    'tasks.list': () => [],
    'models.list': () => [],
    'models.downloads': () => [],
    'models.storage': () => storage(),
    'models.downloadLog': () => [],
    'models.catalog': () => ({
      asOf: '2026-11-22',
      machine: { total: 2 ** 34, available: 2 ** 33, capacity: 2 ** 33 },
      ...{ context: 32_768, sessions: 1, entries: [], pick: null },
    }),
    'chat.rewriteTests': () => ({ tests: [], limitMs: 4000, dialogues: 12 }),
    'documents.collections': () => [],
    'documents.list': () => [],
    'documents.watchState': () => [],
    'documents.searchState': () => ({
      ...{ indexing: null, vectors: 'none', model: null, done: 0, total: 0 },
    }),
    'documents.parts': () => [],
    'documents.locate': ({ start, end }) => ({ state: 'same', start, end }),
    'documents.citations': () => [],
    'conversations.list': () => [],
    'memory.loaded': () => [],
    'memory.history': () => [],
    'memory.relief': () => [],
    'memory.predict': () => predictedMemory(),
    'memory.compare': () => comparison(),
    'memory.matrix': () => matrix(),
    ...answers,
  });
  const app = createApp(fake.api);
  return { app, fake, context: new Map([[appKey, app]]) };
}

/** jsdom has no layout, and so none of these. */
export function withoutLayout(): void {
  class Nothing {
    observe() {}
    unobserve() {}
    disconnect() {}
    takeRecords() {
      return [];
    }
  }
  globalThis.ResizeObserver ??= Nothing;
  globalThis.IntersectionObserver ??= Nothing as unknown as typeof IntersectionObserver;
  Element.prototype.scrollIntoView ??= () => undefined;
}

export const watchState = (over: Partial<WatchState> = {}): WatchState => ({
  collectionId: 'c',
  folder: '/home/a/Lease',
  phase: 'in-step',
  paused: 'no',
  away: null,
  limited: null,
  progress: null,
  unread: 0,
  failed: 0,
  lookedAt: 1,
  tooMany: false,
  ...over,
});
