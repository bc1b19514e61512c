import type { ModelHeader } from '../../../electron/ipc/contract/index.ts';
import type { Row } from './measure.ts';

/** A measured load with the facts of its model. */
export interface Sample {
  readonly header: ModelHeader;
  readonly row: Row;
}

const f32 = 4;
const chunk = 128;
const batch = 512;
type Kind = 'dense' | 'hybrid' | 'experts';
const kinds = ['dense', 'hybrid', 'experts'] as const;

function kindOf(header: ModelHeader): Kind {
  if (header.experts > 0) return 'experts';
  return header.recurrentLayers > 0 ? 'hybrid' : 'dense';
}

/** Bytes that no formula explains: what the process took more than before it had the model. */
function unexplained({ header, row }: Sample): number {
  const { measured, predicted } = row;
  const mask = header.attentionLayers > 0 ? (row.full ? batch : chunk) * tokensOf(row) * 2 : 0;
  return (
    measured.resident -
    measured.process -
    predicted.weights -
    predicted.kv -
    predicted.recurrent -
    predicted.checkpoints -
    predicted.output -
    mask
  );
}

function tokensOf(row: Row): number {
  return Math.max(...row.measured.sessions.map(({ tokens }) => tokens));
}

/**
 * Least squares over the short loads for what a model costs besides its buffers: a share of its own, a
 * share a token of the vocabulary, a share a session, and for each kind of model a width of its
 * intermediate results in multiples of the embedding length. Errors count as parts of the whole
 * process, so that a large model's few megabytes do not outweigh a small one's. The widths of whole
 * batches are then what is left of the loads that made them.
 */
export function fitTable(samples: readonly Sample[]) {
  const short = samples.filter(({ row }) => !row.full);
  const rows = short.map((sample) => {
    const { header, row } = sample;
    const unit = chunk * f32 * header.embeddingLength;
    const weight = 1 / row.measured.resident;
    const features = [
      1,
      header.vocabulary,
      row.sessions,
      ...kinds.map((kind) => (kind === kindOf(header) ? unit : 0)),
    ];
    return { x: features.map((one) => one * weight), y: unexplained(sample) * weight };
  });
  const [modelBytes = 0, vocabularyBytes = 0, sessionBytes = 0, ...found] = leastSquares(
    rows.map(({ x }) => x),
    rows.map(({ y }) => y),
  );
  const widths = Object.fromEntries(kinds.map((kind, at) => [kind, found[at] ?? 0]));
  const rest = ({ header, row }: Sample): number =>
    modelBytes + vocabularyBytes * header.vocabulary + sessionBytes * row.sessions;
  const full = Object.fromEntries(
    kinds.map((kind) => {
      const mine = samples.filter(({ header, row }) => row.full && kindOf(header) === kind);
      const each = mine.map(
        (sample) =>
          (unexplained(sample) - rest(sample)) / (batch * f32 * sample.header.embeddingLength),
      );
      return [kind, Math.max(0, ...each)];
    }),
  );
  const bare = short.map(({ row }) => row.measured.process).sort((a, b) => a - b);
  const rounded = (values: Record<string, number>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value)]));
  return {
    processBytes: Math.round(bare[Math.floor(bare.length / 2)] ?? 0),
    modelBytes: Math.round(modelBytes),
    vocabularyBytes: round(vocabularyBytes),
    sessionBytes: Math.round(sessionBytes),
    widths: rounded(widths),
    fullWidths: rounded(full),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Solves the normal equations by elimination with pivots. Columns are brought to one scale first. */
export function leastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): number[] {
  const width = rows[0]?.length ?? 0;
  const scale = Array.from({ length: width }, (_, at) =>
    Math.max(Number.MIN_VALUE, ...rows.map((row) => Math.abs(row[at] ?? 0))),
  );
  const scaled = rows.map((row) => row.map((one, at) => one / (scale[at] ?? 1)));
  const matrix = Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (_unused, j) =>
      scaled.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), i === j ? 1e-12 : 0),
    ),
    scaled.reduce((sum, row, at) => sum + (row[i] ?? 0) * (values[at] ?? 0), 0),
  ]);
  for (let column = 0; column < width; column += 1) {
    const order = matrix
      .slice(column)
      .sort((a, b) => Math.abs(b[column] ?? 0) - Math.abs(a[column] ?? 0));
    matrix.splice(column, order.length, ...order);
    const pivot = matrix[column] ?? [];
    for (const row of matrix) {
      if (row === pivot) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      row.forEach((value, at) => {
        row[at] = value - factor * (pivot[at] ?? 0);
      });
    }
  }
  return matrix.map((row, at) => (row[width] ?? 0) / (row[at] ?? 1) / (scale[at] ?? 1));
}
