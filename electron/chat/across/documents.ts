import type { PromptDocument } from '../../engine/port.ts';
import type { AcrossFacts, AcrossPart } from '../../ipc/contract/index.ts';

/** `documentId` of what the app itself says: how many documents were asked. Never a citation. */
export const ownWords = '';
/** Names that are listed; more are only counted. */
const mostNames = 60;

/** Parts whose answers are put together. */
export function answeredParts(parts: readonly AcrossPart[]): AcrossPart[] {
  return parts.filter(({ state }) => state === 'answered');
}

/**
 * What each document said, as documents of the prompt that puts it together. The same facts give the
 * same documents, so that later questions go on behind them.
 */
export function acrossDocuments({ parts, batches, notCombined }: AcrossFacts): PromptDocument[] {
  const texts =
    batches?.map(({ names, text }) => ({ title: names.join(', '), text })) ??
    answeredParts(parts).map(({ documentName, text }) => ({ title: documentName, text }));
  const kept = texts.slice(0, texts.length - notCombined);
  return [...kept, { title: countTitle, text: countText(parts) }].map((one, index) => ({
    doc_id: String(index + 1),
    ...one,
  }));
}

const countTitle = 'What was asked';

/** How many documents were asked and which of them answered: what the model cannot count by itself. */
export function countText(parts: readonly AcrossPart[]): string {
  const asked = parts.filter(({ state }) => state === 'answered' || state === 'nothing');
  const names = (state: AcrossPart['state']): string => {
    const found = asked.filter((part) => part.state === state).map((part) => part.documentName);
    return found.length > mostNames ? `${found.length} documents` : found.join(', ');
  };
  const answered = answeredParts(parts).length;
  const silent = asked.length - answered;
  return [
    `${asked.length} documents were asked.`,
    `${answered} of ${asked.length} documents answer the question: ${names('answered')}.`,
    ...(silent > 0 ? [`${silent} documents do not contain the answer: ${names('nothing')}.`] : []),
  ].join(' ');
}
