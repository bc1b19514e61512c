import type { Sql } from '../sql.ts';
import { sql } from '../sql.ts';

/** The condition that a row of `documents`, known by its alias, was never read because a person stopped it. */
export function wasStopped(documents: Sql): Sql {
  return sql`(${documents}.state = 'failed'
    AND COALESCE(json_extract(${documents}.error, '$.code') = 'cancelled', 0))`;
}
