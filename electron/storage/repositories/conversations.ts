import { AppError } from '../../ipc/app-error.ts';
import type {
  Conversation,
  ConversationSummary,
  DocumentScope,
  DocumentUse,
  Timestamp,
} from '../../ipc/contract/index.ts';
import type { Reader, Sql, Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { listMessages } from './messages.ts';

interface ConversationRow {
  id: string;
  title: string;
  titled_by_user: number;
  pinned: number;
  system_prompt: string;
  model_id: string | null;
  scope: string;
  use: DocumentUse;
  leaf_id: string | null;
  created_at: number;
  updated_at: number;
  new_answer: number;
  message_count: number;
}

/** A conversation without its messages. */
export interface ConversationRecord extends ConversationSummary {
  readonly titledByUser: boolean;
  readonly systemPrompt: string;
  readonly scope: DocumentScope;
  readonly use: DocumentUse;
  readonly leafId: string | null;
}

const selected: Sql = sql`SELECT c.*,
  (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id) AS message_count
  FROM conversations c`;

/** All that are not removed: pinned ones first, then by last use. */
export function listConversations(db: Reader): ConversationSummary[] {
  const rows = db.all<ConversationRow>(
    sql`${selected} WHERE c.removed_at IS NULL ORDER BY c.pinned DESC, c.updated_at DESC, c.id DESC`,
  );
  return rows.map((row) => summaryOf(row));
}

/** Throws 'not-found', for a removed one too. */
export function getConversation(db: Reader, id: string): ConversationRecord {
  const row = db.get<ConversationRow>(sql`${selected} WHERE c.id = ${id} AND c.removed_at IS NULL`);
  if (row === undefined) {
    throw new AppError('not-found', 'no such conversation', { detail: { id } });
  }
  return {
    ...summaryOf(row),
    titledByUser: row.titled_by_user === 1,
    systemPrompt: row.system_prompt,
    scope: JSON.parse(row.scope) as DocumentScope,
    use: row.use,
    leafId: row.leaf_id,
  };
}

/** null where there is no such conversation, or it was removed. */
export function findTitle(db: Reader, id: string): string | null {
  const row = db.get<{ title: string }>(
    sql`SELECT title FROM conversations WHERE id = ${id} AND removed_at IS NULL`,
  );
  return row?.title ?? null;
}

/** With its whole tree of messages. Throws 'not-found'. */
export function getWholeConversation(db: Reader, id: string): Conversation {
  const { titledByUser: _, ...conversation } = getConversation(db, id);
  return { ...conversation, messages: listMessages(db, id) };
}

export function createConversation(
  db: Writer,
  values: {
    readonly id: string;
    readonly modelId: string | null;
    readonly scope: DocumentScope;
    readonly use?: DocumentUse;
    readonly at: Timestamp;
  },
): void {
  db.run(
    sql`INSERT INTO conversations (id, title, model_id, scope, use, created_at, updated_at)
        VALUES (${values.id}, '', ${values.modelId}, ${JSON.stringify(values.scope)},
                ${values.use ?? 'auto'}, ${values.at}, ${values.at})`,
  );
}

/** What can be changed; a field that is left out stays. */
export interface ConversationChange {
  readonly title?: string;
  readonly titledByUser?: boolean;
  readonly systemPrompt?: string;
  readonly modelId?: string;
  readonly scope?: DocumentScope;
  readonly use?: DocumentUse;
  readonly pinned?: boolean;
  readonly leafId?: string;
  /** An answer has ended. `markSeen` takes it back. */
  readonly hasNewAnswer?: true;
  /** Moves it up in the list: set by writing in it, not by renaming or pinning. */
  readonly updatedAt?: Timestamp;
}

export function updateConversation(db: Writer, id: string, change: ConversationChange): void {
  const columns: Sql[] = [];
  if (change.title !== undefined) columns.push(sql`title = ${change.title}`);
  if (change.titledByUser !== undefined) {
    columns.push(sql`titled_by_user = ${change.titledByUser ? 1 : 0}`);
  }
  if (change.systemPrompt !== undefined) columns.push(sql`system_prompt = ${change.systemPrompt}`);
  if (change.modelId !== undefined) columns.push(sql`model_id = ${change.modelId}`);
  if (change.scope !== undefined) columns.push(sql`scope = ${JSON.stringify(change.scope)}`);
  if (change.use !== undefined) columns.push(sql`use = ${change.use}`);
  if (change.pinned !== undefined) columns.push(sql`pinned = ${change.pinned ? 1 : 0}`);
  if (change.leafId !== undefined) columns.push(sql`leaf_id = ${change.leafId}`);
  if (change.updatedAt !== undefined) columns.push(sql`updated_at = ${change.updatedAt}`);
  if (change.hasNewAnswer === true) columns.push(sql`new_answer = 1`);
  const first = columns[0];
  if (first === undefined) return;
  const assigned = columns.slice(1).reduce((all, column) => sql`${all}, ${column}`, first);
  db.run(sql`UPDATE conversations SET ${assigned} WHERE id = ${id}`);
}

/** Somebody sees its last answer. @returns whether that was new; false for one that is not there, too. */
export function markSeen(db: Writer, id: string): boolean {
  return (
    db.run(sql`UPDATE conversations SET new_answer = 0 WHERE id = ${id} AND new_answer = 1`) > 0
  );
}

/** Hides it until it is restored or purged. Throws 'not-found'. */
export function removeConversation(db: Writer, id: string, at: Timestamp): void {
  const changed = db.run(
    sql`UPDATE conversations SET removed_at = ${at} WHERE id = ${id} AND removed_at IS NULL`,
  );
  if (changed === 0) throw new AppError('not-found', 'no such conversation', { detail: { id } });
}

/** Brings a removed one back; one that is not removed stays as it is. Throws 'not-found'. */
export function restoreConversation(db: Writer, id: string): void {
  const changed = db.run(sql`UPDATE conversations SET removed_at = NULL WHERE id = ${id}`);
  if (changed === 0) throw new AppError('not-found', 'no such conversation', { detail: { id } });
}

/** Erases what was removed, with its messages. @returns the ids erased. */
export function purgeConversations(db: Writer): string[] {
  return db.transaction(() => {
    const rows = db.all<{ id: string }>(
      sql`SELECT id FROM conversations WHERE removed_at IS NOT NULL`,
    );
    for (const { id } of rows) {
      // Taken apart first: SQLite follows a cascade from parent to child only a thousand links deep.
      db.run(sql`UPDATE messages SET parent_id = NULL WHERE conversation_id = ${id}`);
      db.run(sql`DELETE FROM messages WHERE conversation_id = ${id}`);
      db.run(sql`DELETE FROM conversations WHERE id = ${id}`);
    }
    return rows.map(({ id }) => id);
  });
}

function summaryOf(row: ConversationRow): ConversationSummary {
  return {
    id: row.id,
    title: row.title,
    pinned: row.pinned === 1,
    modelId: row.model_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    messageCount: row.message_count,
    ...(row.new_answer === 1 && { hasNewAnswer: true }),
  };
}
