import type {
  LoadedMemory,
  MemoryPrediction,
  MemorySample,
  SessionMemory,
} from '../ipc/contract/index.ts';
import type { EngineMemory } from '../engine/port.ts';
import type { LoadedProcess } from '../models/index.ts';
import { kvBytes, predictMemory } from './estimate.ts';

/** One look at a loaded model. */
export interface Measured {
  readonly entry: LoadedProcess;
  readonly engine: EngineMemory;
  readonly sample: MemorySample;
}

/** What saved states of a conversation take on disk, in bytes; nothing where none are kept. */
export type SavedBytes = (conversationId: string, modelId: string) => number;

export function toMeasured(entry: LoadedProcess, engine: EngineMemory, at: number): Measured {
  const { pid, resident, proportional, privateBytes, swapped, footprint, commit } = engine;
  const { weights, weightParts, kv, recurrent, compute, output, checkpoints, process } = engine;
  // What lies on a device or in the mapped file need not be resident.
  const onDevice = weightParts.device > 0;
  const certain = weights - weightParts.mapped + kv + recurrent + checkpoints + process;
  const missing = certain + compute + output - resident;
  const used = engine.devices.map((device) => device.used).filter((bytes) => bytes !== null);
  return {
    entry,
    engine,
    sample: {
      at,
      modelId: entry.model.id,
      pid,
      resident,
      proportional,
      privateBytes,
      swapped,
      footprint,
      commit,
      weights,
      kv,
      recurrent,
      compute,
      output,
      checkpoints,
      process,
      untouched: onDevice ? 0 : Math.max(0, Math.min(compute + output, missing)),
      vram: used.length === 0 ? null : used.reduce((sum, bytes) => sum + bytes, 0),
    },
  };
}

/** The prediction that was made before loading, with what has been added since: checkpoints and text. */
export function predictionNow({ entry, engine }: Measured): MemoryPrediction {
  const { header } = entry.model;
  if (header.purpose === 'embedding') return entry.plan.predicted;
  const { contextSize, sessions, kvType, bare } = entry.plan;
  const entries = engine.sessions.flatMap((session) => session.checkpoints);
  return predictMemory(header, contextSize, sessions, {
    kvType,
    ...(bare !== null && { bare }),
    // Each is a copy of the recurrent state: their number is known, their size is predicted.
    checkpoints: entries.length * header.recurrentBytesPerSession,
    tokensUsed: Math.max(0, ...engine.sessions.map(({ tokens }) => tokens)),
  });
}

export function errorPercent(predicted: number, measured: number): number {
  return measured > 0 ? ((predicted - measured) / measured) * 100 : 0;
}

export function toLoadedMemory(
  measured: Measured,
  titleOf: (conversationId: string) => string | null,
  savedBytes: SavedBytes,
): LoadedMemory {
  const { entry, engine, sample } = measured;
  const { info } = entry.engine;
  return {
    modelId: entry.model.id,
    modelName: entry.model.name,
    ...(entry.model.header.purpose === 'embedding' && { isEmbedding: true }),
    contextSize: info.contextSize,
    sessions: info.sessions,
    kvType: engine.kvType,
    sample,
    weightParts: engine.weightParts,
    devices: engine.devices,
    predicted: entry.plan.predicted,
    errorPercent: errorPercent(predictionNow(measured).total, sample.resident),
    hasAnswered: engine.answers > 0,
    shares: toSessions(measured, titleOf, savedBytes),
  };
}

/** The most recently used first. */
export function toSessions(
  { entry, engine }: Measured,
  titleOf: (conversationId: string) => string | null,
  savedBytes: SavedBytes,
): SessionMemory[] {
  const { header, id, name } = entry.model;
  const { contextSize } = entry.engine.info;
  const kv = kvBytes(header, contextSize, 1, engine.kvType);
  const recurrent = header.recurrentBytesPerSession;
  return engine.sessions
    .map((session) => {
      const checkpointBytes = session.checkpoints.reduce((sum, { bytes }) => sum + bytes, 0);
      return {
        modelId: id,
        modelName: name,
        conversationId: session.sessionId,
        title: titleOf(session.sessionId),
        state: session.isRunning ? ('running' as const) : ('resting' as const),
        tokens: session.tokens,
        contextSize,
        kv,
        kvUsed: contextSize === 0 ? 0 : Math.round((kv / contextSize) * session.tokens),
        recurrent,
        checkpoints: session.checkpoints,
        checkpointBytes,
        savedBytes: savedBytes(session.sessionId, id),
        total: kv + recurrent + checkpointBytes,
        lastUsedAt: session.lastUsedAt,
      };
    })
    .reverse();
}
