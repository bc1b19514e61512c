import type { NativeContext, NativeLlama } from '../../native/llama/binding.ts';
import { refine } from '../../native/llama/buffers.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import type { KvType } from '../ipc/contract/index.ts';
import type { EngineMemory, LoadRequest } from './port.ts';
import { createProcessMeter } from './process-memory.ts';
import type { SessionPool } from './sessions.ts';

/** What ENGINE tells of its memory. */
export interface MemoryMeter {
  read(): Promise<EngineMemory>;
  /** A run of this conversation has ended, whichever way. */
  answered(sessionId: string): void;
}

/** Bytes that llama.cpp stores 32 elements of a KV cache in (ggml's block sizes). */
export const kvBlockBytes: Readonly<Record<KvType, number>> = { f16: 64, q8_0: 34, q4_0: 18 };

export function createMemoryMeter(parts: {
  readonly request: LoadRequest;
  readonly probe: GgufProbe;
  readonly llama: NativeLlama;
  readonly context: NativeContext;
  readonly bare: number;
  readonly pool: SessionPool;
}): MemoryMeter {
  const { request, probe, llama, context, bare, pool } = parts;
  const meter = createProcessMeter();
  const kvType = request.kvType ?? 'f16';
  const lastUsed = new Map<string, number>();
  let answers = 0;

  return {
    answered(sessionId) {
      answers += 1;
      lastUsed.set(sessionId, Date.now());
    },
    async read() {
      const held = pool.list();
      for (const id of lastUsed.keys()) {
        if (!held.some((session) => session.id === id)) lastUsed.delete(id);
      }
      const [own, devices] = await Promise.all([meter.read(), llama.devices()]);
      const printed = llama.buffers();
      const { shape } = probe;
      const tokens = context.contextSize * request.sessions;
      const kv = shape && (shape.kvElementsPerToken / 32) * kvBlockBytes[kvType] * tokens;
      const sessions = held.map(({ id, sequence }) => ({
        sessionId: id,
        isRunning: pool.isRunning(id),
        tokens: sequence.length,
        checkpoints: sequence.checkpoints,
        lastUsedAt: lastUsed.get(id) ?? null,
      }));
      return {
        ...own,
        pid: process.pid,
        weights: refine(printed.weights, probe.tensorBytes),
        weightParts: printed.weightParts,
        kv: refine(printed.kv, kv),
        recurrent: refine(printed.recurrent, shape && shape.recurrentBytes * request.sessions),
        compute: printed.compute,
        output: printed.output,
        checkpoints: sessions
          .flatMap((session) => session.checkpoints)
          .reduce((sum, checkpoint) => sum + checkpoint.bytes, 0),
        process: bare,
        kvType,
        devices,
        answers,
        sessions,
      };
    },
  };
}
