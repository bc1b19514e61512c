import type {
  KvType,
  LoadedMemory,
  MemoryComparison,
  MemoryMatrix,
  PredictedMemory,
} from '../../electron/ipc/contract/index.ts';

/** Answers about memory as CORE would give them, for component tests. */

export const loadedMemory = (over: Partial<LoadedMemory> = {}): LoadedMemory => ({
  modelId: 'm',
  modelName: 'granite-4.0-h-tiny',
  contextSize: 32_768,
  sessions: 4,
  kvType: 'f16',
  sample: {
    at: 0,
    modelId: 'm',
    pid: 7,
    resident: 200 * 2 ** 20,
    proportional: null,
    privateBytes: null,
    swapped: null,
    footprint: null,
    commit: null,
    weights: 100 * 2 ** 20,
    kv: 20 * 2 ** 20,
    recurrent: 10 * 2 ** 20,
    compute: 15 * 2 ** 20,
    output: 5 * 2 ** 20,
    checkpoints: 0,
    process: 40 * 2 ** 20,
    untouched: 0,
    vram: null,
  },
  weightParts: { mapped: 0, read: 100 * 2 ** 20, repacked: 0, device: 0 },
  devices: [],
  predicted: {
    weights: 100 * 2 ** 20,
    kv: 20 * 2 ** 20,
    recurrent: 10 * 2 ** 20,
    compute: 20 * 2 ** 20,
    output: 0,
    checkpoints: 0,
    process: 40 * 2 ** 20,
    total: 190 * 2 ** 20,
    ceiling: 200 * 2 ** 20,
  },
  errorPercent: -5,
  hasAnswered: true,
  shares: [],
  ...over,
});

export const matrix = (over: Partial<MemoryMatrix> = {}): MemoryMatrix => ({
  modelId: 'm',
  isHybrid: true,
  weights: 2 ** 30,
  kvBytesPerToken: 8192,
  denseKvBytesPerToken: 81_920,
  recurrentBytesPerSession: 58_060_800,
  cells: [4096, 32_768, 131_072].flatMap((contextSize) =>
    [1, 4, 16].map((sessions) => ({
      contextSize,
      sessions,
      asIs: 2 ** 30 + sessions * (contextSize * 8192 + 58_060_800),
      dense: 2 ** 30 + sessions * contextSize * 81_920,
      fits: contextSize * sessions < 2 ** 20,
    })),
  ),
  machineTotal: 24 * 2 ** 30,
  machineAvailable: 20 * 2 ** 30,
  ...over,
});

const prediction = (total: number, ceiling = total) => ({
  ...loadedMemory().predicted,
  total,
  ceiling,
});

/** `fits` follows from the figures, as CORE would say it. */
export function predictedMemory(
  over: Partial<PredictedMemory> & { total?: number; ceiling?: number } = {},
): PredictedMemory {
  const { total = 4.5 * 2 ** 30, ceiling = total, ...rest } = over;
  const machineAvailable = over.machineAvailable ?? 12 * 2 ** 30;
  return {
    modelId: 'm',
    catalogId: null,
    name: 'granite-4.0-h-tiny',
    quantization: 'Q4_K_M',
    isHybrid: true,
    contextSize: 32_768,
    sessions: 4,
    kvType: 'f16',
    checkpoints: 0,
    contextLimit: 131_072,
    prediction: prediction(total, ceiling),
    perToken: 8192,
    perSession: 2 ** 28,
    fits: ceiling <= machineAvailable,
    machineTotal: 24 * 2 ** 30,
    machineAvailable,
    accuracy: { count: 0, medianPercent: null, withinPercent: null },
    ...rest,
  };
}

/** H-Micro beside Micro. */
export function comparison(
  over: Partial<MemoryComparison> & { oneTotals?: number[]; otherTotals?: number[] } = {},
): MemoryComparison {
  const { oneTotals, otherTotals, ...rest } = over;
  const contexts = [4096, 131_072];
  return {
    contextSize: 4096,
    sessions: 1,
    kvType: 'f16' as KvType,
    contexts,
    one: {
      modelId: null,
      catalogId: 'granite-4.0-h-micro',
      name: 'H-Micro',
      isHybrid: true,
      prediction: prediction(2.1 * 2 ** 30),
      totals: oneTotals ?? [2.1 * 2 ** 30, 3.1 * 2 ** 30],
      measured: null,
    },
    other: {
      modelId: null,
      catalogId: 'granite-4.0-micro',
      name: 'Micro',
      isHybrid: false,
      prediction: prediction(2.5 * 2 ** 30),
      totals: otherTotals ?? [2.5 * 2 ** 30, 12.2 * 2 ** 30],
      measured: null,
    },
    differencePercent: -16,
    breakEven: 256,
    measuredPercent: null,
    ...rest,
  };
}
