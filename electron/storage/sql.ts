import type BetterSqlite3 from 'better-sqlite3';

/** A statement with its values kept apart; values can never become SQL. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}
export type SqlValue = string | number | bigint | null | Uint8Array;

/** Tagged template: sql`SELECT * FROM models WHERE id = ${id}`. Nest with another sql`` as a value. */
export function sql(parts: TemplateStringsArray, ...values: readonly (SqlValue | Sql)[]): Sql {
  if (!values.some(isSql)) return { text: plainText(parts), values: values as readonly SqlValue[] };
  let text = parts[0] ?? '';
  const collected: SqlValue[] = [];
  values.forEach((value, index) => {
    if (isSql(value)) {
      text += value.text;
      collected.push(...value.values);
    } else {
      text += '?';
      collected.push(value);
    }
    text += parts[index + 1] ?? '';
  });
  return { text, values: collected };
}

/** Texts without a nested part are always the same: a template's parts are one object for each place in the program. */
const plainTexts = new WeakMap<TemplateStringsArray, string>();

function plainText(parts: TemplateStringsArray): string {
  const known = plainTexts.get(parts);
  if (known !== undefined) return known;
  const text = parts.join('?');
  plainTexts.set(parts, text);
  return text;
}

function isSql(value: SqlValue | Sql): value is Sql {
  return typeof value === 'object' && value !== null && 'text' in value && 'values' in value;
}

/** Read access. A writer can be used where a reader is asked for, never the reverse. */
export interface Reader {
  all<Row>(query: Sql): Row[];
  get<Row>(query: Sql): Row | undefined;
}

export interface Writer extends Reader {
  /** Rows changed. */
  run(query: Sql): number;
  /** Runs `work` in one transaction (a savepoint when nested): all of it or nothing. */
  transaction<T>(work: () => T): T;
  /**
   * As `transaction`, but the disk is not waited for: after a power cut this work may be missing, as a whole,
   * with all that came after it. For what can be made again, and for work in many small parts.
   */
  loose<T>(work: () => T): T;
  /**
   * To be waited for after each of many parts that were written with `loose`: now and then the log is written back
   * into the file, while others have their turn.
   * @param parts how much it was: 1 = some 250 pages of the log
   */
  written(parts: number): Promise<void>;
}

/** Statement texts are few and fixed, so prepared ones are kept for good. */
export function wrap(
  database: BetterSqlite3.Database,
  written: Writer['written'] = () => Promise.resolve(),
): Writer {
  const prepared = new Map<string, BetterSqlite3.Statement>();
  const prepare = (query: Sql): BetterSqlite3.Statement => {
    let statement = prepared.get(query.text);
    if (statement === undefined) {
      statement = database.prepare(query.text);
      prepared.set(query.text, statement);
    }
    return statement;
  };
  // Set anew only where the other kind of work follows: each time takes as long as writing a row.
  let isLoose = false;
  const strict = (): void => {
    if (!isLoose || database.inTransaction) return;
    database.exec('PRAGMA synchronous = FULL');
    isLoose = false;
  };
  // To write from its start on: one that reads first is refused its first row (SQLITE_BUSY_SNAPSHOT) if the thread of
  // write-back.ts has begun a log in between. So it waits its turn, as for any lock.
  const begin = <T>(work: () => T): T => database.transaction(work).immediate();
  return {
    all: <Row>(query: Sql) => prepare(query).all(...query.values) as Row[],
    get: <Row>(query: Sql) => prepare(query).get(...query.values) as Row | undefined,
    run: (query) => {
      strict();
      return prepare(query).run(...query.values).changes;
    },
    transaction: (work) => {
      strict();
      return begin(work);
    },
    loose: (work) => {
      if (database.inTransaction) return work();
      if (!isLoose) database.exec('PRAGMA synchronous = NORMAL');
      isLoose = true;
      return begin(work);
    },
    written,
  };
}
