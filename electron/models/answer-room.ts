import type { Log } from '../core/ports.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { PlanWish } from './fit.ts';
import { refusalOf } from './refusal.ts';
import { idleOf } from './room.ts';
import type { Held, RoomPorts } from './room.ts';

/** Bytes that must stay free beside what an answer will take: other programs do not stand still. */
const margin = 96 * 1024 * 1024;

/**
 * Makes sure that the first answer of a loaded model finds the memory it was promised: its buffers were
 * reserved by loading, but the system only gives them when they are written to, and another program may
 * have taken what was free meanwhile. Idle models are ended for it, the longest unused first. Call it
 * with the model lent, so that nobody ends it. Throws 'model-too-large': a refusal with numbers instead
 * of a process that the kernel ends in the middle of a sentence.
 */
export function createAnswerRoom<H extends Held>(ports: {
  readonly roomFor: (model: StoredModel, wish: PlanWish) => RoomPorts<H>;
  readonly end: (entry: H) => Promise<void>;
  readonly log: Log;
}): (entry: H) => Promise<void> {
  /** Have written to all of their buffers. */
  const settled = new WeakSet<H>();
  return async (entry) => {
    if (settled.has(entry)) return;
    const { model, plan } = entry;
    const { contextSize, sessions, kvType, bare } = plan;
    const wish = { contextSize, sessions, kvType, ...plan.engine, ...(bare !== null && { bare }) };
    const room = ports.roomFor(model, wish);
    for (;;) {
      const now = await entry.engine.memory().catch(() => null);
      // One that is gone says so itself.
      if (now === null) return;
      if (now.answers > 0) {
        settled.add(entry);
        return;
      }
      const held = now.resident + now.weightParts.device;
      const missing = Math.max(0, plan.predicted.total - held);
      const { total, available } = room.machine.memory();
      if (missing === 0 || available >= missing + margin) return;
      const victim = idleOf(room.held(), model.id)[0];
      if (victim === undefined) {
        throw await refusalOf(model, wish, plan, { total, available: available + held }, room);
      }
      ports.log.info('engine.unloaded-for-answer', { model: victim.model.id, for: model.id });
      await ports.end(victim);
    }
  };
}
