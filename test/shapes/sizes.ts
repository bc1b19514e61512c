import type { Quantization } from './mix.ts';
import { quantizations } from './mix.ts';
import { shapeModels } from './models.ts';
import type { Tokenizer } from './tokenizer.ts';
import { defaultSeed, planShape, tokenizerOf } from './write.ts';

export interface SizeRow {
  readonly id: string;
  readonly quantization: Quantization;
  readonly status: string;
  readonly computed: number;
  /** null = no source told it. */
  readonly published: number | null;
  /** By how much the computed size is above the published one; the source's rounding taken off. */
  readonly difference: number | null;
}

/** Sizes of files that `npm run shape` would write, beside the published ones. Writes nothing. */
export function sizeRows(ids?: readonly string[]): readonly SizeRow[] {
  const models = shapeModels().filter(({ id }) => ids === undefined || ids.includes(id));
  // One table of tokens serves all: they have Granite's number of tokens.
  const tokenizers = new Map<number, Tokenizer>();
  return models.flatMap((model) =>
    quantizations.map((quantization) => {
      const { vocabulary } = model.shape;
      const tokenizer = tokenizers.get(vocabulary) ?? tokenizerOf(model);
      tokenizers.set(vocabulary, tokenizer);
      const { bytes: computed } = planShape(model, quantization, defaultSeed, tokenizer);
      const told = model.published.get(quantization);
      const row = { id: model.id, quantization, status: model.status, computed };
      if (told === undefined) return { ...row, published: null, difference: null };
      const above = computed - told.bytes;
      const beyond = Math.sign(above) * Math.max(0, Math.abs(above) - told.rounding);
      return { ...row, published: told.bytes, difference: beyond / told.bytes };
    }),
  );
}

export function sizeTable(rows: readonly SizeRow[]): string {
  const cells = rows.map((row) => [
    ...[row.id, row.quantization, row.computed.toLocaleString('en')],
    row.published?.toLocaleString('en') ?? 'not known',
    row.difference === null ? '' : `${(100 * row.difference).toFixed(3)} %`,
    row.status,
  ]);
  const all = [['model', 'mix', 'computed', 'published', 'difference', 'shape'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
