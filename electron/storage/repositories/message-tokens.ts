import { createHash } from 'node:crypto';
import type { Message } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** Keeps the ids that an answer's text was written with, in place of earlier ones. */
export function saveMessageTokens(
  db: Writer,
  messageId: string,
  values: {
    /** `EngineInfo.vocabulary` of the model that wrote it. */
    readonly vocabulary: string;
    readonly text: string;
    readonly tokens: readonly number[];
  },
): void {
  db.run(
    sql`INSERT OR REPLACE INTO message_tokens (message_id, vocabulary, text_hash, tokens)
        VALUES (${messageId}, ${values.vocabulary}, ${hashOf(values.text)}, ${pack(values.tokens)})`,
  );
}

/**
 * The ids of those messages that were written with a vocabulary and say the same as they did then, by
 * message.
 * @param path Messages of one conversation.
 */
export function tokensOf(
  db: Reader,
  path: readonly Message[],
  vocabulary: string,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const [first] = path;
  if (first === undefined) return found;
  const rows = db.all<{ id: string; text_hash: Buffer; tokens: Buffer }>(
    sql`SELECT t.message_id AS id, t.text_hash, t.tokens
        FROM messages m JOIN message_tokens t ON t.message_id = m.id
        WHERE m.conversation_id = ${first.conversationId} AND t.vocabulary = ${vocabulary}`,
  );
  const texts = new Map(path.map(({ id, text }) => [id, text]));
  for (const { id, text_hash, tokens } of rows) {
    const text = texts.get(id);
    if (text === undefined || !hashOf(text).equals(text_hash)) continue;
    const ids = unpack(tokens);
    if (ids !== null) found.set(id, ids);
  }
  return found;
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, 16);
}

/** Seven bits a byte, the low ones first; the high bit says that more follow. */
function pack(tokens: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let id of tokens) {
    for (; id >= 0x80; id = Math.floor(id / 0x80)) bytes.push((id % 0x80) | 0x80);
    bytes.push(id);
  }
  return Buffer.from(bytes);
}

/** null where the bytes end within a number. */
function unpack(bytes: Buffer): number[] | null {
  const tokens: number[] = [];
  let id = 0;
  let unit = 1;
  for (const byte of bytes) {
    id += (byte & 0x7f) * unit;
    unit *= 0x80;
    if (byte & 0x80) continue;
    tokens.push(id);
    id = 0;
    unit = 1;
  }
  return unit === 1 ? tokens : null;
}
