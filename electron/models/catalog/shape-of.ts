import type { ModelHeader } from '../../ipc/contract/index.ts';
import type { Shape } from './catalog.ts';
import { countParameters } from './size.ts';

/** Whether a file's header is that of a model of this shape. Names are not asked: they can say anything. */
export function isShapeOf(shape: Shape | null, header: ModelHeader): boolean {
  return (
    shape !== null &&
    shape.architecture === header.architecture &&
    shape.layers === header.layers &&
    shape.embedding === header.embeddingLength &&
    shape.vocabulary === header.vocabulary &&
    Math.abs(countParameters(shape) / header.parameters - 1) < 0.03
  );
}
