import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import { readSchema } from '../ipc/json-schema.ts';
import type { Citation, DocumentSummary, Message, Settings } from '../ipc/contract/index.ts';
import type { CliRequest } from './cli-args.ts';
import { answerFacts, factLines, modeWords } from './cli-answer.ts';
import { explain, UsageError } from './cli-errors.ts';
import { placeWords } from './cli-output.ts';
import type { Output, PlacedAt } from './cli-output.ts';
import type { Core } from './compose.ts';

export interface Run {
  readonly core: Core;
  readonly request: CliRequest;
  readonly out: Output;
  readonly signal: AbortSignal;
}

/** Exit statuses of a command that came to its end. */
export const ok = 0;
export const notInDocuments = 3;

const noTools: Settings['tools'] = {
  search_documents: 'off',
  read_document: 'off',
  calculator: 'off',
  date_time: 'off',
};

/** Answers a question. Throws AppError. */
export async function ask(run: Run): Promise<number> {
  const { core, request, out, signal } = run;
  const { handlers } = core;
  const schema = request.jsonSchema === null ? null : await schemaFrom(request.jsonSchema);
  const scope = await readDocuments(run);
  const modelId = request.model === null ? undefined : await findModel(run, request.model);
  const before = await handlers['settings.get']({});
  const values = {
    ...(request.temperature !== null && { temperature: request.temperature }),
    ...(request.threads !== null && { threads: request.threads }),
    ...(request.context !== null && { contextSize: request.context }),
    ...(request.sessions !== null && { sessions: request.sessions }),
    ...(request.kv !== null && { kvType: request.kv }),
    // Nobody is here to be asked.
    tools: noTools,
  };
  await handlers['settings.set']({ values });
  try {
    const conversation = await handlers['conversations.create']({
      ...(modelId !== undefined && { modelId }),
      scope: scope.scope,
      use: request.mode,
    });
    if (request.system !== null) {
      await handlers['conversations.update']({ id: conversation.id, systemPrompt: request.system });
    }
    const { turnId } = await handlers['chat.send']({
      conversationId: conversation.id,
      parentId: null,
      text: request.subject,
      ...(schema !== null && { schema }),
    });
    const stop = (): void => void handlers['chat.stop']({ turnId });
    signal.addEventListener('abort', stop, { once: true });
    try {
      const message = await followTurn(run, turnId);
      // It is read here: no window has to mark it as new.
      await handlers['conversations.seen']({ id: conversation.id });
      return showAnswer(run, message, scope.documents);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  } finally {
    // With --data the profile is someone's own: what was set for one question is set back.
    const { temperature, threads, contextSize, sessions, kvType, tools } = before;
    await handlers['settings.set']({
      values: { temperature, threads, contextSize, sessions, kvType, tools },
    });
    out.progress(null);
  }
}

/** The text of a schema that can be used. Throws UsageError that names what cannot. */
async function schemaFrom(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`--json-schema: ${path} cannot be read`);
  });
  try {
    readSchema(text);
    return text;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new UsageError(`--json-schema: ${error.message}`);
  }
}

async function followTurn({ core, out }: Run, turnId: string): Promise<Message> {
  // Read to its own end: a stop ends the turn, and the turn then says so.
  const reading = new AbortController().signal;
  for await (const { event } of core.streams.turn({ turnId, after: 0 }, reading)) {
    switch (event.type) {
      case 'loading':
        out.progress(`loading the model: ${Math.round(event.fraction * 100)} %`);
        break;
      case 'mode':
        out.progress(modeWords(event.choice));
        break;
      case 'across':
        out.progress(
          event.isCombining
            ? 'putting the answers together'
            : `asking documents: ${event.done} of ${event.total}`,
        );
        break;
      case 'reading':
        out.progress(`reading the prompt: ${event.done} of ${event.total} tokens`);
        break;
      case 'text':
        out.progress(null);
        out.print(event.text);
        break;
      case 'done':
        return event.message;
      case 'stopped':
        out.print('\n');
        throw new AppError('cancelled', 'stopped');
      case 'failed':
        out.print('\n');
        throw new AppError(event.error.code, event.error.message, {
          ...(event.error.detail && { detail: event.error.detail }),
        });
    }
  }
  throw new AppError('internal', 'the turn had no end');
}

function showAnswer(
  { request, out }: Run,
  message: Message,
  documents: readonly DocumentSummary[],
): number {
  const citations = numbered(message);
  const pathOf = (id: string) => documents.find((one) => one.id === id)?.path ?? null;
  const supported = message.support === 'supported' || message.support === 'partly';
  out.object({
    question: request.subject,
    answer: message.text,
    support: message.support,
    ...answerFacts(message),
    citations: citations.map((citation, index) => ({
      number: index + 1,
      document: citation.documentName,
      path: pathOf(citation.documentId),
      page: citation.page,
      place: placeWords(citation),
      heading: citation.heading,
      quote: citation.quote,
      start: citation.start,
      end: citation.end,
    })),
    model: message.modelName,
    stats: message.stats,
    documents: {
      read: documents.filter((one) => one.state === 'ready').length,
      failed: failedOf(documents).map((one) => one.path),
    },
  });
  out.print(message.text.endsWith('\n') ? '' : '\n');
  if (citations.length > 0) out.print('\n');
  citations.forEach((citation, index) => {
    out.print(`[${index + 1}] ${place(citation)}: "${oneLine(citation.quote)}"\n`);
  });
  if (!out.json) {
    for (const line of factLines(message)) out.note(line);
    out.note(speed(message));
  }
  if (message.support !== null && !supported) {
    out.problem('the documents do not support an answer; ask in their own words, or add documents');
    return notInDocuments;
  }
  return ok;
}

/** Each quoted place once, in the order of the answer. */
function numbered(message: Message): Citation[] {
  const places = new Map<string, Citation>();
  for (const { citation } of message.claims) {
    if (citation === null) continue;
    const key = `${citation.documentId} ${citation.start} ${citation.end}`;
    if (!places.has(key)) places.set(key, citation);
  }
  return [...places.values()];
}

function speed({ stats, modelName }: Message): string {
  if (stats === null) return modelName ?? '';
  const parts = [
    modelName ?? '',
    `${stats.promptTokens} tokens read`,
    `${stats.answerTokens} written`,
    stats.tokensPerSecond === null ? '' : `${stats.tokensPerSecond.toFixed(1)} a second`,
    stats.firstTokenMs === null ? '' : `first after ${Math.round(stats.firstTokenMs)} ms`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Lists passages. Throws AppError. */
export async function search(run: Run): Promise<number> {
  const { core, request, out } = run;
  const { scope, documents } = await readDocuments(run);
  const hits = await core.handlers['documents.search']({
    query: request.subject,
    scope,
    limit: request.limit,
  });
  const pathOf = (id: string) => documents.find((one) => one.id === id)?.path ?? null;
  out.object({
    query: request.subject,
    hits: hits.map((hit, index) => ({
      rank: index + 1,
      score: hit.score,
      document: hit.documentName,
      path: pathOf(hit.documentId),
      page: hit.page,
      place: placeWords(hit),
      heading: hit.heading,
      quote: hit.text,
      start: hit.start,
      end: hit.end,
    })),
  });
  hits.forEach((hit, index) => {
    const score = hit.score.toPrecision(3);
    out.print(`[${index + 1}] ${place(hit)} (score ${score})\n    ${oneLine(hit.text)}\n`);
  });
  if (hits.length > 0) return ok;
  out.problem('nothing found; try other words');
  return notInDocuments;
}

interface ReadDocuments {
  readonly scope: { kind: 'all' } | { kind: 'collection'; collectionId: string };
  readonly documents: readonly DocumentSummary[];
}

/** Reads what --docs names, or takes all of the profile without it. Throws where nothing could be read. */
async function readDocuments({ core, request, out, signal }: Run): Promise<ReadDocuments> {
  const { handlers, streams } = core;
  if (request.docs.length === 0) {
    return { scope: { kind: 'all' }, documents: await handlers['documents.list']({}) };
  }
  const paths = [...new Set(request.docs.map((path) => resolve(path)))].sort();
  const name = collectionName(paths);
  const known = (await handlers['documents.collections']({})).find((one) => one.name === name);
  const { collectionId, taskId, leftOut } = await handlers['documents.add']({
    paths,
    ...(known && { collectionId: known.id }),
  });
  if (known === undefined) await handlers['documents.renameCollection']({ collectionId, name });
  const stop = (): void => void handlers['tasks.cancel']({ taskId });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const reading = new AbortController().signal;
    for await (const { event } of streams.task({ taskId, after: 0 }, reading)) {
      if (event.type === 'stopped') throw new AppError('cancelled', 'stopped');
      if (event.type === 'failed') {
        const { code, message, detail } = event.error;
        throw new AppError(code, message, detail === undefined ? {} : { detail });
      }
      const { done, total, current } = event.task;
      out.progress(`reading documents: ${done} of ${total}${current ? `, ${current}` : ''}`);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    out.progress(null);
  }
  const documents = await handlers['documents.list']({ collectionId });
  for (const name of leftOut) {
    out.problem(explain({ code: 'document-unsupported', message: 'left out' }, name));
  }
  for (const one of failedOf(documents)) {
    if (one.error !== null) out.problem(explain(one.error, one.name));
  }
  if (!documents.some((one) => one.state === 'ready')) {
    const first = documents.find((one) => one.error !== null);
    if (first?.error) {
      throw new AppError(first.error.code, first.error.message, { detail: { file: first.name } });
    }
    throw new AppError('document-unsupported', 'no readable document', {
      detail: { file: request.docs.join(', ') },
    });
  }
  return { scope: { kind: 'collection', collectionId }, documents };
}

/** The same paths give the same collection, so that --data reads them once. */
function collectionName(paths: readonly string[]): string {
  const key = createHash('sha256').update(paths.join('\n')).digest('hex').slice(0, 6);
  const first = basename(paths[0] ?? '');
  const others = paths.length > 1 ? ` + ${paths.length - 1}` : '';
  return `Command line: ${first}${others} (${key})`;
}

/** A file is referred to where it lies; a name or id of the profile's models will do as well. */
async function findModel({ core }: Run, given: string): Promise<string> {
  const { handlers } = core;
  const list = await handlers['models.list']({});
  const path = resolve(given);
  const known = list.find((one) => one.path === path || one.id === given || one.name === given);
  if (known !== undefined) return known.id;
  try {
    const { modelId } = await handlers['models.import']({ paths: [path], mode: 'reference' });
    return modelId;
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-exists') {
      return String(error.detail?.['id']);
    }
    throw error;
  }
}

const failedOf = (documents: readonly DocumentSummary[]): DocumentSummary[] =>
  documents.filter((one) => one.state === 'failed');

function place(at: PlacedAt & { readonly documentName: string }): string {
  const where = placeWords(at);
  const heading = at.heading !== null && at.heading !== where ? [at.heading] : [];
  return [at.documentName, ...(where === '' ? [] : [where]), ...heading].join(', ');
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
export const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
