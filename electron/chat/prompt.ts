import type { Message, Source } from '../ipc/contract/index.ts';
import type { ChatPrompt, PromptDocument, PromptMessage } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { StoredRound } from '../storage/repositories/message-steps.ts';
import { roundMessages } from './tools/prompt.ts';
import type { PromptModel } from './tools/prompt.ts';

/**
 * What stands in the prompt for an answer that the app gave itself because nothing was found. The
 * conversation keeps no text for it; the model must know that the question was not answered.
 */
const nothingFound = 'The documents do not contain the answer to that question.';

export interface FittedPrompt {
  readonly prompt: ChatPrompt;
  /** The sources that stand in it, numbered from 1. */
  readonly sources: readonly Source[];
  readonly promptTokens: number;
  /** Earlier messages and sources that did not fit. */
  readonly droppedMessages: number;
  readonly droppedPassages: number;
}

/** Ids of answers by message, where those of the model in use are known. */
export type AnswerTokens = ReadonlyMap<string, readonly number[]>;

/** What a prompt holds besides texts. */
export interface PromptTools {
  /** In the form that templates expect. */
  readonly tools?: readonly unknown[];
  /** Of answers with calls or reasoning. */
  readonly rounds?: ReadonlyMap<string, readonly StoredRound[]>;
  readonly model?: PromptModel;
  readonly answers?: AnswerTokens;
  /** Documents that stand within questions, by message. */
  readonly inTurn?: ReadonlyMap<string, readonly PromptDocument[]>;
}

/** The prompt for a path of messages that ends with the user's question. */
export function buildPrompt(
  systemPrompt: string,
  path: readonly Message[],
  sources: readonly Source[],
  {
    tools = [],
    rounds,
    model = { modelId: '', vocabulary: '' },
    answers = new Map(),
    inTurn = new Map(),
  }: PromptTools = {},
): ChatPrompt {
  const messages: PromptMessage[] = [];
  if (systemPrompt.trim() !== '') messages.push({ role: 'system', content: systemPrompt.trim() });
  for (const { id, role, text, support } of path) {
    const done = rounds?.get(id);
    if (done) {
      messages.push(...roundMessages(done, model));
      continue;
    }
    const plain = text === '' && support === 'not-in-documents' ? nothingFound : text;
    const content = withDocuments(plain, inTurn.get(id) ?? []);
    const last = messages.at(-1);
    if (content === '') continue;
    // After an answer that never began two questions meet; some templates allow no two in a row.
    if (role === 'user' && last?.role === 'user') {
      messages[messages.length - 1] = { role, content: `${last.content}\n\n${content}` };
    } else {
      const tokens = content === text ? answers.get(id) : undefined;
      messages.push({ role, content, ...(tokens && { tokens }) });
    }
  }
  return {
    messages,
    ...(sources.length > 0 && { documents: sources.map((source) => documentOf(source)) }),
    ...(tools.length > 0 && { tools }),
  };
}

/** In the form in which Granite's template writes its documents, within a question's own message. */
function withDocuments(content: string, documents: readonly PromptDocument[]): string {
  if (documents.length === 0) return content;
  const lines = documents.map((document) => JSON.stringify(document));
  return `<documents>\n${lines.join('\n')}\n</documents>\n\n${content}`;
}

/** Fields as in IBM's guide; the title is what tells a reader most: the heading where there is one. */
export function documentOf(source: Source): PromptDocument {
  const { number, documentName, heading, lead = '' } = source;
  // A part of a table says nothing without the table's header.
  const text = lead === '' ? source.text : `${lead}\n${source.text}`;
  return heading === null || heading === ''
    ? { doc_id: String(number), title: documentName, text }
    : { doc_id: String(number), title: heading, text, source: documentName };
}

/**
 * Leaves out what does not fit into `limit` tokens: first old messages down to the last exchange,
 * then the weakest passages down to two, then the last exchange, then all passages but the best.
 *
 * Old messages go in blocks of `block`, not one pair a turn: the kept part then begins at the same
 * message for several turns and the engine can go on from its kept state.
 *
 * Throws 'prompt-too-long' (detail: promptTokens, limit) when even the question with one passage is
 * too long.
 */
export async function fitPrompt(
  options: PromptTools & {
    readonly systemPrompt: string;
    /** Root to the question. */
    readonly path: readonly Message[];
    /** Best first. */
    readonly sources: readonly Source[];
    readonly limit: number;
    readonly block: number;
    readonly count: (prompt: ChatPrompt) => Promise<number>;
  },
): Promise<FittedPrompt> {
  const { systemPrompt, path, sources, limit, count } = options;
  const plans = listPlans(path.length - 1, sources.length, options.block);
  const attempt = async (plan: Plan | undefined): Promise<FittedPrompt> => {
    const { messages, passages } = plan ?? { messages: 0, passages: sources.length };
    const kept = sources.slice(0, passages);
    const prompt = buildPrompt(systemPrompt, path.slice(messages), kept, options);
    return {
      prompt,
      sources: kept,
      promptTokens: await count(prompt),
      droppedMessages: messages,
      droppedPassages: sources.length - passages,
    };
  };

  const whole = await attempt(plans[0]);
  if (whole.promptTokens <= limit) return whole;
  const shortest = await attempt(plans.at(-1));
  if (shortest.promptTokens > limit) {
    throw new AppError('prompt-too-long', 'the question does not fit into the context', {
      detail: { promptTokens: shortest.promptTokens, limit },
    });
  }
  // Plans only get shorter, so the first that fits is found by halving.
  let fits = shortest;
  let low = 1;
  let high = plans.length - 2;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = await attempt(plans[middle]);
    if (tried.promptTokens <= limit) {
      fits = tried;
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return fits;
}

interface Plan {
  /** Messages left out at the start. */
  readonly messages: number;
  /** Passages kept. */
  readonly passages: number;
}

/** From everything to the least, each no longer than the one before. */
function listPlans(earlier: number, passages: number, block: number): Plan[] {
  const plans: Plan[] = [{ messages: 0, passages }];
  const lastExchange = Math.max(0, earlier - 2);
  for (let messages = block; messages < lastExchange; messages += block) {
    plans.push({ messages, passages });
  }
  if (lastExchange > 0) plans.push({ messages: lastExchange, passages });
  for (let kept = passages - 1; kept >= 2; kept -= 1) {
    plans.push({ messages: lastExchange, passages: kept });
  }
  const few = Math.min(passages, 2);
  if (earlier > 0) plans.push({ messages: earlier, passages: few });
  if (few > 1) plans.push({ messages: earlier, passages: 1 });
  return plans;
}
