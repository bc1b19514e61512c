import { namesOf, sameFiles, twinOf } from '../../storage/repositories/same-files.ts';
import { recognisedPages } from '../../storage/repositories/recognised.ts';
import type { SameFile } from '../../storage/repositories/same-files.ts';
import type { Reader } from '../../storage/sql.ts';
import type { SameContent } from '../../ipc/contract/index.ts';
import type { Finder } from './fused.ts';
import type { RetrievedPassage, SearchOptions } from './index.ts';

/** Other files with the same content that a hit names at most. */
const mostNamed = 50;

/**
 * Of files with the same content a search gives the original, which changed first and lies nearest to the top, and
 * names the others; only files that the search looks into count. So are files named that hold the same passage
 * among other words, as far as the search came upon it: it gives the best one, and to look for all of them would
 * take an index of its own. What was recognised in a picture is told as such.
 */
export function withOrigins(db: Reader, finder: Finder): Finder {
  const recognised = <P extends RetrievedPassage>(passages: readonly P[]): P[] => {
    const pages = recognisedPages(db, [...new Set(passages.map(({ documentId }) => documentId))]);
    return passages.map((passage) =>
      passage.page !== null && pages.get(passage.documentId)?.has(passage.page)
        ? { ...passage, isRecognised: true }
        : passage,
    );
  };
  const originals = <P extends RetrievedPassage>(
    passages: readonly P[],
    { scope, filters, copies }: SearchOptions,
  ): P[] => {
    if (copies === true || passages.length === 0) return [...passages];
    const ids = [...new Set(passages.map(({ documentId }) => documentId))];
    const same = sameFiles(db, ids, scope, filters);
    const names = namesOf(db, [
      ...new Set(passages.flatMap(({ elsewhere = [] }) => elsewhere.map((one) => one.documentId))),
    ]);
    return passages.map((passage) => {
      const files = [...(same.get(passage.documentId) ?? [])].sort(byAge);
      const among = new Set([passage.documentId, ...files.map(({ id }) => id)]);
      const parts = (passage.elsewhere ?? []).flatMap(({ documentId, ...at }): SameContent[] => {
        const file = names.get(documentId);
        if (file === undefined || among.has(documentId)) return [];
        among.add(documentId);
        return [{ documentId, documentName: file.name, path: file.path, at }];
      });
      if (files.length < 2 && parts.length === 0) return passage;
      const [first] = files;
      const twin =
        first === undefined || first.id === passage.documentId
          ? undefined
          : twinOf(db, first.id, passage);
      const shown = twin === undefined ? passage.documentId : first?.id;
      return {
        ...passage,
        ...(twin !== undefined &&
          first !== undefined && {
            passageId: twin,
            documentId: first.id,
            documentName: first.name,
            collectionId: first.collectionId,
          }),
        sameIn: [
          ...files
            .filter(({ id }) => id !== shown)
            .map(({ id, name, path }) => ({ documentId: id, documentName: name, path })),
          ...parts,
        ].slice(0, mostNamed),
      };
    });
  };
  return {
    ...finder,
    search: (query, options) => recognised(originals(finder.search(query, options), options)),
    async find(query, options, signal) {
      const found = await finder.find(query, options, signal);
      return { ...found, passages: recognised(originals(found.passages, options)) };
    },
  };
}

const byAge = (a: SameFile, b: SameFile): number =>
  a.modifiedAt - b.modifiedAt ||
  a.path.length - b.path.length ||
  (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
