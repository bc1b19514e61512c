import type { ModelHeader } from '../../ipc/contract/index.ts';
import { planFit } from '../fit.ts';
import type { PlanWish } from '../fit.ts';
import type { Catalog, CatalogModel } from './catalog.ts';
import { isShapeOf } from './shape-of.ts';
import { fileBytes, headerOf } from './size.ts';

export interface Smaller {
  /** Model and quantisation. */
  readonly name: string;
  /** Bytes that must be free for it. */
  readonly needed: number;
}

/**
 * What of the catalogue would go into the memory that is there: the same model with coarser weights,
 * as fine as fits, else the model that is picked first of those that fit; null where none does.
 */
export function smallerThan(
  header: ModelHeader,
  catalog: Catalog,
  wish: PlanWish,
  memory: { readonly total: number; readonly available: number },
): Smaller | null {
  const usual = catalog.models.filter(
    ({ use, variant, state }) => use === 'chat' && variant === 'instruct' && state === 'published',
  );
  const fitting = (model: CatalogModel) =>
    (model.gguf?.files ?? [])
      .flatMap((file) => {
        const { shape } = model;
        const size = shape === null ? null : fileBytes(shape, file);
        if (shape === null || size === null || size.bytes >= header.tensorBytes) return [];
        const plan = planFit(headerOf(model, shape, file, size.bytes), wish, memory);
        const name = `${model.name} ${file.quantization}`;
        return plan.fits ? [{ name, needed: plan.needed, bytes: size.bytes }] : [];
      })
      .sort((a, b) => b.bytes - a.bytes);
  const same = usual.filter(({ shape }) => isShapeOf(shape, header)).flatMap(fitting)[0];
  const other = usual
    .filter(({ preference }) => preference !== null)
    .sort((a, b) => (b.preference ?? 0) - (a.preference ?? 0))
    .flatMap((model) =>
      fitting(model)
        .filter(({ name }) => /Q(4_K_M|8_0)$/.test(name))
        .slice(0, 1),
    )[0];
  const found = same ?? other;
  return found === undefined ? null : { name: found.name, needed: found.needed };
}
