import type { RetrievedPassage, Retriever } from '../documents/retrieve/index.ts';
import type { DocumentScope, Message, Source } from '../ipc/contract/index.ts';
import { passagesWithin } from '../storage/repositories/cited-passages.ts';
import type { ConversationRecord } from '../storage/repositories/conversations.ts';
import type { Reader } from '../storage/sql.ts';
import { searchQuery } from './passages.ts';

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

/** Passages that hold hardly anything of the question are no find: they would only invite invention. */
export function findPassages(
  retriever: Pick<Retriever, 'search'>,
  scope: DocumentScope,
  path: readonly Message[],
): readonly RetrievedPassage[] {
  return retriever
    .search(searchQuery(path), { scope, limit: mostHits })
    .filter(({ coverage }) => coverage >= leastCoverage);
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
  const ids = sources.map(({ passageId }) => passageId);
  return passagesWithin(db, conversation.scope, ids) === new Set(ids).size ? sources : [];
}
