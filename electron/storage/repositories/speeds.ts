import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';

/** Answers that are looked at, the newest first, and how long one must be to say anything. */
const looked = 200;
const leastTokens = 16;
const perModel = 20;

/** The middle of the speeds that each model's latest answers were written with, in tokens a second. */
export function answerSpeeds(db: Reader): ReadonlyMap<string, number> {
  const rows = db.all<{ model: string; speed: number }>(
    sql`SELECT model_id AS model, json_extract(stats, '$.tokensPerSecond') AS speed FROM
          (SELECT model_id, stats FROM messages
            WHERE model_id IS NOT NULL AND stats IS NOT NULL ORDER BY rowid DESC LIMIT ${looked})
        WHERE speed > 0 AND json_extract(stats, '$.answerTokens') >= ${leastTokens}`,
  );
  const byModel = new Map<string, number[]>();
  for (const { model, speed } of rows) {
    const speeds = byModel.get(model) ?? [];
    if (speeds.length < perModel) speeds.push(speed);
    byModel.set(model, speeds);
  }
  return new Map(
    [...byModel].map(([model, speeds]) => [
      model,
      speeds.sort((a, b) => a - b)[Math.floor(speeds.length / 2)] ?? 0,
    ]),
  );
}
