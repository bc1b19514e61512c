import { join, sep } from 'node:path';
import { formatOf } from '../../../electron/documents/ingest/formats.ts';
import type { DocumentSummary, PassageHit } from '../../../electron/ipc/contract/index.ts';
import type { DocumentsSetup } from '../documents-setup.ts';
import type { Manifest, Question } from './index.ts';

/** What a search gave for a question: the place of the passage with the planted fact, from 0. */
export interface Answered {
  readonly rank: number;
  readonly hit: PassageHit;
}

export const isRead = (file: string): boolean => formatOf(file) !== null;

/** Documents of the corpus by their path below its folder. */
export function byFile(
  list: readonly DocumentSummary[],
  files: string,
): ReadonlyMap<string, DocumentSummary> {
  const pathOf = ({ path }: DocumentSummary): string =>
    path.slice(files.length + 1).replaceAll(sep, '/');
  return new Map(list.map((summary) => [pathOf(summary), summary]));
}

/**
 * Asks the questions of a corpus that was read from `folder`/files, with full text alone through the retriever that
 * chat uses. Only those whose fact is among the first `most` passages have an answer.
 *
 * @param inConversation each is asked after the two before it in the list, which are about something else
 */
export function askAll(
  { documents }: DocumentsSetup,
  questions: Manifest['questions'],
  summaries: ReadonlyMap<string, DocumentSummary>,
  most = 5,
  inConversation = false,
): ReadonlyMap<Question, Answered> {
  const answers = new Map<Question, Answered>();
  for (const [at, question] of questions.entries()) {
    const before = inConversation ? questions.slice(Math.max(0, at - 2), at) : [];
    const hits = documents.retriever.search(question.question, {
      scope: { kind: 'all' },
      limit: most,
      said: {
        questions: before.map((each) => each.question),
        answers: before.map(({ span }) => span),
      },
    });
    const documentId = summaries.get(question.file)?.id;
    const rank = hits.findIndex(
      (hit) => hit.documentId === documentId && holds(hit.text, question),
    );
    const hit = hits[rank];
    if (hit !== undefined) answers.set(question, { rank, hit });
  }
  return answers;
}

export const filesOf = (folder: string): string => join(folder, 'files');

const flat = (text: string): string => text.replace(/[\s|]+/g, ' ').trim();

/** A sentence stands there with any white space; a row's cells one after the other with no other row between. */
function holds(text: string, { span, inTable }: Pick<Question, 'span' | 'inTable'>): boolean {
  return flat(text).includes(flat(inTable ? span.replaceAll('\t', ' ') : span));
}
