import type { Ask } from './asks.ts';
import type { Conversation } from './conversation.ts';
import { append, createConversation, pathTo, sentence } from './conversation.ts';
import type { OperationName } from './operations.ts';

export type Play = (a: number, b: number, c: number) => Promise<void>;
type TalkName = Extract<
  OperationName,
  | 'ask'
  | 'again'
  | 'edit'
  | 'rewrite'
  | 'branch'
  | 'switch'
  | 'zigzag'
  | 'together'
  | 'background'
  | 'join'
  | 'stop'
  | 'trim'
>;

/** The operations that are said in conversations, and what the others need of them. */
export interface Talks {
  readonly plays: Record<TalkName, Play>;
  pickConversation(number: number): Conversation;
  /** A name that none had before. */
  fresh(kind: 'c' | 't'): string;
  question(number: number): { readonly role: 'user'; readonly content: string };
  askOf(conversation: Conversation, number: number): Ask;
  ask(conversation: Conversation, b: number, c: number): Promise<void>;
}

export function createTalks(
  conversations: Conversation[],
  {
    answer,
    rest,
    forget,
  }: {
    readonly answer: (asks: readonly Ask[]) => Promise<void>;
    readonly rest: () => Promise<void>;
    readonly forget: (id: string) => Promise<void>;
  },
): Talks {
  let made = 0;
  const fresh = (kind: 'c' | 't'): string => `${kind}${++made}`;
  const pickConversation = (number: number): Conversation => {
    const isNew = conversations.length === 0 || (conversations.length < 6 && number % 4 === 0);
    if (!isNew) return conversations[(number >> 2) % conversations.length] as Conversation;
    return newConversation(number);
  };
  const newConversation = (number: number): Conversation => {
    const conversation = createConversation(fresh('c'), number);
    conversations.push(conversation);
    return conversation;
  };
  const question = (number: number) => {
    const length = number % 9 === 0 ? 60 + (number % 80) : 3 + (number % 8);
    return { role: 'user', content: sentence(number, length) } as const;
  };
  const askOf = (conversation: Conversation, number: number): Ask => ({
    conversation,
    maxTokens: number % 11 === 0 ? 24 : 1 + (number % 10),
    sampledWith: (number >> 6) % 10 < 7 ? null : number,
  });

  const questions = ({ messages }: Conversation): number[] =>
    messages.flatMap(({ role }, at) => (role === 'user' ? [at] : []));
  const answersOf = ({ messages }: Conversation): number[] =>
    messages.flatMap(({ role }, at) => (role === 'assistant' ? [at] : []));
  const ask = async (conversation: Conversation, b: number, c: number): Promise<void> => {
    append(conversation, conversation.leaf, question(b));
    await answer([askOf(conversation, c)]);
  };

  const plays: Talks['plays'] = {
    ask: (a, b, c) => ask(pickConversation(a), b, c),
    async again(a, b, c) {
      const conversation = pickConversation(a);
      const last = pathTo(conversation, conversation.leaf).findLast(
        (at) => conversation.messages[at]?.role === 'user',
      );
      if (last === undefined) return ask(conversation, b, c);
      conversation.leaf = last;
      await answer([askOf(conversation, c)]);
    },
    async edit(a, b, c) {
      const conversation = pickConversation(a);
      const all = questions(conversation);
      const chosen = all[(b >> 8) % all.length];
      const parent = chosen === undefined ? null : conversation.messages[chosen]?.parent;
      append(conversation, parent ?? null, question(b));
      await answer([askOf(conversation, c)]);
    },
    async rewrite(a, b, c) {
      const conversation = pickConversation(a);
      const all = answersOf(conversation);
      const chosen = all[(b >> 8) % all.length];
      const content = sentence(c, 4);
      if (chosen !== undefined) {
        const parent = conversation.messages[chosen]?.parent ?? null;
        append(conversation, parent, { role: 'assistant', content });
      }
      await ask(conversation, b, c);
    },
    async branch(a, b, c) {
      const conversation = pickConversation(a);
      const all = answersOf(conversation);
      conversation.leaf = all[(b >> 8) % all.length] ?? null;
      await ask(conversation, b, c);
    },
    async switch(a, b, c) {
      const conversation = pickConversation(a);
      const parents = new Set(conversation.messages.map(({ parent }) => parent));
      const leaves = answersOf(conversation).filter((at) => !parents.has(at));
      conversation.leaf = leaves[(b >> 8) % leaves.length] ?? conversation.leaf;
      await ask(conversation, b, c);
    },
    async zigzag(a, b, c) {
      const conversation = pickConversation(a);
      await ask(conversation, b, c);
      const first = conversation.leaf;
      await ask(conversation, b + 1, c + 1);
      const second = conversation.leaf;
      conversation.leaf = null;
      await ask(conversation, 9 * b + 2, c + 2);
      conversation.leaf = second;
      await ask(conversation, b + 3, c + 3);
      conversation.leaf = first;
      await ask(conversation, b + 4, c + 4);
    },
    async together(a, b, c) {
      const chosen = new Set([pickConversation(a), pickConversation(b)]);
      if (chosen.size === 1 || c % 5 === 0) chosen.add(newConversation(c));
      const asks = [...chosen].map((conversation, at) => {
        append(conversation, conversation.leaf, question(b + at));
        return { ...askOf(conversation, c + at), sampledWith: (c >> 6) % 10 < 8 ? null : c };
      });
      const [first] = asks;
      await answer(c % 7 === 0 && first ? [{ ...first, stopAt: b % 9 }, ...asks.slice(1)] : asks);
    },
    async background(a, b, c) {
      const conversation = pickConversation(a);
      const title = createConversation(fresh('t'), 1);
      append(title, null, question(c));
      append(conversation, conversation.leaf, question(b));
      const asked = { ...askOf(conversation, c), sampledWith: null };
      await answer([{ ...askOf(title, b), sampledWith: null, isBackground: true }, asked]);
      await forget(title.id);
    },
    async join(a, b, c) {
      const conversation = pickConversation(a);
      if (conversation.leaf === null) await ask(conversation, b, c);
      await rest();
      const { system, documents, documentSet, messages, leaf, left } = conversation;
      const own = createConversation(fresh('c'), c);
      const other = { ...own, ...{ system, documents, documentSet } };
      conversations.push(other);
      if (b % 3 > 0) Object.assign(other, { messages: [...messages], leaf, left });
      await ask(other, b + 1, c + 1);
      // Who was there before it, comes back.
      if (conversations.includes(conversation) && b % 2 === 0)
        await ask(conversation, b + 2, c + 2);
    },
    async stop(a, b, c) {
      const conversation = pickConversation(a);
      append(conversation, conversation.leaf, question(b % 2 === 0 ? 9 * b : b));
      await answer([{ ...askOf(conversation, c), maxTokens: 24, stopAt: c % 12 }]);
    },
    async trim(a, b, c) {
      const conversation = pickConversation(a);
      conversation.left += 1;
      await ask(conversation, b, c);
    },
  };

  return { plays, pickConversation, fresh, question, askOf, ask };
}
