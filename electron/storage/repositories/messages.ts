import { AppError } from '../../ipc/app-error.ts';
import type {
  AnswerFacts,
  AnswerStep,
  Claim,
  DocumentScope,
  ErrorShape,
  Message,
  MessageRole,
  MessageStatus,
  Source,
  Support,
  Timestamp,
  TurnStats,
} from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

interface MessageRow {
  id: string;
  conversation_id: string;
  parent_id: string | null;
  role: MessageRole;
  text: string;
  status: MessageStatus;
  error: string | null;
  model_id: string | null;
  model_name: string | null;
  turn_id: string | null;
  stats: string | null;
  sources: string;
  claims: string;
  support: Support | null;
  created_at: number;
  steps: string | null;
  facts: string | null;
  scope: string | null;
}

// The order of adding is that of the rowid, not of `created_at`: a clock can be set back.

/** Every message of a conversation, in the order they were added. */
export function listMessages(db: Reader, conversationId: string): Message[] {
  const rows = db.all<MessageRow>(
    sql`SELECT * FROM messages WHERE conversation_id = ${conversationId} ORDER BY rowid`,
  );
  return rows.map((row) => messageOf(row));
}

/** Throws 'not-found'. */
export function getMessage(db: Reader, id: string): Message {
  const row = db.get<MessageRow>(sql`SELECT * FROM messages WHERE id = ${id}`);
  if (row === undefined) throw new AppError('not-found', 'no such message', { detail: { id } });
  return messageOf(row);
}

/** The assistant's message that a turn wrote. */
export function messageOfTurn(db: Reader, turnId: string): Message | undefined {
  const row = db.get<MessageRow>(sql`SELECT * FROM messages WHERE turn_id = ${turnId}`);
  return row === undefined ? undefined : messageOf(row);
}

/** From the root down to the given message. */
export function pathTo(db: Reader, messageId: string): Message[] {
  const rows = db.all<MessageRow>(
    sql`WITH RECURSIVE path (id, depth) AS (
          SELECT ${messageId}, 0
          UNION ALL
          SELECT m.parent_id, path.depth + 1 FROM path JOIN messages m ON m.id = path.id
          WHERE m.parent_id IS NOT NULL
        )
        SELECT m.* FROM path JOIN messages m ON m.id = path.id ORDER BY path.depth DESC`,
  );
  return rows.map((row) => messageOf(row));
}

/** Down from a message, always to the newest child: the leaf of the branch last worked on. */
export function newestLeafBelow(db: Reader, messageId: string): string {
  let leaf = messageId;
  for (;;) {
    const child = db.get<{ id: string }>(
      sql`SELECT id FROM messages WHERE parent_id = ${leaf}
          ORDER BY rowid DESC LIMIT 1`,
    );
    if (child === undefined) return leaf;
    leaf = child.id;
  }
}

/** Messages with the same parent and role, oldest first, the given one among them. */
export function siblingsOf(db: Reader, message: Message): Message[] {
  const rows = db.all<MessageRow>(
    sql`SELECT * FROM messages
        WHERE conversation_id = ${message.conversationId} AND role = ${message.role}
          AND parent_id IS ${message.parentId}
        ORDER BY rowid`,
  );
  return rows.map((row) => messageOf(row));
}

export function addMessage(
  db: Writer,
  values: {
    readonly id: string;
    readonly conversationId: string;
    readonly parentId: string | null;
    readonly role: MessageRole;
    readonly text: string;
    readonly status: MessageStatus;
    readonly at: Timestamp;
    readonly turnId?: string;
    readonly modelId?: string | null;
    readonly scope?: DocumentScope;
  },
): void {
  db.run(
    sql`INSERT INTO messages
          (id, conversation_id, parent_id, role, text, status, turn_id, model_id, scope, created_at)
        VALUES (${values.id}, ${values.conversationId}, ${values.parentId}, ${values.role},
          ${values.text}, ${values.status}, ${values.turnId ?? null}, ${values.modelId ?? null},
          ${jsonOrNull(values.scope ?? null)}, ${values.at})`,
  );
}

/** The text of an answer while it grows. */
export function saveText(db: Writer, id: string, text: string): void {
  db.run(sql`UPDATE messages SET text = ${text} WHERE id = ${id} AND status = 'streaming'`);
}

export function saveModel(db: Writer, id: string, modelId: string, modelName: string): void {
  db.run(
    sql`UPDATE messages SET model_id = ${modelId}, model_name = ${modelName} WHERE id = ${id}`,
  );
}

/** The sources as they stand in the prompt, before the answer begins. */
export function saveSources(db: Writer, id: string, sources: readonly Source[]): void {
  db.run(sql`UPDATE messages SET sources = ${JSON.stringify(sources)} WHERE id = ${id}`);
}

/** How an answer comes about, in place of what was kept of it before. */
export function saveFacts(db: Writer, id: string, facts: AnswerFacts): void {
  db.run(sql`UPDATE messages SET facts = ${JSON.stringify(facts)} WHERE id = ${id}`);
}

/** Ends a streaming message. */
export function finishMessage(
  db: Writer,
  id: string,
  values: {
    readonly text: string;
    readonly status: Exclude<MessageStatus, 'streaming'>;
    readonly error: ErrorShape | null;
    readonly stats: TurnStats | null;
    readonly claims: readonly Claim[];
    readonly support: Support | null;
  },
): void {
  db.run(
    sql`UPDATE messages SET text = ${values.text}, status = ${values.status},
          error = ${jsonOrNull(values.error)}, stats = ${jsonOrNull(values.stats)},
          claims = ${JSON.stringify(values.claims)}, support = ${values.support}
        WHERE id = ${id}`,
  );
}

/** Answers that no running turn writes any more: after a crash. */
export function listStreaming(db: Reader): Message[] {
  return db
    .all<MessageRow>(sql`SELECT * FROM messages WHERE status = 'streaming'`)
    .map((row) => messageOf(row));
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function messageOf(row: MessageRow): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    parentId: row.parent_id,
    role: row.role,
    text: row.text,
    status: row.status,
    error: row.error === null ? null : (JSON.parse(row.error) as ErrorShape),
    createdAt: row.created_at,
    modelId: row.model_id,
    modelName: row.model_name,
    turnId: row.turn_id,
    stats: row.stats === null ? null : (JSON.parse(row.stats) as TurnStats),
    sources: JSON.parse(row.sources) as Source[],
    claims: JSON.parse(row.claims) as Claim[],
    support: row.support,
    ...(row.scope !== null && { scope: JSON.parse(row.scope) as DocumentScope }),
    ...(row.steps !== null && { steps: JSON.parse(row.steps) as AnswerStep[] }),
    ...(row.facts !== null && { facts: JSON.parse(row.facts) as AnswerFacts }),
  };
}
