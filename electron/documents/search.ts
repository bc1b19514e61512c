import type { Calls, FilterEffect, SearchReading } from '../ipc/contract/index.ts';
import { filtersOf, parseSearch, typedFilters } from './retrieve/filters.ts';
import type { Finder, Found } from './retrieve/fused.ts';
import type { RetrievedPassage } from './retrieve/index.ts';

const usualLimit = 20;
const mostHits = 200;

const never = new AbortController().signal;

type Asked = Calls['documents.searchReading']['args'];

/** A person's search over the documents: typed and given filters, the hits, and how it was understood. */
export function createSearch(finder: Pick<Finder, 'find' | 'search' | 'searchable' | 'passing'>): {
  hits(asked: Asked): Promise<SearchReading['hits']>;
  reading(asked: Asked): Promise<SearchReading>;
} {
  const understood = ({
    query,
    scope = { kind: 'all' },
    limit = usualLimit,
    filters = [],
  }: Asked) => {
    const { text, without, typed, unfinished } = parseSearch(query);
    const all = [...typedFilters(typed), ...filters];
    const most = Math.max(0, Math.min(mostHits, Math.trunc(limit)));
    const options = { scope, limit: most, prefixLast: true };
    const find = (): Promise<Found> =>
      finder.find(text, { ...options, without, filters: filtersOf(all) }, never);
    /** How much would be found by words with these filters. */
    const count = (of: typeof all, not: readonly string[]): number =>
      finder.search(text, { ...options, without: not, filters: filtersOf(of) }).length;
    /** What each kind of filter has to do with a search that found nothing: it without that kind. */
    const emptied = (): FilterEffect[] => [
      ...[...new Set(all.map(({ kind }) => kind))].map((kind) => ({
        kind,
        documents: finder.searchable(
          scope,
          filtersOf(all.filter((filter) => filter.kind === kind)),
        ),
        passages: count(
          all.filter((filter) => filter.kind !== kind),
          without,
        ),
      })),
      ...(without.length === 0
        ? []
        : [
            {
              kind: 'without' as const,
              documents: finder.searchable(scope),
              passages: count(all, []),
            },
          ]),
    ];
    return { text, without, typed, unfinished, scope, filters: all, find, emptied };
  };
  const bare = (hits: readonly RetrievedPassage[]): SearchReading['hits'] =>
    hits.map(({ coverage: _c, ordinal: _o, near: _n, elsewhere: _e, ...hit }) => hit);

  return {
    hits: async (asked) => bare((await understood(asked).find()).passages),
    async reading(asked) {
      const { text, without, typed, unfinished, scope, filters, find, emptied } = understood(asked);
      const { passages, by } = await find();
      const hits = bare(passages);
      const isFiltersAlone = text === '' && filters.length > 0;
      const passing = isFiltersAlone ? finder.passing(scope, filtersOf(filters)) : undefined;
      return {
        ...{ hits, text, filters, without, typed, by },
        documents: passing?.length ?? finder.searchable(scope, filtersOf(filters)),
        ...(passing && { passing }),
        ...(unfinished.length > 0 && { unfinished }),
        emptied: hits.length === 0 && text !== '' ? emptied() : [],
      };
    },
  };
}
