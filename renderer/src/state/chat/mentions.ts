import type { DocumentScope } from '../../../../electron/ipc/contract/index.ts';

/** A document or collection that a question names with `@`. */
export interface Mention {
  readonly kind: 'document' | 'collection';
  readonly id: string;
  readonly name: string;
  /** What tells it from others of its name: its collection. */
  readonly note: string;
}

const longestQuery = 60;

/** The `@…` that is being written at the cursor; null where there is none. */
export function mentionAt(
  text: string,
  caret: number,
): { readonly start: number; readonly query: string } | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start === -1 || caret - start > longestQuery) return null;
  // An address has something before its sign.
  if (start > 0 && !/[\s([{"'“‘,;:/]/.test(text[start - 1] ?? '')) return null;
  const query = text.slice(start + 1, caret);
  return /[\n@]/.test(query) || query.startsWith(' ') ? null : { start, query };
}

/** Text as names are compared: without case and accents. */
export const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();

/** How well a name fits what was typed; null where it does not. Higher is better. */
function fit(name: string, query: string): number | null {
  if (query === '') return 0;
  const at = name.indexOf(query);
  if (at === 0) return 4;
  if (at > 0) return /[\p{L}\p{N}]/u.test(name[at - 1] ?? '') ? 2 : 3;
  let from = 0;
  for (const character of query.replaceAll(/\s/g, '')) {
    const next = name.indexOf(character, from);
    if (next === -1) return null;
    from = next + 1;
  }
  return 1;
}

/** The best few for what was typed: those that begin so first, then by name. Collections before documents. */
export function matching(all: readonly Mention[], typed: string, most = 8): readonly Mention[] {
  const query = fold(typed.trim());
  return all
    .flatMap((mention) => {
      const score = fit(fold(mention.name), query);
      return score === null ? [] : [{ mention, score }];
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.mention.kind.localeCompare(b.mention.kind) ||
        a.mention.name.localeCompare(b.mention.name),
    )
    .slice(0, most)
    .map(({ mention }) => mention);
}

/** As it stands in the text. */
export const tokenOf = ({ name }: Pick<Mention, 'name'>): string => `@${name}`;

/** Those whose token still stands in the text. A longer name is not taken for a shorter one in it. */
export function mentioned(text: string, known: readonly Mention[]): readonly Mention[] {
  let rest = text;
  const found = new Set<Mention>();
  for (const mention of [...known].sort((a, b) => b.name.length - a.name.length)) {
    const token = tokenOf(mention);
    if (!rest.includes(token) && ![...found].some(({ name }) => name === mention.name)) continue;
    found.add(mention);
    rest = rest.replaceAll(token, '');
  }
  return known.filter((mention) => found.has(mention));
}

/** The text without a mention's token, and without the gap it leaves. */
export function without(text: string, mention: Mention): string {
  return text.replaceAll(tokenOf(mention), '').replaceAll(/ {2,}/g, ' ').replace(/^ /, '');
}

/** What a question with these mentions looks into; undefined for none. */
export function scopeOf(mentions: readonly Mention[]): DocumentScope | undefined {
  if (mentions.length === 0) return undefined;
  const of = (kind: Mention['kind']) => mentions.filter((m) => m.kind === kind).map(({ id }) => id);
  return { kind: 'some', collectionIds: of('collection'), documentIds: of('document') };
}

/** A scope with one more collection in it: what it looked into stays. */
export function withCollection(scope: DocumentScope, collectionId: string): DocumentScope {
  switch (scope.kind) {
    case 'none':
    case 'all':
      return { kind: 'collection', collectionId };
    case 'collection':
      return scope.collectionId === collectionId
        ? scope
        : { kind: 'some', collectionIds: [scope.collectionId, collectionId], documentIds: [] };
    case 'document':
      return { kind: 'some', collectionIds: [collectionId], documentIds: [scope.documentId] };
    case 'some':
      return { ...scope, collectionIds: [...new Set([...scope.collectionIds, collectionId])] };
  }
}
