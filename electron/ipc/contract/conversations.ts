import type { AnswerFacts, AnsweringEvent, Difference } from './answering.ts';
import type { FoundPassage, Place } from './documents.ts';
import type { ErrorShape } from './errors.ts';
import type { DocumentUse } from './states.ts';
import type { AnswerStep, StepEvent } from './tools.ts';

/** Milliseconds since 1970 UTC. */
export type Timestamp = number;

export type MessageRole = 'user' | 'assistant';
export type MessageStatus = 'complete' | 'streaming' | 'stopped' | 'failed';

/** A passage as it stood in the prompt, numbered from 1 the way the model saw it. */
export interface Source extends FoundPassage {
  readonly number: number;
  /** The model found it with a tool; it did not stand in the prompt's documents. */
  readonly byTool?: true;
}

/** The span of a document that supports a sentence. Offsets are into the document's extracted text (UTF-16). */
export interface Citation {
  readonly sourceNumber: number;
  readonly documentId: string;
  readonly documentName: string;
  readonly page: number | null;
  readonly heading: string | null;
  readonly place?: Place | null;
  readonly quote: string;
  readonly start: number;
  readonly end: number;
}

/** One sentence of an answer and what the documents say of it. Offsets are into the message's text. */
export interface Claim {
  readonly start: number;
  readonly end: number;
  /** 'contradicted': the documents say the same with another value; `citation` is where. */
  readonly state: 'supported' | 'unsupported' | 'contradicted';
  readonly citation: Citation | null;
  /** What differs in a contradicted one. */
  readonly differences?: readonly Difference[];
  /** Few of its words are the document's; it means the same as far as a model of similarity tells. */
  readonly isParaphrase?: true;
}

/** How the documents stand behind a whole answer; null for an answer given without documents. */
export type Support = 'supported' | 'partly' | 'unsupported' | 'not-in-documents';

export interface TurnStats {
  /** Tokens of the whole prompt, of it taken from the engine's kept state, and read now. */
  readonly promptTokens: number;
  readonly keptTokens: number;
  readonly readTokens: number;
  /** Where the kept ones were; absent in answers of before this was told. */
  readonly keptFrom?: 'memory' | 'disk' | 'none';
  readonly answerTokens: number;
  /** Milliseconds from the engine's start on this turn to its first token. */
  readonly firstTokenMs: number | null;
  /** Answer tokens a second, first token not counted; null under two tokens. */
  readonly tokensPerSecond: number | null;
  /** Tokens the session holds after the turn, and the most it can hold. */
  readonly contextUsed: number;
  readonly contextSize: number;
  readonly threads: number;
  /** Earlier messages and passages that did not fit into the prompt. Shown, never hidden. */
  readonly droppedMessages: number;
  readonly droppedPassages: number;
  /** Why the answer ended: its own end, the longest answer asked for, a full context, a stop. */
  readonly endReason?: 'stop' | 'length' | 'context' | 'aborted';
  /** Milliseconds that the turn waited for its model to be loaded; absent where it was ready. */
  readonly loadMs?: number;
  /** Name of the model that wrote the answer before, where it was another one. */
  readonly switchedFrom?: string;
  /** Documents that stood in the prompt with all of their text; absent where passages did. */
  readonly wholeDocuments?: number;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** null for the first message of a branch from the root. Messages with one parent are siblings. */
  readonly parentId: string | null;
  readonly role: MessageRole;
  readonly text: string;
  readonly status: MessageStatus;
  readonly error: ErrorShape | null;
  readonly createdAt: Timestamp;
  /** Which model wrote it (assistant only); the name is kept so that it outlives the model. */
  readonly modelId: string | null;
  readonly modelName: string | null;
  /** The turn that writes or wrote it (assistant only): the key for the `turn` stream. */
  readonly turnId: string | null;
  readonly stats: TurnStats | null;
  readonly sources: readonly Source[];
  readonly claims: readonly Claim[];
  readonly support: Support | null;
  /** What this question alone looked into (user only); absent where the conversation's scope held. */
  readonly scope?: DocumentScope;
  /** What the model did besides writing (assistant only); absent where it did nothing else. */
  readonly steps?: readonly AnswerStep[];
  /** How it came about (assistant only); absent in answers of before this was kept. */
  readonly facts?: AnswerFacts;
}

/** What a conversation, or one question, may look into: nothing, everything, one, or several. */
export type DocumentScope =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'collection'; readonly collectionId: string }
  | { readonly kind: 'document'; readonly documentId: string }
  | {
      readonly kind: 'some';
      readonly collectionIds: readonly string[];
      readonly documentIds: readonly string[];
    };

/** 'waiting' = in the queue of its model, 'asking' = a tool waits for a person's consent. */
export type ConversationActivity = 'answering' | 'waiting' | 'asking';

export interface ConversationSummary {
  readonly id: string;
  readonly title: string;
  readonly pinned: boolean;
  readonly modelId: string | null;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  readonly messageCount: number;
  /** What its newest turn does, in the list; missing where none runs. */
  readonly activity?: ConversationActivity;
  /** An answer has ended that nobody has seen (`conversations.seen`); missing where none has, or one is written now. */
  readonly hasNewAnswer?: true;
}

export interface Conversation extends ConversationSummary {
  readonly systemPrompt: string;
  readonly scope: DocumentScope;
  readonly use: DocumentUse;
  /** The last message of the branch on screen. */
  readonly leafId: string | null;
  /** Every message of the tree, oldest first. */
  readonly messages: readonly Message[];
}

export interface ConversationHit {
  readonly conversationId: string;
  readonly title: string;
  readonly messageId: string | null;
  readonly snippet: string;
  /** [start, end) pairs within `snippet` that matched. */
  readonly marks: readonly (readonly [number, number])[];
  readonly createdAt: Timestamp;
}

/** Answer of the three calls that open a turn. */
export interface TurnStarted {
  readonly turnId: string;
  readonly userMessageId: string;
  readonly assistantMessageId: string;
}

/** Events of the `turn` stream. Exactly one of the last three ends it. */
export type TurnEvent =
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'loading'; readonly modelId: string; readonly fraction: number }
  | { readonly type: 'sources'; readonly sources: readonly Source[]; readonly searched: number }
  | {
      readonly type: 'reading';
      readonly done: number;
      readonly total: number;
      readonly kept: number;
      /** Milliseconds to go at the pace so far; absent before it says anything. */
      readonly msLeft?: number;
      /** Most of it are whole documents that were not read before. */
      readonly isWhole?: boolean;
    }
  | { readonly type: 'text'; readonly text: string }
  | StepEvent
  | AnsweringEvent
  | { readonly type: 'done'; readonly message: Message }
  | { readonly type: 'stopped'; readonly message: Message }
  | { readonly type: 'failed'; readonly error: ErrorShape; readonly message: Message | null };
