import type { Timestamp } from './conversations.ts';
import type { EmbeddingChoice } from './embedding.ts';
import type { ErrorShape } from './errors.ts';
import type { KvType } from './memory.ts';
import type { RewriteChoice } from './rewriting.ts';
import type { CheckEvery } from './storage.ts';
import type { ToolConsents } from './tools.ts';

export interface AppInfo {
  readonly version: string;
  readonly dataFolder: string;
  readonly platform: string;
  readonly nodeVersion: string;
  readonly engineVersion: string;
  readonly totalMemory: number;
  readonly cores: number;
}

export type Theme = 'system' | 'light' | 'dark' | 'contrast';

export interface Settings {
  readonly theme: Theme;
  /** BCP 47 tag, or 'system'. */
  readonly locale: string;
  /** Root text size in px: 13 to 20. */
  readonly textSize: number;
  /** The first-start page was finished or skipped. */
  readonly welcomed: boolean;
  readonly defaultModelId: string | null;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** Longest answer in tokens. */
  readonly maxAnswerTokens: number;
  /** Context in tokens for newly loaded models; null = planned from the machine. */
  readonly contextSize: number | null;
  /** Conversations a loaded model holds at once. */
  readonly sessions: number;
  /** What the memory for text is kept in. */
  readonly kvType: KvType;
  /** Keep what models have read on disk, so that it is not read again. */
  readonly keepStates: boolean;
  /** Bytes that all saved states may take; null = a share of the free disk. */
  readonly statesBudget: number | null;
  /** Encrypt saved states with a key of the system's keychain. */
  readonly encryptStates: boolean;
  /** The model names a conversation after its first answer, in the background. */
  readonly nameByModel: boolean;
  /** How a follow-up question is made to stand alone for the search. */
  readonly rewriteQuestions: RewriteChoice;
  /** Recognise text in pictures and scans, with the system's Tesseract. */
  readonly ocr: boolean;
  /** Its language packs, joined by '+': "eng+spa". */
  readonly ocrLanguages: string;
  /** What finds passages by meaning. */
  readonly embeddingModel: EmbeddingChoice;
  /** null = measured. */
  readonly threads: number | null;
  /** 'system' = the usual variables, else what the system's settings say. */
  readonly proxyMode: 'system' | 'none' | 'manual';
  /** Of 'manual': http://, https:// or socks5:// with host and port; no name, no password. */
  readonly proxyAddress: string;
  /** Of 'manual': hosts reached without it, separated by commas; `.example.com` = all below. */
  readonly proxyBypass: string;
  /** What is asked instead of the hub; null = HF_ENDPOINT, else the hub. */
  readonly mirror: string | null;
  /** Ask for newer signing keys whenever a signature is checked. */
  readonly refreshKeys: boolean;
  /** How often model files are read again to see whether they are still the same. */
  readonly checkEvery: CheckEvery;
  /** What models may use, in every conversation. */
  readonly tools: ToolConsents;
}

export type TaskKind = 'load' | 'import' | 'hash' | 'ingest' | 'move' | 'read';
export type TaskState = 'waiting' | 'running' | 'done' | 'stopped' | 'failed';

/** A visible long run. Any screen can show it and cancel it. */
export interface Task {
  readonly id: string;
  readonly kind: TaskKind;
  /** What it works on: a file, folder or model name. */
  readonly subject: string;
  readonly state: TaskState;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'files' | 'fraction';
  /** The file being worked on right now, if any. */
  readonly current: string | null;
  /** Id of the model or collection it is about. */
  readonly targetId: string | null;
  readonly failures: number;
  readonly error: ErrorShape | null;
  readonly startedAt: Timestamp;
}

/** Events of the `task` stream. Exactly one of the last three ends it. */
export type TaskEvent =
  | { readonly type: 'progress'; readonly task: Task }
  | { readonly type: 'done'; readonly task: Task }
  | { readonly type: 'stopped'; readonly task: Task }
  | { readonly type: 'failed'; readonly task: Task; readonly error: ErrorShape };

/** MAIN's view of CORE. */
export type CoreState = 'starting' | 'ready' | 'restarting' | 'failed';
export interface CoreStatus {
  readonly state: CoreState;
  /** How often it was started again since the window opened. */
  readonly restarts: number;
  readonly error: ErrorShape | null;
}

/** What a menu entry or its shortcut asks the window to do. */
export type MenuCommand =
  | 'new-conversation'
  | 'search'
  | 'settings'
  | 'shortcuts'
  | 'welcome'
  | 'view-chat'
  | 'view-library'
  | 'view-models'
  | 'view-memory';

/** What a folder is chosen for: 'moved' = where a folder of the library that is away lies now. */
export type FolderPurpose = 'documents' | 'models' | 'moved';

/** Files that the window can have saved. */
export type SavedKind = 'csv' | 'png';
