import { getLlama, GgufInsights, LlamaLogLevel, readGgufFileInfo } from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';

/** What node-llama-cpp says that a load takes, in bytes; null where it did not answer. */
export interface PeerEstimate {
  /** By its own formulas, with its rough guess for the graph. */
  readonly formula: number | null;
  /** By llama.cpp itself, which makes model and context without allocating: what its `--fit` asks too. */
  readonly simulated: number | null;
}

/** Estimates the same loads as ENGINE makes them: no graphics, weights read, flash attention on. */
export async function openPeer(): Promise<{
  estimate(path: string, contextSize: number, sessions: number): Promise<PeerEstimate>;
  close(): Promise<void>;
}> {
  const llama: Llama = await getLlama({
    gpu: false,
    build: 'never',
    progressLogs: false,
    logLevel: LlamaLogLevel.fatal,
  });
  const known = new Map<string, Promise<GgufInsights>>();
  const insightsOf = (path: string): Promise<GgufInsights> => {
    const found =
      known.get(path) ?? readGgufFileInfo(path).then((info) => GgufInsights.from(info, llama));
    known.set(path, found);
    return found;
  };
  return {
    async estimate(path, contextSize, sessions) {
      const insights = await insightsOf(path);
      const model = { gpuLayers: 0, useMmap: false };
      const context = {
        contextSize,
        sequences: sessions,
        modelGpuLayers: 0,
        batchSize: Math.min(512, contextSize),
        flashAttention: true,
      };
      const tried = async (estimate: () => Promise<number>) => estimate().catch(() => null);
      return {
        formula: await tried(
          async () =>
            insights.estimateModelResourceRequirements(model).cpuRam +
            insights.estimateContextResourceRequirements(context).cpuRam,
        ),
        simulated: await tried(
          async () =>
            (await insights.estimateModelResourceRequirementsV2(model)).cpuRam +
            (await insights.estimateContextResourceRequirementsV2({ ...context, useMmap: false }))
              .cpuRam,
        ),
      };
    },
    close: () => llama.dispose(),
  };
}
