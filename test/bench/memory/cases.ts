import type { KvType } from '../../../electron/ipc/contract/index.ts';

/** The models that `npm run bench memory` measures, smallest first. All of them as Q4_K_M. */
export const benchModels = ['350m', 'h-350m', '1b', 'h-1b', 'micro', 'h-micro', 'h-tiny'] as const;
export type BenchModel = (typeof benchModels)[number];

/** One load to measure. */
export interface Case {
  readonly model: BenchModel;
  readonly contextSize: number;
  readonly sessions: number;
  /** Tokens to read before measuring; less than the usual ones where reading takes a minute. */
  readonly promptTokens?: number;
  /** 'f16' if not given. */
  readonly kvType?: KvType;
}

const contexts = [4096, 32_768, 131_072] as const;
const sessionCounts = [1, 4, 16] as const;

/** What the 350M models were trained to. */
function longest(model: BenchModel): number {
  return model.endsWith('350m') ? 32_768 : 131_072;
}

/** On one thread the large ones read a handful of tokens a second. */
function shorter(model: BenchModel): { promptTokens?: number } {
  return /micro|tiny/.test(model) ? { promptTokens: 40 } : {};
}

export function casesOf(models: readonly BenchModel[]): Case[] {
  return models.flatMap((model) =>
    contexts
      .filter((contextSize) => contextSize <= longest(model))
      .flatMap((contextSize) =>
        sessionCounts.map((sessions) => ({ model, contextSize, sessions, ...shorter(model) })),
      ),
  );
}

/** Short texts for the loads that the compute table is fitted on, and whole batches for its other half. */
export function fitCases(models: readonly BenchModel[]): (Case & { readonly full: boolean })[] {
  const large: readonly BenchModel[] = ['micro', 'h-micro', 'h-tiny'];
  const dear: readonly BenchModel[] = ['micro', 'h-micro'];
  return models.flatMap((model) => [
    { model, contextSize: 4096, sessions: 1, full: false },
    ...(large.includes(model) ? [] : [{ model, contextSize: 4096, sessions: 8, full: false }]),
    ...(dear.includes(model) ? [] : [{ model, contextSize: 4096, sessions: 4, full: true }]),
  ]);
}
