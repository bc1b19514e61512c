import type { Finder } from '../../documents/retrieve/fused.ts';
import type { ChatPrompt, EngineLease } from '../../engine/port.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { AcrossPart, DocumentScope, QuestionKind, Source } from '../../ipc/contract/index.ts';
import type { Log } from '../../core/ports.ts';
import { documentsWithin } from '../../storage/repositories/scope-documents.ts';
import type { ScopeDocument } from '../../storage/repositories/scope-documents.ts';
import type { Reader } from '../../storage/sql.ts';
import { checkSafely } from '../check.ts';
import { isRefusal } from '../refusal.ts';
import { statementsOf } from '../sentences.ts';
import { partPrompt, sectionsFor } from './sections.ts';

/** Longest answer of one document, in tokens: many of them must fit together. */
export const mostPartTokens = 256;

export interface EachOptions {
  readonly lease: EngineLease;
  readonly scope: DocumentScope;
  readonly systemPrompt: string;
  /** Understood by itself. */
  readonly question: string;
  readonly kind: QuestionKind;
  /** Tokens that a prompt may take. */
  readonly limit: number;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly signal: AbortSignal;
  /** After every change, with the parts that changed. */
  readonly onChange: (changed: readonly AcrossPart[], all: readonly AcrossPart[]) => void;
}

export interface EachResult {
  readonly parts: readonly AcrossPart[];
  /** Passages of the documents that answered, numbered from 1. */
  readonly sources: readonly Source[];
}

/**
 * Asks a question on each document of a scope, one after the other: what the model was loaded with is
 * never worked on twice at once. A document that fails is told of and costs none of the others; a stop
 * keeps what there is.
 *
 * Throws only what no further document could survive: 'engine-crashed'.
 */
export async function askEach(
  ports: { readonly db: Reader; readonly retriever: Pick<Finder, 'find'>; readonly log: Log },
  options: EachOptions,
): Promise<EachResult> {
  const { signal } = options;
  const documents = documentsWithin(ports.db, options.scope);
  const parts: AcrossPart[] = documents.map(({ id, name, passages }) => ({
    documentId: id,
    documentName: name,
    state: passages > 0 ? 'waiting' : 'not-read',
    text: '',
    seen: null,
    leftOut: 0,
    citations: [],
  }));
  const sources: Source[] = [];
  const set = (index: number, values: Partial<AcrossPart>): void => {
    const part = parts[index];
    if (part === undefined) return;
    const changed = { ...part, ...values };
    parts[index] = changed;
    options.onChange([changed], parts);
  };
  options.onChange(parts, parts);
  for (const [index, document] of documents.entries()) {
    if (parts[index]?.state !== 'waiting') continue;
    if (signal.aborted) {
      set(index, { state: 'stopped' });
      continue;
    }
    set(index, { state: 'reading' });
    try {
      const { read, ...values } = await askOne(ports, document, options);
      if (values.state === 'answered') {
        for (const source of read) sources.push({ ...source, number: sources.length + 1 });
      }
      set(index, values);
    } catch (error) {
      if (signal.aborted) {
        set(index, { state: 'stopped' });
        continue;
      }
      const { code } = toErrorShape(error);
      ports.log.warn('across.part', { document: document.id, code });
      set(index, { state: code === 'prompt-too-long' ? 'too-long' : 'failed', error: code });
      if (code === 'engine-crashed') throw error;
    }
  }
  return { parts, sources };
}

async function askOne(
  ports: Parameters<typeof askEach>[0],
  document: ScopeDocument,
  options: EachOptions,
): Promise<Omit<AcrossPart, 'documentId' | 'documentName'> & { readonly read: readonly Source[] }> {
  const { lease, question, kind, limit, systemPrompt, signal } = options;
  const content = lease.promptLimit === null ? partQuestion(question) : question;
  const promptOf = (documents: NonNullable<ChatPrompt['documents']>): ChatPrompt =>
    partPrompt(systemPrompt, content, documents);
  const { sections, seen, leftOut } = await sectionsFor(ports, document, {
    query: question,
    kind,
    limit,
    count: (read) => lease.engine.countTokens(promptOf(read)),
    signal,
  });
  const texts: string[] = [];
  const read: Source[] = [];
  for (const section of sections) {
    const text = await generate(lease, options, promptOf(section.documents));
    signal.throwIfAborted();
    if (isNothing(text)) continue;
    texts.push(text);
    read.push(...section.sources);
  }
  const text = texts.join('\n\n');
  const nothing = { text: '', seen, leftOut, citations: [], read: [] };
  if (sections.length === 0 && kind === 'overview') return { ...nothing, state: 'too-long' };
  if (text === '') return { ...nothing, state: 'nothing' };
  const numbered = read.map((source, index) => ({ ...source, number: index + 1 }));
  const { claims } = checkSafely(text, numbered, question, ports.log);
  const citations = claims.flatMap(({ citation, state }) =>
    citation !== null && state === 'supported' ? [citation] : [],
  );
  return { state: 'answered', text, seen, leftOut, citations, read: numbered };
}

/** Throws where it was not written to its end. */
export async function generate(
  { engine }: EngineLease,
  options: Pick<EachOptions, 'sessionId' | 'conversationId' | 'signal'>,
  prompt: ChatPrompt,
): Promise<string> {
  let text = '';
  const events = engine.generate(
    {
      sessionId: options.sessionId,
      prompt,
      sampling: { temperature: 0, topP: 1, topK: 0 },
      maxTokens: mostPartTokens,
      priority: 'background',
      purpose: { kind: 'part', conversationId: options.conversationId },
    },
    options.signal,
  );
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'end' && event.reason === 'aborted') {
      options.signal.throwIfAborted();
      throw new AppError('cancelled', 'the part was ended');
    }
  }
  return text.trim();
}

/** The answer of a document that says nothing of it; a model's own words for that count too. */
function partQuestion(question: string): string {
  return (
    `${question}\n\nAnswer from this document alone, in a few sentences and in the language of the ` +
    'question. If it does not contain the answer, write only: Not in this document.'
  );
}

const notHere = /^\W*(?:(?:this|the answer|that) is )?not in this document\W*$/i;

/** Nothing but refusals. */
function isNothing(text: string): boolean {
  if (text === '' || notHere.test(text)) return true;
  const sentences = statementsOf(text).map(({ start, end }) => text.slice(start, end));
  return sentences.length > 0 && sentences.every((one) => isRefusal(one) || notHere.test(one));
}
