import type { DocumentScope } from '../../ipc/contract/index.ts';
import type { Sql } from '../sql.ts';
import { sql } from '../sql.ts';

/** The condition that a row of `documents`, known by its alias, lies within a scope. */
export function withinScope(scope: DocumentScope, documents: Sql): Sql {
  switch (scope.kind) {
    case 'none':
      return sql`0`;
    case 'all':
      return sql`1`;
    case 'collection':
      return sql`${documents}.collection_id = ${scope.collectionId}`;
    case 'document':
      return sql`${documents}.id = ${scope.documentId}`;
  }
}
