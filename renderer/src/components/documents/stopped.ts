import type { DocumentSummary, WatchState } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { isStopped } from './document-list.ts';

/** Folders whose unread documents wait until a person goes on: by a stop, or by a pause. */
export function heldIn(states: readonly WatchState[]): ReadonlySet<string> {
  return new Set(states.filter(({ paused }) => paused !== 'no').map((one) => one.collectionId));
}

/** What a stop left unread, without what the line about a single folder, or about all of them, speaks of. */
export function stoppedOf(
  documents: readonly DocumentSummary[],
  states: readonly WatchState[],
  isOneFolder: boolean,
): readonly DocumentSummary[] {
  const bySelf = heldIn(isOneFolder ? [] : states.filter(({ paused }) => paused === 'this'));
  return documents.filter((one) => isStopped(one, bySelf));
}

/** Reads on: a folder is no longer paused, single files are tried again. */
export async function readOn(api: Client, documents: readonly DocumentSummary[]): Promise<void> {
  const paused = documents.filter(({ state }) => state === 'waiting');
  const single = documents.filter(({ state }) => state !== 'waiting');
  for (const collectionId of new Set(paused.map((one) => one.collectionId)))
    await api.documents.resume({ collectionId });
  for (const collectionId of new Set(single.map((one) => one.collectionId)))
    await api.documents.tryAgain({ collectionId, only: 'stopped' });
}
