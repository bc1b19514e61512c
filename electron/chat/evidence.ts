import type { Finder } from '../documents/retrieve/fused.ts';
import type { RetrievedPassage, Said } from '../documents/retrieve/index.ts';
import type { DocumentScope, Message, Source } from '../ipc/contract/index.ts';
import { passagesWithin, sourcesNow } from '../storage/repositories/cited-passages.ts';
import { documentsWithin, mentionable } from '../storage/repositories/scope-documents.ts';
import type { ConversationRecord } from '../storage/repositories/conversations.ts';
import type { Reader } from '../storage/sql.ts';
import { beforeOf } from './layout.ts';
import type { Before } from './layout.ts';
import { saidBefore } from './passages.ts';

const mostHits = 12;
/** Share of the question's words that a passage must hold. Low: words of the same meaning do not count. */
const leastCoverage = 0.2;

/** The conversation as its last question sees it: that question's own scope comes first. */
export function askedWithin<T extends { readonly scope: DocumentScope }>(
  conversation: T,
  path: readonly Message[],
): T {
  const scope = path.findLast(({ role }) => role === 'user')?.scope;
  return scope === undefined ? conversation : { ...conversation, scope };
}

/** The branch as it is searched for: `@file` in a question says where to look, not what for. */
export function withoutMentions(db: Reader, path: readonly Message[]): readonly Message[] {
  return path.map((message) => {
    if (message.scope === undefined || !message.text.includes('@')) return message;
    const names = mentionable(db, message.scope).filter((name) =>
      message.text.includes(`@${name}`),
    );
    // The longest first: one name may begin with another.
    const text = names
      .sort((a, b) => b.length - a.length)
      .reduce((left, name) => left.replaceAll(`@${name}`, ' '), message.text);
    return text.trim() === '' ? message : { ...message, text: text.trim() };
  });
}

/** What a search found for a question. */
export interface Evidence {
  /** Without what holds hardly anything of the question: that would only invite invention. */
  readonly hits: readonly RetrievedPassage[];
  /** All of it, best first: what comes nearest where nothing answers. */
  readonly nearest: readonly RetrievedPassage[];
}

export async function findPassages(
  retriever: Pick<Finder, 'find'>,
  scope: DocumentScope,
  path: readonly Message[],
  signal: AbortSignal,
  said: Said = saidBefore(path),
): Promise<Evidence> {
  const question = path.findLast(({ role }) => role === 'user')?.text ?? '';
  const { passages } = await retriever.find(question, { scope, limit: mostHits, said }, signal);
  return {
    hits: passages.filter(({ coverage, near }) => near === true || coverage >= leastCoverage),
    nearest: passages,
  };
}

/** Sources of the last answer on the branch that had some, if all of them can still be found in this scope. */
export function earlierSources(
  db: Reader,
  conversation: ConversationRecord,
  path: readonly Message[],
): readonly Source[] {
  const inPrompt = (message: Message) => message.sources.filter(({ byTool }) => byTool !== true);
  const last = path.findLast((message) => inPrompt(message).length > 0);
  const sources = last === undefined ? [] : inPrompt(last);
  return standsInScope(db, conversation.scope, sources) ? sourcesNow(db, sources) : [];
}

/** Whether all of them can still be found in a scope: what is gone must leave the prompt. */
export function standsInScope(
  db: Reader,
  scope: DocumentScope,
  sources: readonly Source[],
): boolean {
  const ids = sources.map(({ passageId }) => passageId);
  return ids.length === 0 || passagesWithin(db, scope, sources) === new Set(ids).size;
}

/**
 * The prompt to go on behind, if everything of documents that stands in it can still be found in this
 * scope; null = a new one is laid out.
 */
export function standingBefore(
  db: Reader,
  scope: DocumentScope,
  path: readonly Message[],
): Before | null {
  const before = beforeOf(path);
  if (before === null || !standsInScope(db, scope, before.sources)) return null;
  const asked = path.flatMap(({ facts }) =>
    facts?.layout?.since === before.layout.since ? (facts.across?.parts ?? []) : [],
  );
  if (asked.length === 0) return before;
  const within = new Set(documentsWithin(db, scope).map(({ id }) => id));
  const stands = asked.every(
    ({ state, documentId }) => state !== 'answered' || within.has(documentId),
  );
  return stands ? before : null;
}
