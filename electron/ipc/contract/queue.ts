import type { Timestamp } from './conversations.ts';

/** What a loaded model works on, or will. */
export interface QueueEntry {
  readonly id: string;
  readonly modelId: string;
  /** What it is for. In the background: 'title' = a name for a conversation, 'part' = one document of an answer across many. 'rewrite' = a question put so that it stands alone. */
  readonly purpose: 'answer' | 'title' | 'part' | 'rewrite';
  /** null for work that belongs to none. */
  readonly conversationId: string | null;
  /** The conversation's, as it is now. */
  readonly title: string;
  /** 'paused' = background work that waits until nobody else asks. */
  readonly state: 'waiting' | 'paused' | 'reading' | 'writing';
  /** Of 'waiting': 1 = next. */
  readonly position: number;
  /** Of 'reading': tokens of the prompt. */
  readonly done: number;
  readonly total: number;
  readonly since: Timestamp;
}
