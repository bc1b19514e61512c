import type { RewriteTest } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** What is kept of a test: its verdict follows from the figures. */
export type KeptRewriteTest = Omit<RewriteTest, 'verdict'>;

interface Row {
  model_id: string;
  name: string;
  origin: string;
  dialogues: number;
  by_rule: number;
  by_model: number;
  wrong: number;
  median_ms: number;
  tested_at: number;
}

/** Of this machine and version of the test, the newest first. */
export function readRewriteTests(
  db: Reader,
  machine: string,
  version: number,
): readonly KeptRewriteTest[] {
  return db
    .all<Row>(
      sql`SELECT rewrite_tests.*, models.name, models.origin FROM rewrite_tests
          JOIN models ON models.id = model_id
        WHERE machine = ${machine} AND version = ${version} ORDER BY tested_at DESC, model_id`,
    )
    .map((row) => ({
      modelId: row.model_id,
      modelName: row.name,
      isBuiltIn: row.origin === 'builtin',
      dialogues: row.dialogues,
      byRule: row.by_rule,
      byModel: row.by_model,
      wrong: row.wrong,
      medianMs: row.median_ms,
      at: row.tested_at,
    }));
}

/** Nothing happens for a model that has been removed meanwhile. */
export function keepRewriteTest(
  db: Writer,
  machine: string,
  version: number,
  modelId: string,
  test: Omit<KeptRewriteTest, 'modelId' | 'modelName' | 'isBuiltIn'>,
): void {
  const { dialogues, byRule, byModel, wrong, medianMs, at } = test;
  db.run(
    sql`INSERT OR REPLACE INTO rewrite_tests
          (model_id, machine, version, dialogues, by_rule, by_model, wrong, median_ms, tested_at)
        SELECT id, ${machine}, ${version}, ${dialogues}, ${byRule}, ${byModel}, ${wrong}, ${medianMs}, ${at}
          FROM models WHERE id = ${modelId}`,
  );
}
