import type { Message } from '../../../../electron/ipc/contract/index.ts';

/** The messages from the root to `leafId`, oldest first. A loop in bad data ends the walk instead of the window. */
export function branchOf(messages: readonly Message[], leafId: string | null): readonly Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Message[] = [];
  const seen = new Set<string>();
  let at = leafId === null ? undefined : byId.get(leafId);
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    branch.push(at);
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return branch.reverse();
}

/** Messages with the same parent and role, oldest first, the given one among them. */
export function siblingsOf(messages: readonly Message[], message: Message): readonly Message[] {
  return messages.filter(
    (other) => other.parentId === message.parentId && other.role === message.role,
  );
}

export interface Versions {
  /** 1-based place of the message among its siblings, and how many there are. */
  readonly index: number;
  readonly count: number;
  readonly previous: string | null;
  readonly next: string | null;
}

/** What "‹ 2/3 ›" shows and where its arrows lead. */
export function versionsOf(messages: readonly Message[], message: Message): Versions {
  const siblings = siblingsOf(messages, message);
  const at = siblings.findIndex((other) => other.id === message.id);
  return {
    index: at + 1,
    count: siblings.length,
    previous: siblings[at - 1]?.id ?? null,
    next: siblings[at + 1]?.id ?? null,
  };
}

/** Citations are numbered as the reader meets them; sources that were only read come after. */
export function citationNumbers(message: Message): ReadonlyMap<number, number> {
  const shown = new Map<number, number>();
  for (const claim of [...message.claims].sort((a, b) => a.end - b.end)) {
    if (claim.citation && !shown.has(claim.citation.sourceNumber)) {
      shown.set(claim.citation.sourceNumber, shown.size + 1);
    }
  }
  for (const source of message.sources) {
    if (!shown.has(source.number)) shown.set(source.number, shown.size + 1);
  }
  return shown;
}
