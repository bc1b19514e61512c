import type { Citation, Claim, DocumentPart, PartKind } from '../../ipc/contract/index.ts';
import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';

/** A page's text and where it stands. */
export interface PageText {
  readonly page: number;
  readonly start: number;
  readonly text: string;
}

/** Parts in order, without their texts. */
export function partsOf(db: Reader, documentId: string): DocumentPart[] {
  const rows = db.all<{
    recognised: number;
    page: number;
    kind: PartKind;
    title: string | null;
    start: number;
    lines: number;
    width: number | null;
    height: number | null;
  }>(sql`SELECT page, kind, title, start, width, height, recognised,
      length(rtrim(text, char(10))) - length(replace(rtrim(text, char(10)), char(10), '')) + 1 AS lines
    FROM document_pages WHERE document_id = ${documentId} ORDER BY page`);
  const whole = db.get<{ characters: number }>(
    sql`SELECT characters FROM documents WHERE id = ${documentId}`,
  );
  return rows.map(({ recognised, ...row }, index) => ({
    ...row,
    ...(recognised === 1 && { isRecognised: true as const }),
    characters: (rows[index + 1]?.start ?? whole?.characters ?? row.start) - row.start,
  }));
}

/** The first page after one, so that a long document is gone through without holding all of it. */
export function pageAfter(db: Reader, documentId: string, page: number): PageText | undefined {
  return db.get<PageText>(sql`SELECT page, start, text FROM document_pages
    WHERE document_id = ${documentId} AND page > ${page} ORDER BY page LIMIT 1`);
}

/** What stands between two offsets; shorter where the text ends before. */
export function textBetween(db: Reader, documentId: string, start: number, end: number): string {
  const rows = db.all<PageText>(sql`SELECT page, start, text FROM document_pages
    WHERE document_id = ${documentId} AND start < ${end}
      AND page >= COALESCE((SELECT MAX(page) FROM document_pages
        WHERE document_id = ${documentId} AND start <= ${start}), 1)
    ORDER BY page`);
  return rows
    .map((row) => row.text.slice(Math.max(0, start - row.start), Math.max(0, end - row.start)))
    .join('');
}

/** A claim of an answer that cites the document. */
export interface CitingClaim {
  readonly conversationId: string;
  readonly conversationTitle: string;
  readonly messageId: string;
  readonly sentence: string;
  readonly citation: Citation;
  readonly createdAt: number;
}

/** Claims of all conversations that cite a document, newest answers first, at most `limit`. */
export function claimsCiting(db: Reader, documentId: string, limit: number): CitingClaim[] {
  const rows = db.all<{
    conversationId: string;
    conversationTitle: string;
    messageId: string;
    text: string;
    claims: string;
    createdAt: number;
  }>(sql`SELECT m.conversation_id AS conversationId, c.title AS conversationTitle,
      m.id AS messageId, m.text, m.claims, m.created_at AS createdAt
    FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE c.removed_at IS NULL AND instr(m.claims, ${documentId}) > 0
    ORDER BY m.rowid DESC LIMIT ${limit}`);
  return rows
    .flatMap(({ text, claims, ...row }) =>
      (JSON.parse(claims) as Claim[]).flatMap(({ citation, start, end }) =>
        citation?.documentId === documentId
          ? [{ ...row, citation, sentence: text.slice(start, end) }]
          : [],
      ),
    )
    .slice(0, limit);
}
