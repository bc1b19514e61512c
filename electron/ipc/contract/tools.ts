/** The tools that Quarry brings. None of them reaches the network or a file outside the library. */
export const toolNames = ['search_documents', 'read_document', 'calculator', 'date_time'] as const;
export type ToolName = (typeof toolNames)[number];

/** Whether a model may use a tool: each call is asked about, always, or the model is not told of it. */
export type ToolConsent = 'ask' | 'allow' | 'off';
export type ToolConsents = { readonly [N in ToolName]: ToolConsent };

/** What a person says to one call; 'always' also changes the setting. */
export type ToolAnswer = 'once' | 'always' | 'never';

/** JSON. */
export type ToolArguments = Readonly<Record<string, unknown>>;

/**
 * 'asking' waits for a person; 'refused' was not allowed; 'failed' was answered to the model with an
 * error, a call that could not be read among them; 'ended': the turn ended first.
 */
export type ToolState = 'asking' | 'running' | 'done' | 'refused' | 'failed' | 'ended';

/** One call of a tool within an answer. */
export interface ToolUse {
  readonly kind: 'tool';
  readonly id: string;
  /** As the model wrote it; '' where no name could be read. */
  readonly name: string;
  readonly arguments: ToolArguments;
  readonly state: ToolState;
  /** What the model was answered; null until then. */
  readonly result: string | null;
}

/** Reasoning before an answer or between calls. */
export interface Thought {
  readonly kind: 'thinking';
  readonly text: string;
  /** Milliseconds it took; null while it goes on. */
  readonly ms: number | null;
}

/** The model went on asking for tools, or for ones that could not be read, and was stopped. */
export interface ToolLimit {
  readonly kind: 'limit';
  readonly rounds: number;
}

/** What a model did besides writing, in the order it happened. */
export type AnswerStep = ToolUse | Thought | ToolLimit;

/** Events of a turn about these steps. */
export type StepEvent =
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'thought'; readonly ms: number }
  /** A call is new or has changed: by its id. */
  | { readonly type: 'tool'; readonly use: ToolUse }
  | { readonly type: 'tool-limit'; readonly rounds: number };
