/* eslint-disable max-lines -- calls and their names side by side: the whole contract in one place */
/**
 * The one contract between the window and everything behind it.
 *
 * `Calls`, `Pushes` and `Streams` say what exists; the name lists beside them are what transports,
 * servers and the preload are built from. A name missing in a list, or listed without a type, does
 * not compile. Channel name = member name. This folder is pure: types and name lists, no imports
 * from anywhere else, so that the renderer may read it.
 */
import type { FoundFiles, LookedAt, ModelPlace, PlaceFit } from './adding.ts';
import type {
  AppInfo,
  CoreStatus,
  FolderPurpose,
  MenuCommand,
  SavedKind,
  Settings,
  Task,
  TaskEvent,
} from './app.ts';
import type { Backends } from './backends.ts';
import type {
  Conversation,
  ConversationHit,
  ConversationSummary,
  DocumentScope,
  TurnEvent,
  TurnStarted,
} from './conversations.ts';
import type {
  Collection,
  DocumentPage,
  DocumentSummary,
  DocumentView,
  PassageHit,
} from './documents.ts';
import type { DownloadLine } from './downloads.ts';
import type { EmbeddingState } from './embedding.ts';
import type { ErrorShape, Result } from './errors.ts';
import type { MachineSpeed } from './fit.ts';
import type { LoadOptions, LoadPlan } from './loading.ts';
import type {
  KvType,
  LoadedMemory,
  MemoryAccuracyReport,
  MemoryComparison,
  MemoryMatrix,
  MemorySample,
  ModelRef,
  PredictedMemory,
  PredictionWish,
  Relief,
  SessionMemory,
} from './memory.ts';
import type { ConnectionTest, KeptToken, KeysStatus, NetworkStatus } from './network.ts';
import type { Model, ModelCatalog, ModelDownload, ModelHeader, ProofPage } from './models.ts';
import type { QueueEntry } from './queue.ts';
import type { AnswerMode } from './answering.ts';
import type { RewriteTest, RewriteTests } from './rewriting.ts';
import type { SearchReading, SearchState, TypedFilter } from './retrieval.ts';
import type { DocumentUse, StatesStatus, WholeDocuments } from './states.ts';
import type { ModelStorage } from './storage.ts';
import type { ToolAnswer } from './tools.ts';
import type { IgnoreRules, Relocated, WatchState } from './watch.ts';
import type { DocumentCitation, DocumentPart, FoundInDocument, QuotePlace } from './viewing.ts';

export type * from './adding.ts';
export type * from './answering.ts';
export type * from './app.ts';
export type * from './backends.ts';
export type * from './conversations.ts';
export type * from './documents.ts';
export type * from './downloads.ts';
export type * from './errors.ts';
export type * from './fit.ts';
export type * from './loading.ts';
export type * from './memory.ts';
export type * from './models.ts';
export type * from './network.ts';
export type * from './embedding.ts';
export type * from './queue.ts';
export * from './retrieval.ts';
export type * from './refusals.ts';
export type * from './rewriting.ts';
export type * from './states.ts';
export type * from './storage.ts';
export type * from './tools.ts';
export type * from './watch.ts';
export { answerModes } from './answering.ts';
export type * from './viewing.ts';
export { errorCodes } from './errors.ts';
export { documentFormats } from './documents.ts';
export { documentExtensions } from './document-extensions.ts';
export { connectionOutcomes } from './network.ts';
export { refusalCodes } from './refusals.ts';
export { rewriteChoices } from './rewriting.ts';
export { kvTypes } from './memory.ts';
export { documentUses } from './states.ts';
export { toolNames } from './tools.ts';

interface Call<Args, Value> {
  readonly args: Args;
  readonly value: Value;
}
type None = Record<string, never>;

/** Calls that CORE answers. */
export interface CoreCalls {
  'app.info': Call<None, AppInfo>;

  'conversations.list': Call<None, readonly ConversationSummary[]>;
  'conversations.get': Call<{ id: string }, Conversation>;
  'conversations.create': Call<
    { modelId?: string; scope?: DocumentScope; use?: DocumentUse },
    Conversation
  >;
  'conversations.update': Call<
    {
      id: string;
      title?: string;
      systemPrompt?: string;
      modelId?: string;
      scope?: DocumentScope;
      use?: DocumentUse;
      pinned?: boolean;
      /** Any message: the branch shown becomes the one through it, down to its newest leaf. */
      showMessageId?: string;
    },
    Conversation
  >;
  /** Hides it at once; `conversations.restore` brings it back until the next start, then it is erased. */
  'conversations.remove': Call<{ id: string }, null>;
  'conversations.restore': Call<{ id: string }, null>;
  /** Its last answer is on screen, before somebody's eyes. */
  'conversations.seen': Call<{ id: string }, null>;
  'conversations.search': Call<{ query: string }, readonly ConversationHit[]>;

  /** Appends a user message below `parentId` (null = a new root) and opens a turn. An edit is a send below the same parent. */
  'chat.send': Call<
    {
      conversationId: string;
      parentId: string | null;
      text: string;
      /** JSON Schema as text: the answer is JSON of it and nothing else. */
      schema?: string;
      /** For this question; the conversation's choice where not given. */
      mode?: AnswerMode;
      /** What this question alone looks into, instead of the conversation's scope. Kept with it. */
      scope?: DocumentScope;
    },
    TurnStarted
  >;
  /** Opens a turn that writes a sibling of the given assistant message. */
  'chat.regenerate': Call<{ messageId: string; mode?: AnswerMode }, TurnStarted>;
  'chat.stop': Call<{ turnId: string }, null>;
  /** What it would take to use the documents as a whole. Loads nothing. Without a model: the one that would answer. */
  'chat.whole': Call<
    { scope: DocumentScope; modelId?: string; systemPrompt?: string },
    WholeDocuments
  >;
  /** Reads a conversation's whole documents before its first question; loads the model if need be. */
  'chat.readNow': Call<{ conversationId: string }, { taskId: string }>;
  /** How models did with the test of wording follow-up questions, on this machine. The newest first. */
  'chat.rewriteTests': Call<None, RewriteTests>;
  /** Tests the model that would answer, loading it if need be; takes up to a minute. A question asked meanwhile ends it: 'cancelled'. */
  'chat.testRewriting': Call<None, RewriteTest>;
  /** Answers a call that the turn waits with; nothing happens if it no longer does. */
  'chat.allowTool': Call<{ turnId: string; useId: string; answer: ToolAnswer }, null>;

  'models.list': Call<None, readonly Model[]>;
  /** Reads a header without importing. One path. */
  'models.inspect': Call<{ paths: readonly string[] }, ModelHeader>;
  /** One path. The task hashes, and copies where asked. */
  'models.import': Call<
    { paths: readonly string[]; mode: 'copy' | 'reference' },
    { modelId: string; taskId: string }
  >;
  /** Forgets the model; deletes the file only if Quarry copied it. */
  'models.remove': Call<{ modelId: string }, null>;
  /** What is not given is as remembered, else automatic. 'invalid-argument': 8 or 4 bits without flash attention. */
  'models.load': Call<
    Partial<LoadOptions> & {
      modelId: string;
      /** true = from now on whenever nothing else is asked for; false = the settings decide again. */
      remember?: boolean;
    },
    { taskId: string }
  >;
  /** What `models.load` would do now. What is not given is what it would be loaded with. */
  'models.plan': Call<Partial<LoadOptions> & { modelId: string }, LoadPlan>;
  'models.unload': Call<{ modelId: string }, null>;
  /** Which model finds passages by meaning. Changes are announced by `models.changed` and `settings.changed`. */
  'models.embedding': Call<None, EmbeddingState>;
  /** Loads it now, also after it ended too often. Throws what its load throws, 'not-found' without one. */
  'models.loadEmbedding': Call<None, null>;
  /** What loaded models work on and what waits for them. Changes are announced by `queue.changed`. */
  'models.queue': Call<{ modelId?: string }, readonly QueueEntry[]>;
  /** Ends one as a stop does: what was written is kept. */
  'models.cancelRun': Call<{ runId: string }, null>;
  /**
   * Granite's models and which of them fit. Asks no network. `memory` in bytes: as if the machine had
   * that much, all of it free.
   */
  'models.catalog': Call<{ context?: number; sessions?: number; memory?: number }, ModelCatalog>;
  /** Model files in folders of other programs, named by layout, not read. MAIN grants what it finds. */
  'models.scan': Call<{ paths: readonly string[] }, FoundFiles>;
  /** One path that a scan found. Adds it where it lies; answers once it is known to be a new model. */
  'models.addFound': Call<{ paths: readonly string[] }, { modelId: string }>;
  /**
   * What lies at `owner/name`, an address of the hub, or an address of a GGUF file. Asks the network.
   * Refusals by 'invalid-argument' carry a `reason`: 'place', 'scheme', 'credentials', 'kind'.
   */
  'models.look': Call<{ place: string }, LookedAt>;
  /** Fetches a file's header, a few MiB at most, and computes whether it fits. */
  'models.fitOf': Call<{ from: ModelPlace }, PlaceFit>;
  /** Any other GGUF. 'invalid-argument' with the reason 'parts' for a split model. */
  'models.downloadFrom': Call<{ from: ModelPlace }, { downloadId: string }>;
  /** How fast memory is read and what graphics there are; measured at the first call, then remembered. */
  'models.measure': Call<{ again?: boolean }, MachineSpeed>;
  /**
   * Hashes the file again and compares it with what is known. With one path: of a signature file
   * (`model.sig`), which is then checked for these bytes. A refusal is an answer, not an error.
   */
  'models.verify': Call<{ modelId: string; paths: readonly string[] }, { taskId: string }>;
  'models.proof': Call<{ modelId: string }, ProofPage>;
  /** Asks the hub about a file of the catalogue and fetches it if it is the expected one. */
  'models.download': Call<{ catalogId: string; file: string }, { downloadId: string }>;
  /** In their turn. Asks no network. Changes are announced by `downloads.changed`. */
  'models.downloads': Call<None, readonly ModelDownload[]>;
  'models.pauseDownload': Call<{ downloadId: string }, null>;
  /** Also tries a failed one again. */
  'models.resumeDownload': Call<{ downloadId: string }, null>;
  /** Nothing of it stays. */
  'models.cancelDownload': Call<{ downloadId: string }, null>;
  /** Next in line. */
  'models.downloadFirst': Call<{ downloadId: string }, null>;
  /** What happened, oldest first: to a download, or to the one that a model came by (else empty). */
  'models.downloadLog': Call<{ downloadId?: string; modelId?: string }, readonly DownloadLine[]>;
  /** The network came back: what waits asks again at once. */
  'models.wakeDownloads': Call<None, null>;

  /** What everything takes on the disk. */
  'models.storage': Call<None, ModelStorage>;
  /** One path, of a folder: the library goes to `Quarry` in it. */
  'models.move': Call<{ paths: readonly string[] }, { taskId: string }>;
  /** The library goes into the profile again. */
  'models.moveBack': Call<None, { taskId: string }>;
  /** Deletes leftovers by name; what Quarry did not make, or what is in use by now, stays. */
  'models.clean': Call<{ names: readonly string[] }, { removed: number; bytes: number }>;
  /** Reads files again, all if none are named, one after the other. */
  'models.checkAll': Call<{ modelIds?: readonly string[] }, { taskIds: readonly string[] }>;

  /** What can calculate here, and why some of it is not used. Changes are announced by `models.changed`. */
  'backends.list': Call<None, Backends>;
  /** Tries all of them again. Throws 'model-busy' while an answer is written. */
  'backends.try': Call<None, Backends>;
  /** For models loaded from now on. Throws 'not-found' for what this machine has not. */
  'backends.choose': Call<{ choice: string }, Backends>;

  'documents.collections': Call<None, readonly Collection[]>;
  'documents.list': Call<{ collectionId?: string }, readonly DocumentSummary[]>;
  /** Files and folders; without a collection a new one is made and named after them. */
  'documents.add': Call<
    { paths: readonly string[]; collectionId?: string },
    /** `leftOut`: names of files that were given and are of no kind that is read. */
    { collectionId: string; taskId: string; leftOut: readonly string[] }
  >;
  'documents.remove': Call<{ documentId: string }, null>;
  'documents.removeCollection': Call<{ collectionId: string }, null>;
  'documents.renameCollection': Call<{ collectionId: string; name: string }, null>;
  'documents.search': Call<
    { query: string; scope?: DocumentScope; limit?: number; filters?: readonly TypedFilter[] },
    readonly PassageHit[]
  >;
  /** The same search, with how it was understood: filters may also be typed (`in:contracts type:pdf -draft`). */
  'documents.searchReading': Call<
    { query: string; scope?: DocumentScope; limit?: number; filters?: readonly TypedFilter[] },
    SearchReading
  >;
  'documents.searchState': Call<None, SearchState>;
  'documents.view': Call<{ documentId: string }, DocumentView>;
  'documents.page': Call<{ documentId: string; page: number }, DocumentPage>;
  /** All parts in order, without their texts. */
  'documents.parts': Call<{ documentId: string }, readonly DocumentPart[]>;
  /** Words in the order given, whatever their case and accents; any white space between them. */
  'documents.find': Call<{ documentId: string; query: string }, FoundInDocument>;
  /** Where cited words stand by now: the file may have been read again since. */
  'documents.locate': Call<
    { documentId: string; start: number; end: number; quote: string },
    QuotePlace
  >;
  /** Citations of all conversations into it, newest first. */
  'documents.citations': Call<{ documentId: string }, readonly DocumentCitation[]>;

  /** Of all collections made from folders, or of one. Changes are announced by `documents.watch`. */
  'documents.watchState': Call<{ collectionId?: string }, readonly WatchState[]>;
  /** Nothing is looked for and nothing read, until `documents.resume`. Without a collection: everywhere. */
  'documents.pause': Call<{ collectionId?: string }, null>;
  /** Without a collection: ends the pause of everything, not those of single collections. */
  'documents.resume': Call<{ collectionId?: string }, null>;
  /** Compares the folder with what was read, now. Ends the collection's own pause. */
  'documents.rescan': Call<{ collectionId: string }, null>;
  /** Reads what failed or was stopped: all of the collection, one document, or only what was stopped. */
  'documents.tryAgain': Call<
    { collectionId: string; documentId?: string; only?: 'stopped' },
    { documents: number }
  >;
  /**
   * One path, of a folder: where the collection's folder lies now. Ids, passages and citations stay, and what is the
   * same is not read again. `anyway`: also where some of its documents are missing there.
   */
  'documents.relocate': Call<
    { collectionId: string; paths: readonly string[]; anyway?: boolean },
    Relocated
  >;
  'documents.ignoreRules': Call<{ collectionId: string }, IgnoreRules>;
  /** Documents that the rules now leave out are removed, others come in. */
  'documents.setIgnoreRules': Call<{ collectionId: string; own: string }, IgnoreRules>;

  'memory.loaded': Call<None, readonly LoadedMemory[]>;
  /**
   * Oldest first. `points`: at most so many for each model, of each stretch of time the sample with
   * the most resident memory, so that no peak is lost.
   */
  'memory.history': Call<
    { since: number; modelId?: string; points?: number },
    readonly MemorySample[]
  >;
  'memory.matrix': Call<{ modelId: string }, MemoryMatrix>;
  /** Conversations that hold memory in loaded models. */
  'memory.sessions': Call<None, readonly SessionMemory[]>;
  'memory.predict': Call<ModelRef & PredictionWish, PredictedMemory>;
  /** Without `other`: the model of the same size and the other kind, where the catalogue has one. */
  'memory.compare': Call<
    {
      one: ModelRef;
      other?: ModelRef;
      contextSize: number;
      sessions: number;
      kvType?: KvType;
    },
    MemoryComparison
  >;
  /** How good predictions have been here; of one model where given. */
  'memory.accuracy': Call<{ modelId?: string }, MemoryAccuracyReport>;
  /** What was given back since the start because the machine was short of memory. Newest first. */
  'memory.relief': Call<None, readonly Relief[]>;

  'states.status': Call<None, StatesStatus>;
  /** Deletes every saved state. @returns bytes given back. */
  'states.clear': Call<None, { bytes: number }>;

  'settings.get': Call<None, Settings>;
  'settings.set': Call<{ values: Partial<Settings> }, Settings>;

  /** Asks no network. Changes are announced by `settings.changed`. */
  'network.status': Call<None, NetworkStatus>;
  /** One request to the hub, or to what stands in for it. A refusal is an answer, not an error. */
  'network.test': Call<None, ConnectionTest>;
  /** One path, of a PEM file; a copy of its certificates is kept and trusted besides the system's. */
  'network.addAuthority': Call<{ paths: readonly string[] }, NetworkStatus>;
  'network.removeAuthority': Call<None, NetworkStatus>;
  /** Asks Sigstore's own server for newer keys (TUF) and keeps them if they prove right. */
  'network.refreshKeys': Call<None, KeysStatus>;

  'tasks.list': Call<None, readonly Task[]>;
  'tasks.cancel': Call<{ taskId: string }, null>;
}

/** Calls that MAIN answers itself. Dialogs grant the paths they return; others are refused. */
export interface ShellCalls {
  'shell.pickDocuments': Call<None, readonly string[]>;
  /** The dialog's words are MAIN's own, one wording for each purpose. */
  'shell.pickFolder': Call<{ purpose: FolderPurpose }, readonly string[]>;
  'shell.pickModel': Call<None, readonly string[]>;
  /** A folder for the library of models. */
  'shell.pickLibrary': Call<None, readonly string[]>;
  'shell.pickSignature': Call<None, readonly string[]>;
  'shell.pickAuthority': Call<None, readonly string[]>;
  'shell.tokenStatus': Call<None, KeptToken>;
  /**
   * Keeps the token for the hub and hands it to CORE. Where no keychain encrypts it is refused
   * ('token-unprotected') unless `allowFile`: then a file only this user can read holds it.
   */
  'shell.setToken': Call<{ token: string; allowFile?: boolean }, KeptToken>;
  'shell.removeToken': Call<None, KeptToken>;
  /** Folders where LM Studio, Ollama and the hub's own client keep models, those that are there. */
  'shell.usualModelFolders': Call<None, readonly string[]>;
  /**
   * Shows a dialog to save a file and writes it where the person says. `data` is the text of a 'csv',
   * the base64 of a 'png'; `name` is only proposed. null = the person changed their mind.
   */
  'shell.saveFile': Call<{ kind: SavedKind; name: string; data: string }, { name: string } | null>;
  /** Opens an http(s) address in the system's browser, after the window has shown it. */
  'shell.openExternal': Call<{ url: string }, null>;
  /** Shows a document's file in the system's file manager. Throws 'document-missing' where it is gone. */
  'shell.showDocument': Call<{ documentId: string }, null>;
  'shell.coreStatus': Call<None, CoreStatus>;
  'shell.restartCore': Call<None, null>;
}

/** Calls between MAIN and CORE only; the preload never lists them. */
export interface PrivateCalls {
  /** Where the kept copy of a document lies, for the `quarry://document/` protocol. */
  'private.documentFile': Call<{ documentId: string }, { path: string; mime: string }>;
  /** Where the file of a document lies that a person added. Throws 'document-missing' where it is gone. */
  'private.documentPlace': Call<{ documentId: string }, { path: string }>;
  /** The token that MAIN keeps, or null; CORE holds it in memory only. */
  'private.token': Call<{ token: string | null; since: number | null }, null>;
  /** The key of saved states (32 bytes in base64), where the system's keychain keeps one. Never written by CORE. */
  'private.stateKey': Call<{ key: string | null; canProtect: boolean }, null>;
  /** Answers `private.askProxy`: what the system says, such as 'PROXY host:8080; DIRECT'. */
  'private.proxy': Call<{ id: string; answer: string }, null>;
  /** Ends engines, closes the database, answers, exits. */
  'private.shutdown': Call<None, null>;
}

/** Announcements: something changed, ask again. They carry ids, not state. */
export interface Pushes {
  'conversations.changed': { readonly conversationId: string | null };
  'models.changed': { readonly modelId: string | null };
  /** At most twice a second. With a model: a download has just become it. */
  'downloads.changed': { readonly modelId: string | null };
  'queue.changed': { readonly modelId: string };
  'documents.changed': { readonly collectionId: string | null };
  /** How a folder stands; at most about three times a second. null: of all of them. */
  'documents.watch': { readonly collectionId: string | null };
  /** What searches can use has changed; at most about once a second. */
  'documents.vectors': Record<string, never>;
  'memory.changed': { readonly modelId: string };
  'settings.changed': Record<string, never>;
  'tasks.changed': { readonly taskId: string };
  'shell.core': CoreStatus;
  'shell.command': { readonly command: MenuCommand };
}

/** Announcements of CORE to MAIN only; the window never gets them. */
export interface PrivatePushes {
  /** Which proxy does the system name for this address? Answered by `private.proxy`. */
  'private.askProxy': { readonly id: string; readonly url: string };
}

/** Long runs. `after` is the last sequence number the reader holds (0 = from the start). */
export interface Streams {
  turn: { readonly args: { turnId: string; after: number }; readonly event: TurnEvent };
  task: { readonly args: { taskId: string; after: number }; readonly event: TaskEvent };
}

export type Calls = CoreCalls & ShellCalls;
export type CoreCallName = keyof CoreCalls;
export type ShellCallName = keyof ShellCalls;
export type PrivateCallName = keyof PrivateCalls;
export type CallName = keyof Calls;
export type PushName = keyof Pushes;
export type StreamName = keyof Streams;
export type AnyCalls = Calls & PrivateCalls;
export type ArgsOf<N extends keyof AnyCalls> = AnyCalls[N]['args'];
export type ValueOf<N extends keyof AnyCalls> = AnyCalls[N]['value'];
export type StreamArgs<N extends StreamName> = Streams[N]['args'];
export type StreamEvent<N extends StreamName> = Streams[N]['event'];

/** One numbered event of a stream. Numbers start at 1 and have no gaps. */
export interface Numbered<E> {
  readonly seq: number;
  readonly event: E;
}

export const lastEventTypes = ['done', 'stopped', 'failed'] as const;

type Complete<All extends PropertyKey, Listed extends readonly PropertyKey[]> =
  Exclude<All, Listed[number]> extends never ? Listed : ['missing', Exclude<All, Listed[number]>];
const all =
  <All extends PropertyKey>() =>
  <const Listed extends readonly All[]>(listed: Listed & Complete<All, Listed>): Listed =>
    listed;

export const coreCallNames = all<CoreCallName>()([
  'app.info',
  'conversations.list',
  'conversations.get',
  'conversations.create',
  'conversations.update',
  'conversations.remove',
  'conversations.restore',
  'conversations.seen',
  'conversations.search',
  'chat.send',
  'chat.regenerate',
  'chat.stop',
  'chat.whole',
  'chat.readNow',
  'chat.rewriteTests',
  'chat.testRewriting',
  'chat.allowTool',
  'models.list',
  'models.inspect',
  'models.import',
  'models.remove',
  'models.load',
  'models.plan',
  'models.unload',
  'models.embedding',
  'models.loadEmbedding',
  'models.queue',
  'models.cancelRun',
  'models.catalog',
  'models.measure',
  'models.scan',
  'models.addFound',
  'models.look',
  'models.fitOf',
  'models.downloadFrom',
  'models.verify',
  'models.proof',
  'models.download',
  'models.downloads',
  'models.pauseDownload',
  'models.resumeDownload',
  'models.cancelDownload',
  'models.storage',
  'models.move',
  'models.moveBack',
  'models.clean',
  'models.checkAll',
  'models.downloadFirst',
  'models.downloadLog',
  'models.wakeDownloads',
  'backends.list',
  'backends.try',
  'backends.choose',
  'documents.collections',
  'documents.list',
  'documents.add',
  'documents.remove',
  'documents.removeCollection',
  'documents.renameCollection',
  'documents.search',
  'documents.searchReading',
  'documents.searchState',
  'documents.view',
  'documents.page',
  'documents.watchState',
  'documents.pause',
  'documents.resume',
  'documents.rescan',
  'documents.tryAgain',
  'documents.relocate',
  'documents.ignoreRules',
  'documents.setIgnoreRules',
  'documents.parts',
  'documents.find',
  'documents.locate',
  'documents.citations',
  'memory.loaded',
  'memory.history',
  'memory.matrix',
  'memory.sessions',
  'memory.predict',
  'memory.compare',
  'memory.accuracy',
  'memory.relief',
  'states.status',
  'states.clear',
  'settings.get',
  'settings.set',
  'network.status',
  'network.test',
  'network.addAuthority',
  'network.removeAuthority',
  'network.refreshKeys',
  'tasks.list',
  'tasks.cancel',
]);

export const shellCallNames = all<ShellCallName>()([
  'shell.pickDocuments',
  'shell.pickFolder',
  'shell.pickModel',
  'shell.pickLibrary',
  'shell.pickSignature',
  'shell.pickAuthority',
  'shell.tokenStatus',
  'shell.setToken',
  'shell.removeToken',
  'shell.usualModelFolders',
  'shell.saveFile',
  'shell.openExternal',
  'shell.showDocument',
  'shell.coreStatus',
  'shell.restartCore',
]);

export const privateCallNames = all<PrivateCallName>()([
  'private.documentFile',
  'private.documentPlace',
  'private.token',
  'private.stateKey',
  'private.proxy',
  'private.shutdown',
]);

export const pushNames = all<PushName>()([
  'conversations.changed',
  'models.changed',
  'downloads.changed',
  'queue.changed',
  'documents.changed',
  'documents.watch',
  'documents.vectors',
  'memory.changed',
  'settings.changed',
  'tasks.changed',
  'shell.core',
  'shell.command',
]);

export const streamNames = all<StreamName>()(['turn', 'task']);

/** Calls whose `paths` must have come from a dialog or a drop: MAIN refuses any other path. */
export const pathCallNames = [
  'models.inspect',
  'models.import',
  'models.scan',
  'models.addFound',
  'models.verify',
  'network.addAuthority',
  'models.move',
  'documents.add',
] as const;

type Caller<N extends CallName> =
  ArgsOf<N> extends Record<string, never>
    ? () => Promise<Result<ValueOf<N>>>
    : (args: ArgsOf<N>) => Promise<Result<ValueOf<N>>>;

type Group<N extends string> = N extends `${infer G}.${string}` ? G : never;
type Member<N extends string, G extends string> = N extends `${G}.${infer M}` ? M : never;

/** `window.api`: `api.chat.send(args)` for every call, plus the four members below. */
export type Api = {
  readonly [G in Group<CallName>]: {
    readonly [M in Member<CallName, G>]: Caller<Extract<CallName, `${G}.${M}`>>;
  };
} & {
  /** Listens to a push; returns the way to stop listening. */
  readonly on: <N extends PushName>(name: N, listener: (data: Pushes[N]) => void) => () => void;
  /**
   * Reads a stream from after the given number. Returns the way to stop reading (the run goes on).
   * `failed` is called once if it cannot be read (further): 'not-found', 'core-unavailable'. It is
   * not called after the last event.
   */
  readonly open: <N extends StreamName>(
    name: N,
    args: StreamArgs<N>,
    listener: (numbered: Numbered<StreamEvent<N>>) => void,
    failed?: (error: ErrorShape) => void,
  ) => () => void;
  /** Grants and names the files of a drop. Only real files of a drop have a path; made-up ones give none. */
  readonly dropped: (files: readonly unknown[]) => Promise<readonly string[]>;
  readonly platform: string;
};
