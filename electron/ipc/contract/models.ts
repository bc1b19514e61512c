import type { ModelCameFrom } from './adding.ts';
import type { Timestamp } from './conversations.ts';
import type { DownloadWait } from './downloads.ts';
import type { Pooling } from './embedding.ts';
import type { ErrorShape } from './errors.ts';
import type { ExpectedSpeed, MachineSpeed, ModelFit } from './fit.ts';
import type { MemoryPrediction } from './memory.ts';

/** Facts read from a GGUF header, before any weight is touched. Sizes in bytes unless said otherwise. */
export interface ModelHeader {
  readonly architecture: string;
  /** general.name of the file, or its file name. */
  readonly name: string;
  readonly parameters: number;
  readonly quantization: string;
  readonly bytes: number;
  readonly tensorBytes: number;
  readonly tensorCount: number;
  readonly vocabulary: number;
  readonly layers: number;
  readonly attentionLayers: number;
  readonly recurrentLayers: number;
  readonly embeddingLength: number;
  /** What the header claims. For hybrids this is 2^20 and NOT the trained length. */
  readonly declaredContext: number;
  /** Bytes of KV cache for one token at f16, all attention layers. */
  readonly kvBytesPerToken: number;
  /** Bytes of recurrent state for one session; 0 for a dense model. */
  readonly recurrentBytesPerSession: number;
  readonly hasChatTemplate: boolean;
  readonly experts: number;
  /** What it is for, where it does not write: 'embedding' finds passages, 'other' is of no use here. */
  readonly purpose?: 'embedding' | 'other';
  /** Of an embedding model. */
  readonly pooling?: Pooling;
  /** Random weights in a real model's shape (`npm run shape`): for measuring, never for chat. */
  readonly isShape?: boolean;
}

export type ModelOrigin = 'builtin' | 'copied' | 'referenced';

/** Step of the sha256 in the background. */
export type HashState = 'pending' | 'hashing' | 'done' | 'failed';

export interface LoadedModel {
  readonly modelId: string;
  readonly state: 'loading' | 'ready' | 'unloading';
  /** 0 to 1 while loading. */
  readonly fraction: number;
  readonly pid: number | null;
  readonly contextSize: number;
  readonly sessions: number;
  readonly threads: number;
  readonly backend: string;
  readonly loadMs: number | null;
}

/** Never mixed: 'hash' says that these are the pinned bytes, not who made them. */
export type ProofLevel = 'signed' | 'hash' | 'unverified';

export interface ProofSigner {
  readonly identity: string;
  readonly issuer: string;
  /** Earliest proven time. */
  readonly signedAt: Timestamp;
  /** Number of the entry in the public log. */
  readonly logIndex: number;
}

/** What is known of where the file's bytes come from. */
export interface ModelProof {
  readonly level: ProofLevel;
  /** Only of 'signed'. */
  readonly signer: ProofSigner | null;
  /** owner/name that the hash is pinned for; null = no pinned hash fits. */
  readonly repository: string | null;
  readonly checkedAt: Timestamp | null;
  /** Code of why the signature that was checked last was refused; a level beside it is of earlier. */
  readonly refusal: string | null;
  /** The file no longer holds the bytes that were checked before: when that was found. */
  readonly changedSince: Timestamp | null;
}

/** 'file' = are this file's bytes among the signed ones; the others are about the signature. */
export type ProofStepId =
  | 'structure'
  | 'authority'
  | 'time'
  | 'certificate'
  | 'log'
  | 'signature'
  | 'signer'
  | 'statement'
  | 'file';

export interface ProofStep {
  readonly id: ProofStepId;
  readonly result: 'passed' | 'failed' | 'not-reached';
  /** Names, times (ISO 8601, UTC), numbers, as they were seen. */
  readonly facts: Readonly<Record<string, string>>;
}

/** How a model's file was checked. */
export interface ProofPage {
  readonly proof: ModelProof;
  /** null = added before Quarry kept this. */
  readonly cameFrom: ModelCameFrom | null;
  readonly sha256: string | null;
  /** Of the bytes that were checked before, where the file holds others now. */
  readonly expectedSha256: string | null;
  /** Of the repository, 40 hex digits. */
  readonly revision: string | null;
  /** Of the signature that was checked last; empty before the first. */
  readonly steps: readonly ProofStep[];
  /** When the newest key that is trusted came into force. */
  readonly trustRootAt: Timestamp | null;
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly origin: ModelOrigin;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly hashState: HashState;
  readonly proof: ModelProof;
  readonly header: ModelHeader;
  /** Longest context the app offers: the trained length where known, never the header's 2^20. */
  readonly contextLimit: number;
  /** Prompts are kept under this many tokens (the miniature: 704); null = the context decides. */
  readonly promptLimit: number | null;
  readonly addedAt: Timestamp;
  /** The file is gone from its place. */
  readonly missing: boolean;
  readonly loaded: LoadedModel | null;
  /** Predicted memory in bytes at the context the app would load it with. */
  readonly predictedBytes: number;
  readonly plannedContext: number;
  readonly fit?: ModelFit;
  /** null where it cannot be told: see `expectedSpeed`. */
  readonly speed?: ExpectedSpeed | null;
  readonly error: ErrorShape | null;
}

/**
 * Where a figure comes from: two sources or a signature, the hub at a commit (asked once, remembered),
 * one source, or computed from the shape.
 */
export type FigureSource = 'pinned' | 'hub' | 'hint' | 'estimate';

/** 'shorter' = at a shorter context than was asked for. */
export type FitVerdict = 'fits' | 'shorter' | 'no';

/** One file of a model in the catalogue, measured against a machine. Bytes throughout. */
export interface CatalogOffer {
  readonly file: string;
  readonly quantization: string;
  readonly bytes: number;
  readonly bytesSource: FigureSource;
  readonly sha256: string | null;
  /** A 'hint' is confirmed by the hub before it is relied on. */
  readonly sha256Source: 'pinned' | 'hub' | 'hint' | null;
  readonly verdict: FitVerdict;
  /** The context that the figures below are for; where nothing fits, the shortest one. */
  readonly context: number;
  readonly predicted: MemoryPrediction;
  /** Prediction, checkpoints of a hybrid, and what is left to everything else. */
  readonly needed: number;
  /** It fits into what is free now, what idle models would give back included. */
  readonly fitsNow: boolean;
  /** null where it cannot be told: not measured yet, or so small that reading weights does not decide. */
  readonly speed?: ExpectedSpeed | null;
}

export interface Signer {
  readonly identity: string;
  readonly issuer: string;
}

export interface CatalogEntry {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly use: 'chat' | 'embedding' | 'guardian';
  readonly variant: 'instruct' | 'base';
  readonly state: 'published' | 'announced';
  /** What it is good for. */
  readonly sentence: string;
  readonly licence: string | null;
  readonly parameters: number | null;
  /** Parameters that work on one token, where that is a part of them. */
  readonly activeParameters: number | null;
  /** Tokens that it was trained on, never a header's 2^20. */
  readonly trainedContext: number | null;
  /** Memory for text stays small: most layers keep a state of fixed size. */
  readonly isHybrid: boolean;
  /** 'derived' = numbers of its sister model, confirmed by the parameter count only. */
  readonly shapeStatus: 'known' | 'derived' | 'unknown';
  /** owner/name on the hub; 'expected' = by IBM's way of naming, not seen. */
  readonly repository: string | null;
  readonly repositoryStatus: 'known' | 'expected' | null;
  /** 40 hex digits; null = the hub is asked. */
  readonly revision: string | null;
  /** A 'hint' was told by one source only and is confirmed by the hub before use. */
  readonly revisionSource: 'pinned' | 'hub' | 'hint' | null;
  /** Who signed this repository's files, where a signature was found. */
  readonly signer: Signer | null;
  readonly offers: readonly CatalogOffer[];
  /** The offer for this machine: as fine as fits, else the one that comes nearest. */
  readonly best: CatalogOffer | null;
}

export interface ModelCatalog {
  /** The day up to which the facts were gathered, as 2026-11-22. */
  readonly asOf: string;
  readonly machine: {
    readonly total: number;
    readonly available: number;
    /** What models may take when other programs are closed. */
    readonly capacity: number;
    /** null until it has been measured. */
    readonly speed?: MachineSpeed | null;
  };
  /** What was asked for. */
  readonly context: number;
  readonly sessions: number;
  /** What fits first. */
  readonly entries: readonly CatalogEntry[];
  /** Id of the model to begin with on this machine. */
  readonly pick: string | null;
}

/** A file of the catalogue on its way. It is gone from the list once it is a model. */
export interface ModelDownload {
  readonly id: string;
  /** Empty for a file that is in no catalogue. */
  readonly catalogId: string;
  readonly file: string;
  /** Of the model, for people. */
  readonly name: string;
  readonly quantization: string | null;
  /** 'waiting' = told to wait, or without a connection; 'checking' = all bytes are there. */
  readonly state: 'queued' | 'active' | 'waiting' | 'checking' | 'paused' | 'failed';
  readonly bytes: number | null;
  readonly done: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  readonly error: ErrorShape | null;
  /** Of 'waiting' alone. */
  readonly wait: DownloadWait | null;
  /** The bytes were wrong: it is fetched a second time, to find the wrong part. */
  readonly isAgain: boolean;
  /** It ran when Quarry ended, and went on by itself when it was started again. */
  readonly wentOn: boolean;
}

/** A model file that another program left on the disk. Only its first bytes were read. */
export interface FoundModel {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly tool: 'lmstudio' | 'ollama' | 'huggingface' | 'folder';
  /** owner/name, where the tool's layout tells it. */
  readonly repository: string | null;
}

export interface FoundModels {
  readonly models: readonly FoundModel[];
  /** More lay there than are looked at. */
  readonly isCut: boolean;
}
