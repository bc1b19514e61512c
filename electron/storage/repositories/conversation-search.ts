import type { ConversationHit } from '../../ipc/contract/index.ts';
import { matchExpression } from '../match.ts';
import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';

/** Stand around a match inside a snippet; control characters that no keyboard types. */
const open = '\u0002';
const close = '\u0003';
const markers = new RegExp(`([${open}${close}])`);
const limit = 50;
/** Words of a query that are looked at. */
const mostWords = 64;
/** Scripts whose words the full-text index cannot tell apart: searched as parts of the text. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Titles first, then messages, best match first. Every word must occur; the last may be a beginning. */
export function searchConversations(db: Reader, query: string): ConversationHit[] {
  const all = query.replaceAll('"', ' ').trim().split(/\s+/).filter(Boolean);
  const words = [...new Set(all)].slice(0, mostWords);
  if (words.length === 0) return [];
  const titles = searchTitles(db, words);
  const messages = unspaced.test(query) ? searchParts(db, words) : searchIndex(db, query);
  return [...titles, ...messages].slice(0, limit);
}

interface HitRow {
  conversation_id: string;
  message_id: string;
  title: string;
  text: string;
  created_at: number;
}

function searchIndex(db: Reader, query: string): ConversationHit[] {
  const match = matchExpression(query, { prefixLast: true });
  if (match === null) return [];
  return db
    .all<HitRow>(
      sql`SELECT m.conversation_id, m.id AS message_id, c.title, m.created_at,
            snippet(messages_fts, 0, ${open}, ${close}, '…', 24) AS text
          FROM messages_fts JOIN messages m ON m.rowid = messages_fts.rowid
            JOIN conversations c ON c.id = m.conversation_id
          WHERE messages_fts MATCH ${match} AND c.removed_at IS NULL
          ORDER BY rank LIMIT ${limit}`,
    )
    .map((row) => ({ ...hitOf(row), ...readMarks(row.text) }));
}

function searchParts(db: Reader, words: readonly string[]): ConversationHit[] {
  const first = `%${(words[0] ?? '').replaceAll(/[\\%_]/g, '\\$&')}%`;
  return db
    .all<HitRow>(
      sql`SELECT m.conversation_id, m.id AS message_id, c.title, m.created_at, m.text
          FROM messages m JOIN conversations c ON c.id = m.conversation_id
          WHERE m.text LIKE ${first} ESCAPE '\\' AND c.removed_at IS NULL
          ORDER BY m.created_at DESC LIMIT 500`,
    )
    .flatMap((row) => {
      const marks = findAll(row.text, words);
      return marks === null ? [] : [{ ...hitOf(row), ...cutAround(row.text, marks) }];
    })
    .slice(0, limit);
}

function searchTitles(db: Reader, words: readonly string[]): ConversationHit[] {
  return db
    .all<{ id: string; title: string; updated_at: number }>(
      sql`SELECT id, title, updated_at FROM conversations
          WHERE removed_at IS NULL AND title <> '' ORDER BY updated_at DESC`,
    )
    .flatMap((row) => {
      const marks = findAll(row.title, words);
      if (marks === null) return [];
      const { id, title, updated_at: createdAt } = row;
      return [{ conversationId: id, title, messageId: null, snippet: title, marks, createdAt }];
    });
}

function hitOf(row: HitRow): Omit<ConversationHit, 'snippet' | 'marks'> {
  const { conversation_id: conversationId, title, message_id: messageId } = row;
  return { conversationId, title, messageId, createdAt: row.created_at };
}

/** Takes the markers out of a snippet and says where they stood. */
function readMarks(text: string): Pick<ConversationHit, 'snippet' | 'marks'> {
  let snippet = '';
  let start = -1;
  const marks: [number, number][] = [];
  for (const piece of text.split(markers)) {
    if (piece === open) start = snippet.length;
    else if (piece !== close) snippet += piece;
    else if (start >= 0) {
      marks.push([start, snippet.length]);
      start = -1;
    }
  }
  return { snippet, marks };
}

/** First place of each word, capitals and accents aside; null unless every word occurs. */
function findAll(text: string, words: readonly string[]): [number, number][] | null {
  const folded = foldKeepingLength(text);
  const marks: [number, number][] = [];
  for (const word of words) {
    const wanted = foldKeepingLength(word);
    const at = folded.indexOf(wanted);
    if (at < 0) return null;
    marks.push([at, at + wanted.length]);
  }
  marks.sort((a, b) => a[0] - b[0]);
  return marks.filter(([start], index) => index === 0 || start >= (marks[index - 1]?.[1] ?? 0));
}

/** Lower case without accents, one UTF-16 unit for each, so that offsets hold in the original. */
function foldKeepingLength(text: string): string {
  return text
    .replaceAll(/[\u0080-\uffff]/g, (unit) => {
      const folded = unit
        .normalize('NFD')
        .replaceAll(/\p{Mn}/gu, '')
        .toLowerCase();
      // A Hangul syllable comes apart into several letters: it stays whole.
      return folded.length === 1 ? folded : unit;
    })
    .toLowerCase();
}

function cutAround(
  text: string,
  marks: readonly (readonly [number, number])[],
): Pick<ConversationHit, 'snippet' | 'marks'> {
  const from = Math.max(0, (marks[0]?.[0] ?? 0) - 40);
  const to = Math.min(text.length, from + 160);
  const lead = from > 0 ? '…' : '';
  return {
    snippet: `${lead}${text.slice(from, to)}${to < text.length ? '…' : ''}`,
    marks: marks
      .filter(([, end]) => end <= to)
      .map(([start, end]) => [start - from + lead.length, end - from + lead.length] as const),
  };
}
