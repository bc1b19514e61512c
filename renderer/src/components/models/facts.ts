import type {
  CatalogOffer,
  ExpectedSpeed,
  Model,
  ModelHeader,
} from '../../../../electron/ipc/contract/index.ts';
import { bytes, count, t } from '../../i18n/index.ts';
import { locale } from '../../i18n/translate.svelte.ts';

/** "3.19 billion", "5.1 million". */
export function parameters(value: number): string {
  return new Intl.NumberFormat(locale(), {
    notation: 'compact',
    compactDisplay: 'long',
    maximumSignificantDigits: 3,
  }).format(value);
}

/** One plain sentence about a header. */
export function sentenceOf(header: ModelHeader): string {
  if (header.purpose === 'other') return t('embedding.other');
  if (header.purpose === 'embedding') {
    return t('embedding.sentence', {
      parameters: parameters(header.parameters),
      dimensions: count(header.embeddingLength),
    });
  }
  const key = header.recurrentLayers > 0 ? 'models.hybrid' : 'models.dense';
  return t(key, { parameters: parameters(header.parameters) });
}

/** Whether a conversation may use it: shapes of random weights and models that find passages cannot answer. */
export const mayAnswer = ({ header }: Model): boolean =>
  header.isShape !== true && header.purpose === undefined;

/** What a row says of a model below its name. */
export function describe(model: Model): string {
  if (model.header.purpose !== undefined) return sentenceOf(model.header);
  if (!mayAnswer(model)) return t('shapes.what');
  const parts = [model.origin === 'builtin' ? t('models.miniature') : sentenceOf(model.header)];
  if (model.promptLimit !== null) {
    parts.push(t('models.miniatureLimit', { tokens: count(model.promptLimit) }));
  }
  if (!model.header.hasChatTemplate) parts.push(t('models.noTemplate'));
  return parts.join(' ');
}

/** Names that tell models apart: with the quantisation where two have one name, then with the origin. */
export function distinctNames(models: readonly Model[]): ReadonlyMap<string, string> {
  const plain = (model: Model) => model.name;
  const longer = (model: Model) => `${model.name} ${model.header.quantization}`;
  const longest = (model: Model) => `${longer(model)}, ${t(`models.origin.${model.origin}`)}`;
  const isAlone = (model: Model, wording: (one: Model) => string) =>
    models.every((other) => other === model || wording(other) !== wording(model));
  return new Map(
    models.map((model) => {
      const wording = [plain, longer].find((one) => isAlone(model, one)) ?? longest;
      return [model.id, wording(model)];
    }),
  );
}

export type Fit = 'fits' | 'tight' | 'too-large';

/** Whether a model goes into the machine: over 80 % of all memory is tight, over 95 % too large. */
export function fitOf(needed: number, total: number): Fit {
  if (needed > total * 0.95) return 'too-large';
  return needed > total * 0.8 ? 'tight' : 'fits';
}

/** What fits first; within that the default model, then the newest. */
export function inOrder(
  models: readonly Model[],
  defaultId: string | null,
  total: number,
): readonly Model[] {
  const rank = (model: Model) =>
    (model.missing ? 4 : 0) +
    (total > 0 && fitOf(model.predictedBytes, total) === 'too-large' ? 2 : 0) +
    (model.id === defaultId ? 0 : 1);
  return [...models].sort((a, b) => rank(a) - rank(b) || b.addedAt - a.addedAt);
}

/** A file's size; "about" unless two sources, a signature or the hub itself vouch for it. */
export function sizeOf({ bytes: size, bytesSource }: CatalogOffer): string {
  const isSure = bytesSource === 'pinned' || bytesSource === 'hub';
  return isSure ? bytes(size) : t('catalog.about', { size: bytes(size) });
}

/** "about 9–14 tokens a second"; '' where it cannot be told. No more digits than a range deserves. */
export function speedWords(speed: ExpectedSpeed | null | undefined): string {
  if (!speed) return '';
  const rounded = (value: number): string =>
    new Intl.NumberFormat(locale(), {
      maximumSignificantDigits: value < 1 ? 1 : 2,
      maximumFractionDigits: value < 10 ? 1 : 0,
      roundingPriority: 'lessPrecision',
    }).format(value);
  return t('fit.speed', { low: rounded(speed.low), high: rounded(speed.high) });
}
