import type {
  AnswerMode,
  Conversation,
  DocumentScope,
  DocumentUse,
  Message,
  ToolAnswer,
  ToolUse,
  TurnStarted,
} from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { asked } from '../asked.svelte.ts';
import type { Asked } from '../asked.svelte.ts';
import { branchOf, versionsOf } from './tree.ts';
import type { Versions } from './tree.ts';
import { emptyTurn } from './turn-reader.ts';
import type { TurnPhase } from './turn-reader.ts';
import type { Turns } from './turns.svelte.ts';

/** A message as it is shown: the saved one, or the live one where a turn is running. */
export interface ShownMessage {
  readonly message: Message;
  /** null unless it is being written now. */
  readonly phase: TurnPhase | null;
  readonly versions: Versions;
}

/** What a person chooses for a conversation, begun or not. */
export interface ConversationChoice {
  readonly modelId?: string;
  readonly scope?: DocumentScope;
  readonly use?: DocumentUse;
  readonly systemPrompt?: string;
}

/** One open conversation: what is saved, the turn that is running, and what can be done with it. */
export class ConversationState {
  readonly id: string;
  #api: Client;
  #turns: Turns;
  #asked: Asked<Conversation>;

  constructor(api: Client, turns: Turns, id: string) {
    this.id = id;
    this.#api = api;
    this.#turns = turns;
    this.#asked = asked(
      api,
      'conversations.changed',
      () => this.#read(),
      ({ conversationId }) => conversationId === null || conversationId === id,
    );
  }

  readonly value = $derived.by((): Conversation | undefined => this.#asked.value);

  get error() {
    return this.#asked.error;
  }

  readonly branch = $derived.by((): readonly Message[] =>
    this.value ? branchOf(this.value.messages, this.value.leafId) : [],
  );

  /** Each message as it was read: the same object as long as nothing was read anew. */
  readonly #saved = $derived.by((): ReadonlyMap<string, ShownMessage> => {
    const messages = this.value?.messages ?? [];
    return new Map(
      this.branch.map((message) => [
        message.id,
        { message, phase: null, versions: versionsOf(messages, message) },
      ]),
    );
  });

  readonly shown = $derived.by((): readonly ShownMessage[] =>
    [...this.#saved.values()].map((saved) => this.#show(saved)),
  );

  /** The turn that is running on this branch. */
  readonly running = $derived.by((): ShownMessage | null => {
    const last = this.shown.at(-1);
    return last?.phase ? last : null;
  });

  /** The call of a tool that this branch waits with. */
  readonly asking = $derived.by((): ToolUse | null => {
    const steps = this.running?.message.steps ?? [];
    const use = steps.findLast((step) => step.kind === 'tool' && step.state === 'asking');
    return use?.kind === 'tool' ? use : null;
  });

  /** Tokens held and the most that can be, from the newest answer that tells. */
  readonly context = $derived.by(() => {
    const stats = this.shown.findLast(({ message }) => message.stats)?.message.stats;
    return stats ? { used: stats.contextUsed, size: stats.contextSize } : null;
  });

  refresh(): Promise<void> {
    return this.#asked.refresh();
  }

  /** Sends below the branch's end, or as a sibling of `editOf`. */
  async send(text: string, editOf: Message | null = null, scope?: DocumentScope): Promise<void> {
    const parentId = editOf ? editOf.parentId : (this.branch.at(-1)?.id ?? null);
    const question = { conversationId: this.id, parentId, text, ...(scope && { scope }) };
    await this.#begin(this.#api.chat.send(question));
  }

  /** Writes an answer once more, in another mode where one is given. */
  async regenerate(message: Message, mode?: AnswerMode): Promise<void> {
    const args = { messageId: message.id, ...(mode && { mode }) };
    await this.#begin(this.#api.chat.regenerate(args));
  }

  async stop(): Promise<void> {
    const turnId = this.running?.message.turnId;
    if (turnId) await this.#api.chat.stop({ turnId });
  }

  /** Says whether the call that waits may be run. */
  async allow(useId: string, answer: ToolAnswer): Promise<void> {
    const turnId = this.running?.message.turnId;
    if (turnId) await this.#api.chat.allowTool({ turnId, useId, answer });
  }

  async show(messageId: string): Promise<void> {
    await this.update({ showMessageId: messageId });
  }

  async update(
    values: ConversationChoice & { title?: string; pinned?: boolean; showMessageId?: string },
  ): Promise<void> {
    await this.#api.conversations.update({ id: this.id, ...values });
    await this.refresh();
  }

  close(): void {
    this.#asked.close();
  }

  /** Reads it, and follows each turn that is being written, before anything is shown. */
  async #read(): Promise<Conversation> {
    const conversation = await this.#api.conversations.get({ id: this.id });
    for (const { turnId, status } of conversation.messages) {
      if (!turnId) continue;
      if (status === 'streaming') this.#turns.follow(turnId);
      else this.#turns.forget(turnId);
    }
    return conversation;
  }

  async #begin(call: Promise<TurnStarted>): Promise<void> {
    const { turnId } = await call;
    this.#turns.follow(turnId);
    await this.refresh();
  }

  #show(saved: ShownMessage): ShownMessage {
    const { message, versions } = saved;
    if (message.status !== 'streaming' || !message.turnId) return saved;
    const { text, sources, steps, facts, phase, end } = this.#turns.at(message.turnId) ?? emptyTurn;
    if (end) {
      const over: Message = end.message ?? {
        ...message,
        text: text || message.text,
        ...(steps.length > 0 && { steps }),
        status: end.type === 'failed' ? 'failed' : 'stopped',
        error: end.error,
      };
      return { message: over, phase: null, versions };
    }
    // After a reload the saved snapshot is ahead until the replay has caught up.
    const live = text.length >= message.text.length ? text : message.text;
    return {
      message: {
        ...message,
        text: live,
        sources: sources.length ? sources : message.sources,
        ...(steps.length > 0 && { steps }),
        facts: { ...message.facts, ...facts },
      },
      phase,
      versions,
    };
  }
}
