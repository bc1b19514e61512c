import { createHash } from 'node:crypto';
import type { ChatPrompt, PromptDocument } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { Claim, DocumentScope, Message, Source } from '../ipc/contract/index.ts';
import type { WholeText } from '../storage/repositories/whole-documents.ts';
import { passagesOf, wholeTexts } from '../storage/repositories/whole-documents.ts';
import type { Reader } from '../storage/sql.ts';
import { buildPrompt, fitPrompt } from './prompt.ts';
import type { FittedPrompt } from './prompt.ts';

/** Raised when the same documents stand in the prompt in another form: older states are then of no use. */
const layout = 1;
/** Tokens kept free for a question: it must not be the document that leaves no room for it. */
const mostForQuestion = 512;

/**
 * Documents that stand in a prompt with all of their text. They come before every message, in an order
 * to which later documents are only appended, so that each conversation on them begins with the same
 * tokens (as long as its instructions are the same: they stand before the documents in Granite's template).
 */
export interface WholeSet {
  /** 'doc:' and the hash of what stands in the prompt: same id, same bytes. */
  readonly id: string;
  readonly documents: readonly PromptDocument[];
  readonly documentIds: readonly string[];
  /** Hashes of the files. */
  readonly contents: readonly string[];
  readonly characters: number;
}

/** null where the scope holds no text. */
export function readWholeSet(db: Reader, scope: DocumentScope): WholeSet | null {
  const texts = wholeTexts(db, scope);
  return texts.length === 0 ? null : wholeSetOf(texts);
}

export function wholeSetOf(texts: readonly WholeText[]): WholeSet {
  const hash = createHash('sha256').update(`whole ${layout}`);
  // The name stands in the prompt; the text is hashed too, because another extraction of the same file differs.
  for (const { sha256, name, text } of texts) hash.update(JSON.stringify([sha256, name, text]));
  return {
    id: `doc:${hash.digest('hex').slice(0, 40)}`,
    documents: texts.map(({ name, text }, index) => ({
      doc_id: String(index + 1),
      title: name,
      text,
    })),
    documentIds: texts.map(({ documentId }) => documentId),
    contents: [...new Set(texts.map(({ sha256 }) => sha256))],
    characters: texts.reduce((sum, { text }) => sum + text.length, 0),
  };
}

/** What stands before every question about the documents, with an empty one: reading it reads them all. */
export function wholePrompt(set: WholeSet, systemPrompt: string): ChatPrompt {
  const { messages } = buildPrompt(systemPrompt, [], []);
  return {
    messages: [...messages, { role: 'user', content: '' }],
    documents: set.documents,
  };
}

/** Instructions as the states behind them are told apart by. */
export function instructionsHash(systemPrompt: string): string {
  return createHash('sha256').update(systemPrompt.trim()).digest('hex');
}

/** Most tokens that documents and instructions may take where a prompt may take `promptLimit`. */
export function wholeLimit(promptLimit: number): number {
  return promptLimit - Math.min(mostForQuestion, Math.floor(promptLimit / 8));
}

/**
 * The prompt for a question about whole documents. Old messages are left out in blocks where they no
 * longer fit; of the documents nothing ever is.
 *
 * Throws 'whole-too-large' (detail: tokens, most, context) where they leave no room for the question.
 */
export async function fitWhole(
  set: WholeSet,
  options: {
    readonly systemPrompt: string;
    readonly path: readonly Message[];
    readonly limit: number;
    readonly contextSize: number;
    readonly block: number;
    /** Ids of answers, see `fitPrompt`. */
    readonly answers?: NonNullable<Parameters<typeof fitPrompt>[0]['answers']>;
    readonly count: (prompt: ChatPrompt) => Promise<number>;
  },
): Promise<FittedPrompt> {
  const { documents } = set;
  const { limit, count } = options;
  try {
    const fitted = await fitPrompt({
      ...options,
      sources: [],
      count: (prompt) => count({ ...prompt, documents }),
    });
    return { ...fitted, prompt: { ...fitted.prompt, documents } };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'prompt-too-long') throw error;
    const tokens = await count(wholePrompt(set, options.systemPrompt));
    const most = wholeLimit(limit);
    // The documents fit: then it is the question that is too long.
    if (tokens <= most) throw error;
    throw new AppError('whole-too-large', 'the documents do not fit into the context', {
      detail: { tokens, most, context: options.contextSize },
    });
  }
}

/** Every passage of the documents, numbered in reading order, for the check of an answer. */
export function wholeSources(db: Reader, documentIds: readonly string[]): Source[] {
  return passagesOf(db, documentIds).map((passage, index) => ({
    ...passage,
    number: index + 1,
    score: 1,
  }));
}

/**
 * Only what was cited is kept with an answer, numbered as it is first cited: a document can be long.
 *
 * @param last highest number that is taken already
 */
export function citedOnly(
  claims: readonly Claim[],
  sources: readonly Source[],
  last = 0,
): { readonly claims: readonly Claim[]; readonly sources: readonly Source[] } {
  const numbers = new Map<number, number>();
  const renumbered = claims.map((claim) => {
    if (claim.citation === null) return claim;
    const { sourceNumber } = claim.citation;
    const number = numbers.get(sourceNumber) ?? last + numbers.size + 1;
    numbers.set(sourceNumber, number);
    return { ...claim, citation: { ...claim.citation, sourceNumber: number } };
  });
  const kept = [...numbers].flatMap(([old, number]) => {
    const source = sources[old - 1];
    return source === undefined ? [] : [{ ...source, number }];
  });
  return { claims: renumbered, sources: kept };
}
