import { AppError } from '../ipc/app-error.ts';
import type {
  ContextReason,
  KvType,
  LoadOptions,
  MemoryPrediction,
  ModelHeader,
} from '../ipc/contract/index.ts';
import { predictMemory } from '../memory/estimate.ts';
import { miniatureName } from './header.ts';

/** Contexts are planned no larger than this by themselves; a person may choose more. */
const plannedAtMost = 32_768;
/** A context below this is worth unloading another idle model for. */
const comfortable = 8192;
const smallest = 1024;
/** The miniature needs no more: its prompts stay under 704 tokens. */
const miniatureContext = 2048;
const miniaturePromptLimit = 704;

const mebi = 1024 * 1024;

/**
 * Longest context that the app offers: the trained length, never the header's claim alone. Hybrids
 * without positions claim 2^20 (granite.md §2); Granite 4 was trained to 131072, its 350M models to
 * 32768, told apart by name or by shape.
 */
export function contextLimit(header: ModelHeader): number {
  const declared = header.declaredContext > 0 ? header.declaredContext : 4096;
  const granite = header.architecture === 'granite' || header.architecture === 'granitehybrid';
  if (granite) return Math.min(declared, isGranite350(header) ? 32_768 : 131_072);
  if (header.recurrentLayers > 0 && declared >= 2 ** 20) return 131_072;
  return declared;
}

function isGranite350(header: ModelHeader): boolean {
  if (/\b350m\b/i.test(header.name)) return true;
  const { embeddingLength, layers } = header;
  return (embeddingLength === 1024 && layers === 28) || (embeddingLength === 768 && layers === 32);
}

/** Tokens that prompts must stay under, where a model is known to fail beyond. */
export function promptLimit(header: ModelHeader): number | null {
  return header.name === miniatureName ? miniaturePromptLimit : null;
}

/** Bytes that checkpoints of a hybrid may take: four per session, at most 512 MiB. */
export function checkpointBudget(header: ModelHeader, sessions: number): number {
  return Math.min(512 * mebi, header.recurrentBytesPerSession * sessions * 4);
}

/** Memory left to everything else on the machine: a tenth, between 256 MiB and 2 GiB. */
export function headroom(totalMemory: number): number {
  return Math.min(2048 * mebi, Math.max(256 * mebi, totalMemory / 10));
}

/** How a model is loaded beside its context; what is not given is automatic. */
export type EngineOptions = Pick<LoadOptions, 'threads' | 'gpuLayers' | 'flashAttention'>;

export interface Plan {
  /** As they were wished. */
  readonly engine: EngineOptions;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  /** As it was wished. */
  readonly bare: number | null;
  readonly checkpointBudget: number;
  readonly predicted: MemoryPrediction;
  /** The prediction's ceiling plus checkpoints plus headroom: what must be available. */
  readonly needed: number;
  readonly fits: boolean;
  /** It fits, with a context that is no smaller than it would be on an empty machine or 8192. */
  readonly comfortable: boolean;
}

export interface PlanWish extends EngineOptions {
  /** null = as much as fits, up to 32768. */
  readonly contextSize: number | null;
  readonly sessions: number;
  /** 'f16' if not given. */
  readonly kvType?: KvType;
  /** Bytes that an ENGINE without a model takes on this machine, where that was measured. */
  readonly bare?: number;
}

/** Only what was wished: what is automatic is left out. */
export function engineOptions({
  threads,
  gpuLayers,
  flashAttention,
}: EngineOptions): EngineOptions {
  return {
    ...(typeof threads === 'number' && { threads }),
    ...(typeof gpuLayers === 'number' && { gpuLayers }),
    ...(flashAttention === false && { flashAttention }),
  };
}

/**
 * Bytes that llama.cpp reserves more without flash attention, at most: the scores of a whole batch
 * against the context as f32, for each head. Heads are at least 64 wide.
 */
function scoreBytes(header: ModelHeader, contextSize: number): number {
  if (header.attentionLayers === 0) return 0;
  return 4 * Math.ceil(header.embeddingLength / 64) * Math.min(512, contextSize) * contextSize;
}

/**
 * Chooses the context for a machine: the wish as it is, or the largest power of two below the
 * trained length that fits into the memory that is available now.
 */
export function planFit(
  header: ModelHeader,
  wish: PlanWish,
  memory: { readonly total: number; readonly available: number },
): Plan {
  const cap = contextLimit(header);
  const plan = (contextSize: number): Plan => {
    const { kvType = 'f16', bare } = wish;
    const flashed = predictMemory(header, contextSize, wish.sessions, {
      kvType,
      ...(bare !== undefined && { bare }),
    });
    const scores = wish.flashAttention === false ? scoreBytes(header, contextSize) : 0;
    const predicted = { ...flashed, ceiling: flashed.ceiling + scores };
    const budget = checkpointBudget(header, wish.sessions);
    const needed = Math.ceil(predicted.ceiling + budget + headroom(memory.total));
    const fits = needed <= memory.available;
    return {
      contextSize,
      sessions: wish.sessions,
      kvType,
      engine: engineOptions(wish),
      bare: bare ?? null,
      checkpointBudget: budget,
      predicted,
      needed,
      fits,
      comfortable: fits && (wish.contextSize !== null || contextSize >= Math.min(cap, comfortable)),
    };
  };
  if (header.name === miniatureName) {
    const most = Math.min(cap, wish.contextSize ?? miniatureContext);
    const small = plan(most);
    return { ...small, comfortable: small.fits };
  }
  if (wish.contextSize !== null) return plan(Math.min(cap, wish.contextSize));
  const most = Math.min(cap, plannedAtMost);
  let contextSize = most;
  while (!plan(contextSize).fits && contextSize / 2 >= Math.min(smallest, most)) {
    contextSize = contextSize === most ? 2 ** Math.ceil(Math.log2(most) - 1) : contextSize / 2;
  }
  return plan(contextSize);
}

/** What decided the context of `planFit`'s plan for this wish. */
export function contextReason(
  header: ModelHeader,
  wish: Pick<PlanWish, 'contextSize'>,
  { contextSize, fits }: Pick<Plan, 'contextSize' | 'fits'>,
): ContextReason {
  const cap = contextLimit(header);
  const wished = wish.contextSize;
  if (wished !== null) return wished > cap ? 'trained' : 'settings';
  if (header.name === miniatureName) return contextSize < cap ? 'demo' : 'trained';
  if (contextSize < Math.min(cap, plannedAtMost)) return fits ? 'memory' : 'least';
  return cap <= plannedAtMost ? 'trained' : 'usual';
}

/** The longest context below the plan's, a power of two from 1024, that the memory allows; 0 = none. */
export function shorterContext(
  header: ModelHeader,
  plan: Plan,
  memory: { readonly total: number; readonly available: number },
): number {
  const { sessions, kvType, bare } = plan;
  const same = { sessions, kvType, ...plan.engine, ...(bare !== null && { bare }) };
  for (let power = 2 ** Math.ceil(Math.log2(plan.contextSize) - 1); power >= smallest; power /= 2) {
    if (planFit(header, { ...same, contextSize: power }, memory).fits) return power;
  }
  return 0;
}

/** The refusal before loading, with the numbers a person needs to choose something smaller. */
export function tooLarge(
  file: string,
  plan: Plan,
  memory: { readonly total: number; readonly available: number },
  help: Readonly<Record<string, string | number>> = {},
): AppError {
  return new AppError('model-too-large', 'the model does not fit into the available memory', {
    detail: {
      file,
      needed: plan.needed,
      available: memory.available,
      total: memory.total,
      context: plan.contextSize,
      sessions: plan.sessions,
      kvType: plan.kvType,
      ...help,
    },
  });
}
