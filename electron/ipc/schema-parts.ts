import * as v from 'valibot';
import { answerModes, documentUses, kvTypes, rewriteChoices } from './contract/index.ts';

// Bounds are far above what the app itself sends: they only keep a broken or taken-over window from
// filling memory or the database.
export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
/** Longest name that file systems know, in whatever they count. */
export const fileName = v.pipe(v.string(), v.minLength(1), v.maxLength(1_020));
export const title = v.pipe(v.string(), v.maxLength(1_000));
export const query = v.pipe(v.string(), v.maxLength(10_000));
export const longText = v.pipe(v.string(), v.maxLength(2_000_000));
export const path = v.pipe(v.string(), v.minLength(1), v.maxLength(32_767));
export const paths = v.pipe(v.array(path), v.minLength(1), v.maxLength(100_000), v.readonly());
export const anyPaths = v.pipe(v.array(path), v.maxLength(100_000), v.readonly());
export const onePath = v.pipe(v.array(path), v.length(1), v.readonly());
export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const tokens = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 20));
const between = (low: number, high: number) =>
  v.pipe(v.number(), v.minValue(low), v.maxValue(high));
export const wholeBetween = (low: number, high: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(low), v.maxValue(high));

const address = v.pipe(v.string(), v.maxLength(2_048));

// Bounds only: what a token may hold is told with words of its own.
export const token = v.pipe(v.string(), v.maxLength(10_000));
export const modelPlace = v.variant('kind', [
  v.strictObject({
    kind: v.literal('hub'),
    repository: id,
    revision: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
    file: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  }),
  v.strictObject({
    kind: v.literal('address'),
    url: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
  }),
]);
export const sessionCount = wholeBetween(1, 64);
export const kvType = v.picklist(kvTypes);
export const engineOptions = {
  threads: v.exactOptional(v.nullable(wholeBetween(1, 1_024))),
  gpuLayers: v.exactOptional(v.nullable(wholeBetween(0, 1_000))),
  flashAttention: v.exactOptional(v.boolean()),
};
export const modelRef = {
  modelId: v.exactOptional(id),
  catalogId: v.exactOptional(id),
  quantization: v.exactOptional(id),
};

const consent = v.picklist(['ask', 'allow', 'off']);

export const none = v.strictObject({});
export const scope = v.variant('kind', [
  v.strictObject({ kind: v.literal('none') }),
  v.strictObject({ kind: v.literal('all') }),
  v.strictObject({ kind: v.literal('collection'), collectionId: id }),
  v.strictObject({ kind: v.literal('document'), documentId: id }),
  v.strictObject({
    kind: v.literal('some'),
    collectionIds: v.pipe(v.array(id), v.maxLength(1_000), v.readonly()),
    documentIds: v.pipe(v.array(id), v.maxLength(1_000), v.readonly()),
  }),
]);
export const use = v.picklist(documentUses);
export const searched = v.strictObject({
  query,
  scope: v.exactOptional(scope),
  limit: v.exactOptional(wholeBetween(1, 1_000)),
  filters: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          kind: v.picklist(['in', 'file', 'type', 'after', 'before']),
          value: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)),
        }),
      ),
      v.maxLength(100),
      v.readonly(),
    ),
  ),
});
export const mode = v.picklist(answerModes);
export const settings = v.strictObject({
  theme: v.exactOptional(v.picklist(['system', 'light', 'dark', 'contrast'])),
  locale: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/))),
  textSize: v.exactOptional(between(13, 20)),
  welcomed: v.exactOptional(v.boolean()),
  defaultModelId: v.exactOptional(v.nullable(id)),
  temperature: v.exactOptional(between(0, 5)),
  topP: v.exactOptional(between(0, 1)),
  topK: v.exactOptional(wholeBetween(0, 1_000_000)),
  maxAnswerTokens: v.exactOptional(tokens),
  contextSize: v.exactOptional(v.nullable(tokens)),
  sessions: v.exactOptional(wholeBetween(1, 64)),
  threads: v.exactOptional(v.nullable(wholeBetween(1, 1_024))),
  kvType: v.exactOptional(kvType),
  embeddingModel: v.exactOptional(id),
  proxyMode: v.exactOptional(v.picklist(['system', 'none', 'manual'])),
  proxyAddress: v.exactOptional(address),
  proxyBypass: v.exactOptional(v.pipe(v.string(), v.maxLength(8_192))),
  mirror: v.exactOptional(v.nullable(address)),
  refreshKeys: v.exactOptional(v.boolean()),
  keepStates: v.exactOptional(v.boolean()),
  statesBudget: v.exactOptional(v.nullable(whole)),
  encryptStates: v.exactOptional(v.boolean()),
  nameByModel: v.exactOptional(v.boolean()),
  rewriteQuestions: v.exactOptional(v.picklist(rewriteChoices)),
  ocr: v.exactOptional(v.boolean()),
  ocrLanguages: v.exactOptional(v.pipe(v.string(), v.maxLength(600))),
  checkEvery: v.exactOptional(v.picklist(['never', 'month', 'week'])),
  tools: v.exactOptional(
    v.strictObject({
      search_documents: consent,
      read_document: consent,
      calculator: consent,
      date_time: consent,
    }),
  ),
});
