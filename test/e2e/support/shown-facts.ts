import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { AnswerFacts, Claim } from '../../../electron/ipc/contract/index.ts';

/**
 * Makes the last answer of a profile look contradicted, and as if something had not fitted: for pictures
 * alone. The miniature copies too well to contradict its documents when one wants it.
 */
export function contradictLastAnswer(profile: string): void {
  const database = new BetterSqlite3(path.join(profile, 'quarry.db'));
  try {
    const row = database
      .prepare(
        `SELECT id, claims, facts FROM messages WHERE role = 'assistant' AND claims <> '[]'
          ORDER BY created_at DESC LIMIT 1`,
      )
      .get() as { id: string; claims: string; facts: string | null } | undefined;
    if (row === undefined) throw new Error('no answer with claims');
    const claims = (JSON.parse(row.claims) as Claim[]).map((claim) => ({
      ...claim,
      state: 'contradicted',
      differences: [{ kind: 'name', said: 'Velmor Works', found: 'Harrow Brothers' }],
    }));
    const [cited] = claims.flatMap(({ citation }) => citation ?? []);
    if (cited === undefined) throw new Error('an answer without a citation');
    const { documentId, documentName, page, heading, start, end, quote } = cited;
    const facts: AnswerFacts = {
      ...(JSON.parse(row.facts ?? '{}') as AnswerFacts),
      leftOut: [
        {
          ...{ kind: 'passage', documentId, documentName, page, heading, start, end },
          text: quote,
        },
        { kind: 'message', messageId: row.id, text: 'When was the plant opened?' },
      ],
    };
    database
      .prepare('UPDATE messages SET claims = ?, facts = ?, support = ? WHERE id = ?')
      .run(JSON.stringify(claims), JSON.stringify(facts), 'unsupported', row.id);
  } finally {
    database.close();
  }
}
