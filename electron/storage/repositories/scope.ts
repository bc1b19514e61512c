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
    case 'some':
      return sql`(${documents}.collection_id IN
          (SELECT value FROM json_each(${JSON.stringify(scope.collectionIds)}))
        OR ${documents}.id IN (SELECT value FROM json_each(${JSON.stringify(scope.documentIds)})))`;
  }
}

/** The same for a document at hand. */
export function isWithin(
  scope: DocumentScope,
  document: { readonly id: string; readonly collectionId: string },
): boolean {
  switch (scope.kind) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'collection':
      return document.collectionId === scope.collectionId;
    case 'document':
      return document.id === scope.documentId;
    case 'some':
      return (
        scope.collectionIds.includes(document.collectionId) ||
        scope.documentIds.includes(document.id)
      );
  }
}
