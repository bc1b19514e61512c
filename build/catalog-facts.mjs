// What is known of Granite's models, by hand: `npm run catalog` turns it into resources/catalog.json.
// A value is 'pinned' when IBM's own signature or two independent sources at a pinned revision tell
// it, 'hint' when one other source does: a hint is confirmed by the hub before it is relied on.

import { guess42, known40, signed42 } from './catalog-files.mjs';

export const asOf = '2026-11-22';
export const issuer = 'https://sigstore.verify.ibm.com/oauth2';
const era40 = 'Granite-verify@ibm.com';
const era42 = 'Granite-sign@ibm.com';

/** What IBM's build writes for every GGUF repository, in its order. */
export const quantizations = [
  ...['Q2_K', 'Q3_K_S', 'Q3_K_M', 'Q3_K_L', 'Q4_0', 'Q4_1', 'Q4_K_S', 'Q4_K_M'],
  ...['Q5_0', 'Q5_1', 'Q5_K_S', 'Q5_K_M', 'Q6_K', 'Q8_0'],
];

const vocabulary = 100_352;
/**
 * @param {number} embedding
 * @param {number} layers
 * @param {number[]} heads heads, key/value heads, size of a head
 * @param {number} feedForward
 * @param {boolean} [tied] one table for reading and writing tokens
 */
const dense = (
  embedding,
  layers,
  [heads = 0, kvHeads = 0, headSize = 0],
  feedForward,
  tied = true,
) => ({
  architecture: 'granite',
  ...{ vocabulary, tied, embedding, layers, attentionLayers: null },
  ...{ heads, kvHeads, headSize, feedForward, experts: null, ssm: null },
});
/**
 * @param {ReturnType<typeof dense>} base
 * @param {number[]} attentionLayers
 * @param {number[]} ssm heads, width of a head, inner size
 * @param {number[]} [experts] count, used for a token, size
 */
const hybrid = (base, attentionLayers, [heads = 0, headWidth = 0, inner = 0], experts) => ({
  ...base,
  architecture: 'granitehybrid',
  attentionLayers,
  experts: experts === undefined ? null : { count: experts[0], used: experts[1], size: experts[2] },
  ssm: { heads, headWidth, inner, state: 128, convolution: 4, groups: 1 },
});
const every10 = [5, 15, 25, 35];

const shapes = {
  '350m': dense(1024, 28, [16, 4, 64], 2048),
  'h-350m': hybrid(dense(768, 32, [12, 4, 64], 2048), [10, 13, 17, 27], [48, 32, 1536]),
  '1b': dense(2048, 40, [16, 4, 128], 4096),
  'h-1b': hybrid(dense(1536, 40, [12, 4, 128], 4096), every10, [48, 64, 3072]),
  micro: dense(2560, 40, [40, 8, 64], 8192),
  'h-micro': hybrid(dense(2048, 40, [32, 8, 64], 8192), every10, [64, 64, 4096]),
  'h-tiny': hybrid(dense(1536, 40, [12, 4, 128], 1024), every10, [48, 64, 3072], [64, 6, 512]),
  'h-small': hybrid(dense(4096, 40, [32, 8, 128], 1536), every10, [128, 64, 8192], [72, 10, 768]),
  '3b': dense(2560, 40, [40, 8, 64], 8192),
  '8b': dense(4096, 40, [32, 8, 128], 12_800),
  '30b': dense(4096, 64, [32, 8, 128], 32_768),
};
const untied = (/** @type {ReturnType<typeof dense>} */ shape) => ({ ...shape, tied: false });

const inst = 'published';
const k32 = 32_768;
const k128 = 131_072;
/** id, name, stated parameters, active, trained context, signed weights' revision, order of choice, sentence. */
const rows40 = [
  [
    '350m',
    '350M',
    350e6,
    null,
    k32,
    'bd8a1497065c0d6ba1ef19af6b0d2b14bacf71c2',
    null,
    'Very small: tidies up and sorts short texts on almost any machine, but knows little.',
  ],
  [
    'h-350m',
    'H-350M',
    340e6,
    null,
    k32,
    '3b17b717b8f2f5d305b0a92c1491e239aeda19c8',
    1,
    'The smallest hybrid: quick answers about short texts where memory is scarce.',
  ],
  [
    '1b',
    '1B',
    1.6e9,
    null,
    k128,
    '6a7381ba1f54d684ff508d991aeb7dc580157103',
    null,
    'Small: summaries and simple questions on modest machines, best with short texts.',
  ],
  [
    'h-1b',
    'H-1B',
    1.5e9,
    null,
    k128,
    'd18cca4c121edb87d022116d281ce212c9136f57',
    2,
    'Small hybrid: summaries and simple questions, and long texts cost it little memory.',
  ],
  [
    'micro',
    'Micro',
    3.4e9,
    null,
    k128,
    '56111ae135df9c53a78c99028e7bc24035a9e979',
    null,
    'A capable all-rounder for short and medium texts; long ones take much memory.',
  ],
  [
    'h-micro',
    'H-Micro',
    3.19e9,
    null,
    k128,
    'd5f01a3ea75f088947be3aae039f4ad52837dfde',
    3,
    'A capable all-rounder that reads long documents with little memory.',
  ],
  [
    'h-tiny',
    'H-Tiny',
    6.94e9,
    1e9,
    k128,
    '791e0d3d28c86e106c9b6e0b4cecdee0375b6124',
    4,
    'Quick for its size: uses a part of itself for each word, and reads long documents.',
  ],
  [
    'h-small',
    'H-Small',
    32.2e9,
    9e9,
    k128,
    'b8c0982bab7fde4eb48110f5a069527c008fab39',
    5,
    'The strongest of Granite 4.0: hard questions and tools, on machines with much memory.',
  ],
];
/** Signed revisions and signers of base models, where found. */
const bases = {
  '350m': ['a50b46cef21c8a86b15f0496cb794487a78a910b', era40],
  'h-350m': ['dc555b6939c863bb96034d1eae7601da36bd42e4', era40],
  '1b': ['15148e99f8ca689325e2067ba282b23dec6670c7', era42],
  'h-1b': [null, era42],
  'h-micro': ['372ede0bc484284e08ce574e773c96cd2b89b367', era40],
  micro: [null, era40],
};
const rows4x = [
  [
    '4.1',
    '3b',
    '3B',
    null,
    'c0650403e44e78ec0262dab1c90914c65b196c4e',
    null,
    'A newer all-rounder without thinking aloud; its memory grows with the text.',
  ],
  [
    '4.1',
    '8b',
    '8B',
    null,
    '1504002f650e656a0a3789d99574df12e3e94ed0',
    null,
    'A newer, stronger model for short and medium texts; long ones take much memory.',
  ],
  [
    '4.1',
    '30b',
    '30B',
    null,
    '4fae6278f7132abf5e971f9de49ebbad09c54cce',
    null,
    'The largest of Granite 4.1, for machines with a great deal of memory.',
  ],
  [
    '4.2',
    '3b',
    '3B',
    3.7e9,
    'e459acceac81e5fe67c07d9cfc72329a332e7eb1',
    'c40945d71cd90f249a56985e8155551a9188dc30',
    'Thinks before it answers; small, and slower to begin than the others.',
  ],
  [
    '4.2',
    '8b',
    '8B',
    8.8e9,
    'f8de16cdcdbc6c779ca517604e050d82cc119e44',
    '93f3f6a8938ee922b784cf4e5b4203cd3428df8f',
    'Thinks before it answers: for harder questions when waiting is fine.',
  ],
  [
    '4.2',
    '30b',
    '30B',
    29.3e9,
    '9e668ce1c538387ef24d3644e9b0606647762636',
    '27b350a791e81d9a4d1ddca1c49282e9ec533768',
    'The largest that thinks before it answers; needs a great deal of memory.',
  ],
];

const status = (/** @type {unknown} */ value, /** @type {string} */ found) =>
  value === null || value === undefined ? 'unknown' : found;
const signer = (/** @type {string} */ identity) => ({ identity, issuer });
const blank = { licence: 'Apache-2.0', preference: null, activeParameters: null };

/**
 * @param {string} base
 * @param {string[]} quants
 * @param {Record<string, any[]>} known
 */
const files = (base, quants, known) =>
  quants.map((quantization) => {
    const [bytes = null, sha256 = null, found = 'unknown'] = known[quantization] ?? [];
    return {
      name: `${base}-${quantization}.gguf`,
      quantization,
      size: { bytes, status: status(bytes, found) },
      sha256: { value: sha256, status: status(sha256, found) },
    };
  });

const granite40 = rows40.map(
  ([id, name, parameters, active, context, revision, preference, sentence]) => {
    const known = known40[/** @type {'350m'} */ (id)];
    return {
      ...{ id: `granite-4.0-${id}`, family: 'granite-4.0', name: `Granite 4.0 ${name}` },
      ...{ use: 'chat', variant: 'instruct', state: inst, sentence, ...blank, preference },
      ...{ parameters, activeParameters: active, trainedContext: context },
      ...{ shape: shapes[/** @type {'350m'} */ (id)], shapeStatus: 'known' },
      weights: { repository: `ibm-granite/granite-4.0-${id}`, revision, signer: signer(era40) },
      gguf: {
        repository: `ibm-granite/granite-4.0-${id}-GGUF`,
        repositoryStatus: 'known',
        revision: known.revision?.[0] ?? null,
        revisionStatus: known.revision?.[1] ?? 'unknown',
        ...{ nameStatus: 'pattern', signer: null },
        files: files(`granite-4.0-${id}`, [...quantizations, 'f16'], known.files),
      },
    };
  },
);

const bases40 = rows40.map(([id, name, parameters, active, context]) => {
  const [revision, identity] = bases[/** @type {'350m'} */ (id)] ?? [null, null];
  return {
    ...{ id: `granite-4.0-${id}-base`, family: 'granite-4.0', name: `Granite 4.0 ${name} Base` },
    ...{ use: 'chat', variant: 'base', state: inst, ...blank },
    sentence: 'Continues a text and follows no instructions: for experiments and further training.',
    ...{ parameters, activeParameters: active, trainedContext: context },
    ...{ shape: shapes[/** @type {'350m'} */ (id)], shapeStatus: 'known' },
    weights: {
      repository: `ibm-granite/granite-4.0-${id}-base`,
      revision,
      signer: identity === null ? null : signer(identity ?? ''),
    },
    gguf: {
      repository: `ibm-granite/granite-4.0-${id}-base-GGUF`,
      ...{ repositoryStatus: 'known', revision: null, revisionStatus: 'unknown' },
      ...{ nameStatus: 'pattern', signer: null },
      files: files(`granite-4.0-${id}-base`, [...quantizations, 'f16'], {}),
    },
  };
});

const granite4x = rows4x.map(([family, size, name, parameters, revision, gguf, sentence]) => {
  const id = `granite-${family}-${size}`;
  const shape = shapes[/** @type {'3b'} */ (size)];
  const thinks = family === '4.2';
  const isListed = id === 'granite-4.2-3b';
  const known = isListed
    ? Object.fromEntries(Object.entries(signed42).map(([q, sha]) => [q, [null, sha, 'pinned']]))
    : id === 'granite-4.2-8b'
      ? { Q4_K_M: [null, guess42, 'hint'] }
      : {};
  return {
    ...{ id, family: `granite-${family}`, name: `Granite ${family} ${name}` },
    ...{ use: 'chat', variant: 'instruct', state: inst, sentence, ...blank },
    ...{ parameters, trainedContext: k128 },
    // 4.2's own table was not found: 4.1's numbers with a second token table give IBM's parameter counts.
    ...{ shape: thinks ? untied(shape) : shape, shapeStatus: thinks ? 'derived' : 'known' },
    weights: { repository: `ibm-granite/${id}`, revision, signer: signer(era42) },
    gguf: {
      repository: `ibm-granite/${id}-GGUF`,
      repositoryStatus: thinks || size === '3b' ? 'known' : 'expected',
      revision: gguf,
      revisionStatus: status(gguf, 'pinned'),
      nameStatus: isListed ? 'listed' : 'pattern',
      signer: thinks ? signer(era42) : null,
      files: files(id, [...quantizations, ...(isListed ? ['bf16'] : [])], known),
    },
  };
});

const without = { shape: null, shapeStatus: 'unknown', gguf: null, activeParameters: null };
const others = [
  {
    ...{
      id: 'granite-embedding-97m-multilingual-r2',
      family: 'granite-embedding',
      ...blank,
      ...without,
    },
    ...{
      name: 'Granite Embedding 97M Multilingual R2',
      use: 'embedding',
      variant: 'instruct',
      state: inst,
    },
    sentence: 'Finds passages by meaning in many languages; writes no text.',
    ...{ parameters: 97e6, trainedContext: k32 },
    weights: {
      repository: 'ibm-granite/granite-embedding-97m-multilingual-r2',
      revision: '835ad14087e140460703cf0fae09f97d469d65c2',
      signer: signer(era42),
    },
  },
  {
    ...{ id: 'granite-guardian-4.1-8b', family: 'granite-guardian', ...blank, ...without },
    ...{ name: 'Granite Guardian 4.1 8B', use: 'guardian', variant: 'instruct', state: inst },
    sentence: 'Judges whether a question or an answer is safe and supported; writes no answers.',
    ...{ licence: null, parameters: 8e9, trainedContext: null },
    weights: {
      repository: 'ibm-granite/granite-guardian-4.1-8b',
      revision: 'ab01ccca5dcfb80246369a086a4a87a29198f5af',
      signer: signer(era42),
    },
  },
  ...[
    [
      'granite-4.0-thinking',
      'Granite 4.0 Thinking',
      'Announced by IBM in 2025; not published yet.',
    ],
    ['granite-4.0-medium', 'Granite 4.0 Medium', 'Announced by IBM in 2025; not published yet.'],
  ].map(([id, name, sentence]) => ({
    ...{ id, family: 'granite-4.0', name, use: 'chat', variant: 'instruct', state: 'announced' },
    ...{ sentence, ...blank, ...without, licence: null, parameters: null, trainedContext: null },
    weights: null,
  })),
];

export const models = [...granite40, ...granite4x, ...bases40, ...others];
