import type { Log } from '../core/ports.ts';
import type { AnswerFacts, Claim, Message, Source, Support } from '../ipc/contract/index.ts';
import { getConversation } from '../storage/repositories/conversations.ts';
import { getMessage, pathTo } from '../storage/repositories/messages.ts';
import { unsearchedWithin } from '../storage/repositories/scope-documents.ts';
import { ownWords } from './across/documents.ts';
import { checkAnswer, withParaphrases } from './citations.ts';
import { missingParts, searchedFacts } from './missing.ts';
import { askedWithin, withoutMentions } from './evidence.ts';
import { findParaphrases } from './paraphrase.ts';
import type { Paraphrases } from './paraphrase.ts';
import { isSmallTalk } from './passages.ts';
import type { TurnJob, TurnPorts } from './turn.ts';
import { citedOnly, wholeSources } from './whole-document.ts';
import type { Written } from './written.ts';

interface Checked {
  readonly claims: readonly Claim[];
  readonly support: Support | null;
}

/**
 * `checkAnswer`, but an answer that cannot be checked counts as not checked: no fault in here may cost the
 * answer itself, or keep the program from starting when it ends what a crash left open.
 */
export function checkSafely(
  text: string,
  sources: readonly Source[],
  question: string,
  log: Log,
  paraphrases: Paraphrases = new Map(),
): Checked {
  try {
    return withParaphrases(text, checkAnswer(text, sources, question), paraphrases);
  } catch (error) {
    log.error('answer.unchecked', { error: error instanceof Error ? error.name : typeof error });
    return { claims: [], support: null };
  }
}

/** What is known of an answer once it is written: its claims, and where they are missing, what was searched. */
export function checkWritten(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  outcome: Message['status'],
): Checked & { readonly sources?: readonly Source[]; readonly facts: AnswerFacts } {
  const question = getMessage(ports.db, job.questionId).text;
  const checked = checkText(ports, job, written, question);
  const isUnchecked = job.schema !== undefined || isSmallTalk(question) || outcome === 'failed';
  if (written.facts.mode === undefined || isUnchecked) return { ...checked, facts: written.facts };
  return { ...checked, facts: { ...written.facts, ...factsOf(ports, job, written, checked) } };
}

function factsOf(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  { claims, support }: Checked,
): AnswerFacts {
  try {
    const path = withoutMentions(ports.db, pathTo(ports.db, job.questionId));
    const { scope } = askedWithin(getConversation(ports.db, job.conversationId), path);
    const seen = written.checkWith ?? written.sources;
    const missing =
      written.whole === null && seen.length > 0
        ? missingParts(path, seen, claims, written.text)
        : [];
    const isOpen = support === 'not-in-documents' || support === 'unsupported';
    const searched =
      isOpen && written.whole === null
        ? searchedFacts(ports.retriever, scope, path, written.nearest)
        : null;
    const said = missing.length > 0 ? { missing } : {};
    if (searched === null) return said;
    const { unread, failed, failedName } = unsearchedWithin(ports.db, scope);
    return {
      ...said,
      searched: {
        ...searched,
        ...(unread > 0 && { unread }),
        ...(failedName !== null && { failed: { count: failed, name: failedName } }),
      },
    };
  } catch (error) {
    ports.log.warn('answer.searched', {
      error: error instanceof Error ? error.name : typeof error,
    });
    return {};
  }
}

function checkText(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  question: string,
): Checked & { readonly sources?: readonly Source[] } {
  if (written.nothingFound) return { claims: [], support: 'not-in-documents' };
  const isUnchecked = job.schema !== undefined || isSmallTalk(question);
  if (written.text === '' || isUnchecked) return { claims: [], support: null };
  const { whole } = written;
  if (whole !== null) {
    return citedChecked(ports, written, wholeSources(ports.db, whole.documentIds), question, 0);
  }
  if (written.checkWith !== null) {
    const path = pathTo(ports.db, job.questionId);
    const last = Math.max(0, ...path.flatMap(({ sources }) => sources).map(({ number }) => number));
    return citedChecked(ports, written, written.checkWith, question, last);
  }
  if (written.sources.length === 0) return { claims: [], support: null };
  return checkSafely(written.text, written.sources, question, ports.log, written.paraphrases);
}

function citedChecked(
  ports: TurnPorts,
  { text, paraphrases }: Written,
  sources: readonly Source[],
  question: string,
  last: number,
): Checked & { readonly sources: readonly Source[] } {
  const { claims, support } = checkSafely(text, sources, question, ports.log, paraphrases);
  // What the app has counted itself is right, and no document's statement.
  const stated = claims.filter(({ citation }) => citation?.documentId !== ownWords);
  const isBare = stated.length > 0 && stated.every(({ state }) => state !== 'supported');
  return {
    support: support === 'partly' && isBare ? 'unsupported' : support,
    ...citedOnly(stated, sources, last),
  };
}

/** Asks a model of similarity about what words alone do not support. Never throws: it may only add. */
export async function readParaphrases(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
): Promise<void> {
  const similarity = ports.similarity?.() ?? null;
  if (similarity === null || job.signal.aborted || written.text === '') return;
  try {
    const question = getMessage(ports.db, job.questionId).text;
    const sources =
      written.checkWith ??
      (written.whole === null
        ? written.sources
        : wholeSources(ports.db, written.whole.documentIds));
    const { claims } = checkSafely(written.text, sources, question, ports.log);
    const { text } = written;
    written.paraphrases = await findParaphrases(text, claims, sources, similarity, job.signal);
  } catch (error) {
    if (job.signal.aborted) return;
    ports.log.warn('answer.similarity', {
      error: error instanceof Error ? error.name : typeof error,
    });
  }
}
