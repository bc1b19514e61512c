import type { RetrievedPassage } from '../documents/retrieve/index.ts';
import type { LeftOut, Message, Source } from '../ipc/contract/index.ts';
import type { LaidOut } from './layout.ts';

/** Characters of a text that are kept to know it by. */
const mostText = 160;
/** Messages that are listed; the count of all of them stands in the stats. */
const mostListed = 200;

/**
 * What did not fit into a prompt, to be listed with the answer: passages, the rest of passages that were
 * cut, earlier messages.
 */
export function leftOutOf(
  path: readonly Message[],
  { left, sources, droppedMessages }: Pick<LaidOut, 'left' | 'sources' | 'droppedMessages'>,
  hits: readonly RetrievedPassage[],
): LeftOut[] {
  const cut = sources.filter((source) => {
    const hit = hits.find(
      ({ documentId, passageId }) =>
        documentId === source.documentId && passageId === source.passageId,
    );
    return hit !== undefined && source.text.length < hit.text.length;
  });
  const messages = path
    .slice(0, droppedMessages)
    .filter(({ text }) => text !== '')
    .slice(-mostListed);
  return [
    ...left.map((source) => passage(source)),
    ...cut.map((source) => ({ ...passage(source), isCut: true as const })),
    ...messages.map(({ id, text }) => ({
      kind: 'message' as const,
      messageId: id,
      text: beginning(text),
    })),
  ];
}

function passage(source: Source): Extract<LeftOut, { kind: 'passage' }> {
  const { documentId, documentName, page, place, heading, start, end, text } = source;
  return {
    kind: 'passage',
    ...{ documentId, documentName, page, heading, start, end },
    ...(place !== undefined && { place }),
    text: beginning(text),
  };
}

function beginning(text: string): string {
  const short = [...text.slice(0, mostText * 2)].slice(0, mostText).join('');
  return short.length < text.length ? `${short}…` : short;
}
