import type {
  AutomaticOptions,
  ErrorShape,
  KvType,
  LoadOptions,
} from '../../../../../electron/ipc/contract/index.ts';
import { count, figure, percent, t } from '../../../i18n/index.ts';

/** One change to a load that was refused, with which it fits. */
export interface LoadChoice {
  readonly kind: 'shorter' | 'kv' | 'fewer';
  /** Exactly what is loaded; what an older refusal did not say is left to the settings. */
  readonly options: Partial<LoadOptions>;
  /** "16,384 tokens of context". */
  readonly words: string;
  /** The change alone, where all else is in view: "16,384 tokens". */
  readonly short: string;
  /** Bytes that must be free for it; null where it is not known. */
  readonly needed: number | null;
}

/** Share of f16 that a KV cache takes: ggml keeps 32 elements in 64, 34 and 18 bytes. */
const kvShare: Readonly<Record<KvType, number>> = { f16: 1, q8_0: 34 / 64, q4_0: 18 / 64 };

/** What a type of the memory for text costs, in one plain line. */
export const kvNote = (type: KvType): string =>
  t(`load.kv.${type}Note`, { percent: percent(kvShare[type]) });

const bits: Readonly<Record<KvType, number>> = { f16: 16, q8_0: 8, q4_0: 4 };

/** What the facts of a refusal offer (`electron/models/choices.ts`). */
export function choicesOf({ detail = {} }: ErrorShape): readonly LoadChoice[] {
  const figure = (key: string): number => Number(detail[key] ?? 0);
  const needed = (key: string): number | null => figure(key) || null;
  const type = (value: unknown): KvType | undefined =>
    value === 'f16' || value === 'q8_0' || value === 'q4_0' ? value : undefined;
  const kvType = type(detail['kvType']);
  const same = {
    ...(figure('sessions') > 0 && { sessions: figure('sessions') }),
    ...(kvType && { kvType }),
  };
  const choices: LoadChoice[] = [];
  const shorter = figure('shorter');
  if (shorter > 0) {
    choices.push({
      kind: 'shorter',
      options: { ...same, contextSize: shorter },
      short: t('settings.tokens', { count: count(shorter) }),
      words: t('load.choice.shorter', { context: count(shorter) }),
      needed: needed('shorterNeeds'),
    });
  }
  const coarse = type(detail['kv']);
  if (coarse) {
    const contextSize = figure('kvContext');
    choices.push({
      kind: 'kv',
      options: { ...same, contextSize, kvType: coarse },
      short: t(`load.kv.${coarse}`),
      words: t('load.choice.kv', { bits: bits[coarse], context: count(contextSize) }),
      needed: needed('kvNeeds'),
    });
  }
  const sessions = figure('fewer');
  if (sessions > 0) {
    const contextSize = figure('fewerContext');
    choices.push({
      kind: 'fewer',
      options: { ...same, contextSize, sessions },
      short: t('settings.sessionsValue', { count: sessions }),
      words: t('load.choice.fewer', { sessions, context: count(contextSize) }),
      needed: needed('fewerNeeds'),
    });
  }
  return choices;
}

/** Contexts to choose from: powers of two up to the trained length, that itself, and the present one. */
export function contextsUpTo(limit: number, present: number): readonly number[] {
  const stops = new Set([limit, Math.min(limit, present)]);
  for (let size = 512; size < limit; size *= 2) stops.add(size);
  return [...stops].sort((a, b) => a - b);
}

export const sameOptions = (a: LoadOptions, b: LoadOptions): boolean =>
  a.contextSize === b.contextSize &&
  a.sessions === b.sessions &&
  a.kvType === b.kvType &&
  (a.threads ?? null) === (b.threads ?? null) &&
  (a.gpuLayers ?? null) === (b.gpuLayers ?? null) &&
  (a.flashAttention ?? true) === (b.flashAttention ?? true);

/** Of all that a plan holds, how the model is loaded; what was not chosen stays automatic. */
export function optionsOf(from: LoadOptions): LoadOptions {
  const { contextSize, sessions, kvType, threads, gpuLayers, flashAttention } = from;
  return {
    ...{ contextSize, sessions, kvType },
    ...(threads !== undefined && { threads }),
    ...(gpuLayers !== undefined && { gpuLayers }),
    // Remembered text in fewer bits needs it: choosing that chooses both.
    ...(flashAttention !== undefined && { flashAttention: flashAttention || kvType !== 'f16' }),
  };
}

/** What automatic chose and why, or would have, in one line. */
export function threadsNote(
  chosen: number | null,
  automatic: AutomaticOptions | undefined,
): string {
  const words = (threads: number): string => t('settings.threadsValue', { count: threads });
  const threads = automatic?.threads ?? null;
  if (automatic === undefined || threads === null) return t('load.threadsAuto.later');
  if (chosen !== null) return t('load.threadsOwn', { count: words(chosen), auto: words(threads) });
  if (automatic.threadsFrom === 'settings') {
    return t('load.threadsAuto.settings', { count: words(threads) });
  }
  const { timings } = automatic;
  const best = timings.find((timing) => timing.threads === threads);
  return t('load.threadsAuto.measured', {
    count: words(threads),
    tried: timings.length > 1 ? String(timings.length) : 'one',
    speed: best ? figure(1000 / Math.max(best.msPerToken, 0.01)) : '',
  });
}
