import type { ChatPrompt, PromptDocument, PromptMessage } from '../../../electron/engine/port.ts';

interface Message extends PromptMessage {
  readonly parent: number | null;
}

/** A tree of messages, as CORE keeps them: the way from the root to `leaf` is what is seen. */
export interface Conversation {
  readonly id: string;
  readonly system: string | null;
  readonly documents: readonly PromptDocument[] | null;
  readonly documentSet: string | null;
  readonly messages: Message[];
  leaf: number | null;
  /** Turns left out at the beginning, because the context is full. */
  left: number;
}

const words =
  'granite quartz feldspar mica river mountain glass window carpenter letter bread salt iron winter boat lamp garden stone bridge paper clock north shore copper barn wheat violin harbour teacher mill orchard'.split(
    ' ',
  );

/** A sentence of so many words, the same for the same number. */
export function sentence(number: number, length: number): string {
  let state = number;
  const drawn = Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return words[(state >>> 16) % words.length];
  });
  return `${drawn.join(' ')}${number % 3 === 0 ? '.' : '?'}`;
}

const sets = [0, 1, 2].map((set) => ({
  name: `doc:${set}`,
  documents: Array.from({ length: 1 + set }, (_, at) => ({
    doc_id: `${set}-${at}`,
    title: sentence(100 * set + at, 3),
    text: sentence(7 * set + at, 40 + 30 * at),
  })),
}));

export function createConversation(id: string, number: number): Conversation {
  const set = number % 5 < 2 ? sets[(number >> 4) % sets.length] : undefined;
  return {
    id,
    system: (number >> 8) % 3 === 0 ? 'Be brief.' : null,
    documents: set?.documents ?? null,
    documentSet: set?.name ?? null,
    messages: [],
    leaf: null,
    left: 0,
  };
}

/** Puts a message behind another one, and goes there. */
export function append(
  conversation: Conversation,
  parent: number | null,
  message: PromptMessage,
): void {
  conversation.leaf = conversation.messages.push({ ...message, parent }) - 1;
}

/** Messages from the root to one of them, by their numbers. */
export function pathTo({ messages }: Conversation, leaf: number | null): number[] {
  const path: number[] = [];
  for (let at = leaf; at !== null; at = messages[at]?.parent ?? null) path.unshift(at);
  return path;
}

/** @param answers How the words of an answer are given; as they are, if left out. */
export function promptOf(
  conversation: Conversation,
  answers: (message: PromptMessage) => PromptMessage = (message) => message,
): ChatPrompt {
  const { messages, system, documents, leaf, left } = conversation;
  const path = pathTo(conversation, leaf).map((at) => messages[at] as Message);
  // The question stays, whatever was left out.
  const shown = path.slice(Math.min(2 * left, path.length - 1));
  return {
    messages: [
      ...(system === null ? [] : [{ role: 'system', content: system } as const]),
      ...shown.map(({ role, content, tokens }) =>
        answers({ role, content, ...(tokens && { tokens }) }),
      ),
    ],
    ...(documents && { documents }),
  };
}
