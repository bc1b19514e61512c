import type { MemorySample } from '../ipc/contract/index.ts';

/**
 * At most `points` samples of each model: time is cut into as many equal stretches, and of each the
 * sample with the most resident memory stays, so that no peak is lost. The newest of each model stays
 * as well, in place of its stretch's peak if it lies in the same: a chart ends at now.
 */
export function thinForChart(samples: readonly MemorySample[], points: number): MemorySample[] {
  const first = samples[0]?.at ?? 0;
  const span = (samples.at(-1)?.at ?? 0) - first + 1;
  const kept = new Map<string, MemorySample>();
  const newest = new Map<string, { key: string; sample: MemorySample }>();
  for (const sample of samples) {
    const stretch = Math.floor(((sample.at - first) / span) * points);
    const key = `${stretch} ${sample.modelId}`;
    const before = kept.get(key);
    if (before === undefined || sample.resident >= before.resident) kept.set(key, sample);
    newest.set(sample.modelId, { key, sample });
  }
  for (const { key, sample } of newest.values()) kept.set(key, sample);
  return [...kept.values()].sort((a, b) => a.at - b.at);
}
