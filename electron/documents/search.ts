import type { Calls, FilterEffect, SearchReading } from '../ipc/contract/index.ts';
import { filtersOf, parseSearch, typedFilters } from './retrieve/filters.ts';
import type { RetrievedPassage, Retriever } from './retrieve/index.ts';

const usualLimit = 20;
const mostHits = 200;

type Asked = Calls['documents.searchReading']['args'];

/** A person's search over the documents: typed and given filters, the hits, and how it was understood. */
export function createSearch(retriever: Pick<Retriever, 'search' | 'searchable'>): {
  hits(asked: Asked): SearchReading['hits'];
  reading(asked: Asked): SearchReading;
} {
  const understood = ({
    query,
    scope = { kind: 'all' },
    limit = usualLimit,
    filters = [],
  }: Asked) => {
    const { text, without, typed } = parseSearch(query);
    const all = [...typedFilters(typed), ...filters];
    const most = Math.max(0, Math.min(mostHits, Math.trunc(limit)));
    const search = (of = all, not: readonly string[] = without): readonly RetrievedPassage[] =>
      retriever.search(text, {
        ...{ scope, limit: most, prefixLast: true, without: not, filters: filtersOf(of) },
      });
    /** What each kind of filter has to do with a search that found nothing: it without that kind. */
    const emptied = (): FilterEffect[] => [
      ...[...new Set(all.map(({ kind }) => kind))].map((kind) => ({
        kind,
        documents: retriever.searchable(
          scope,
          filtersOf(all.filter((filter) => filter.kind === kind)),
        ),
        passages: search(all.filter((filter) => filter.kind !== kind)).length,
      })),
      ...(without.length === 0
        ? []
        : [
            {
              kind: 'without' as const,
              documents: retriever.searchable(scope),
              passages: search(all, []).length,
            },
          ]),
    ];
    return { text, without, typed, scope, filters: all, search, emptied };
  };
  const bare = (hits: readonly RetrievedPassage[]): SearchReading['hits'] =>
    hits.map(({ coverage: _coverage, ordinal: _ordinal, ...hit }) => hit);

  return {
    hits: (asked) => bare(understood(asked).search()),
    reading(asked) {
      const { text, without, typed, scope, filters, search, emptied } = understood(asked);
      const hits = bare(search());
      return {
        ...{ hits, text, filters, without, typed },
        documents: retriever.searchable(scope, filtersOf(filters)),
        emptied: hits.length === 0 && text !== '' ? emptied() : [],
      };
    },
  };
}
