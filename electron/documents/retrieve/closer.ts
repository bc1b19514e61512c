import type { Seen } from './indexed.ts';
import { mayHoldRows, unitsOf } from './units.ts';
import type { Saying } from './units.ts';

export interface Ranked {
  readonly rowid: number;
  readonly score: number;
}

/** Passages in their order, found out as far as it is asked for. */
export interface Order {
  /** The first ones, best first. */
  first(most: number): readonly Ranked[];
}

/** A question that one unit holds this share of is answered there. */
const saidShare = 0.8;
/** Passages that are looked into before the rest are compared with them. */
const step = 12;

export interface Texts {
  readonly text: string;
  readonly lead: string;
}

/**
 * Ranks again by what single units say. Of the passages that can come up by it only those are looked into that may
 * still be among the ones asked for: what all of a passage's words together would give bounds what a unit can.
 *
 * @param read texts of passages; asked once for each
 */
export function createCloser(
  saying: Saying,
  mostRead: number,
  read: (rows: readonly number[]) => readonly (Texts & { readonly rowid: number })[],
): {
  /** Whether a unit says nearly all that is asked. */
  isSaid(passages: readonly Seen[], scores: readonly number[]): boolean;
  order(passages: readonly Seen[], scores: readonly number[]): Order;
} {
  const texts = new Map<number, Texts>();
  const shares = new Map<number, number>();

  /** The passages that can come up, by what all their words would give; each bound as a share. */
  const likely = (
    passages: readonly Seen[],
    scores: readonly number[],
  ): { readonly at: number; readonly bound: number }[] => {
    const bounds = passages.map((passage) => saying.bound(passage));
    const most = bounds.map((bound, at) => (scores[at] ?? 0) * saying.factor(bound));
    const chosen = inOrder(passages, most).slice(0, mostRead);
    return chosen.map((at) => ({ at, bound: bounds[at] ?? 0 }));
  };

  const fetch = (rows: readonly number[]): void => {
    const missing = rows.filter((row) => !texts.has(row));
    if (missing.length === 0) return;
    for (const { rowid, text, lead } of read(missing)) texts.set(rowid, { text, lead });
  };

  /** At most what a unit of the passage can give; its text was fetched. */
  const boundOf = (passage: Seen, bound: number): number => {
    const text = texts.get(passage.rowid);
    if (text === undefined) return 0;
    return mayHoldRows(text.text) ? Math.max(bound, saying.rowsBound(passage)) : bound;
  };

  const shareOf = (passage: Seen): number => {
    const known = shares.get(passage.rowid);
    if (known !== undefined) return known;
    const text = texts.get(passage.rowid);
    const share = text === undefined ? 0 : saying.share(passage, unitsOf(text));
    shares.set(passage.rowid, share);
    return share;
  };

  return {
    isSaid(passages, scores) {
      const chosen = likely(passages, scores).flatMap(({ at, bound }) => {
        const passage = passages[at];
        return passage === undefined || Math.max(bound, saying.rowsBound(passage)) < saidShare
          ? []
          : [{ passage, bound }];
      });
      fetch(chosen.map(({ passage: { rowid } }) => rowid));
      return chosen.some(
        ({ passage, bound }) =>
          boundOf(passage, bound) >= saidShare && shareOf(passage) >= saidShare,
      );
    },
    order(passages, scores) {
      /** What each passage comes to at least, and those that are still open with what they can come to. */
      const least = [...scores];
      const open = new Map<number, number>();
      const worth = (at: number, share: number): number => (scores[at] ?? 0) * saying.factor(share);
      const bounds = new Map<number, number>();
      for (const { at, bound } of likely(passages, scores)) {
        const passage = passages[at];
        if (passage === undefined) continue;
        bounds.set(at, bound);
        open.set(at, worth(at, Math.max(bound, saying.rowsBound(passage))));
      }
      /** Whether a passage that was fetched can still come up, without the rows that it does not have. */
      const look = (at: number, enough: number): void => {
        const passage = passages[at];
        if (passage === undefined) return;
        const most = worth(at, boundOf(passage, bounds.get(at) ?? 0));
        if (most < enough) {
          open.set(at, most);
          return;
        }
        open.delete(at);
        least[at] = worth(at, shareOf(passage));
      };
      return {
        first(most) {
          for (;;) {
            const order = inOrder(passages, least);
            const last = order[most - 1];
            const enough = last === undefined ? 0 : (least[last] ?? 0);
            const next = [...open]
              .filter(([, bound]) => bound >= enough)
              .sort((x, y) => y[1] - x[1])
              .slice(0, step)
              .map(([at]) => at);
            if (next.length === 0)
              return order
                .slice(0, most)
                .map((at) => ({ rowid: passages[at]?.rowid ?? 0, score: least[at] ?? 0 }));
            fetch(next.flatMap((at) => passages[at]?.rowid ?? []));
            for (const at of next) look(at, enough);
          }
        },
      };
    },
  };
}

/** Places of the passages that have a score, best first, the earlier row first where two are alike. */
function inOrder(passages: readonly Seen[], scores: readonly number[]): number[] {
  const places: number[] = [];
  for (let at = 0; at < passages.length; at += 1) if ((scores[at] ?? 0) > 0) places.push(at);
  return places.sort(
    (x, y) =>
      (scores[y] ?? 0) - (scores[x] ?? 0) || (passages[x]?.rowid ?? 0) - (passages[y]?.rowid ?? 0),
  );
}

/** The order of the scores alone. */
export const byScores = (passages: readonly Seen[], scores: readonly number[]): Order => ({
  first: (most) =>
    inOrder(passages, scores)
      .slice(0, most)
      .map((at) => ({ rowid: passages[at]?.rowid ?? 0, score: scores[at] ?? 0 })),
});
