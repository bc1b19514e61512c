import { randomFillSync } from 'node:crypto';
import type { Clock, Ids } from './ports.ts';

/**
 * UUIDs of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then a counter, then chance. Two made
 * in the same millisecond sort in the order of making, also when the clock goes backwards.
 */
export function createIds(clock: Clock): Ids {
  const bytes = Buffer.alloc(16);
  let lastTime = 0;
  let counter = 0;
  return {
    next() {
      const now = Math.max(clock.now(), lastTime);
      randomFillSync(bytes);
      // 12 bits of counter (rand_a), starting low enough to count on within one millisecond.
      counter = now === lastTime ? counter + 1 : bytes.readUInt16BE(6) & 0x07ff;
      lastTime = now;
      if (counter > 0x0fff) {
        lastTime += 1;
        counter = 0;
      }
      bytes.writeUIntBE(lastTime, 0, 6);
      bytes.writeUInt16BE(0x7000 | counter, 6);
      bytes.writeUInt8(0x80 | ((bytes[8] ?? 0) & 0x3f), 8);
      const hex = bytes.toString('hex');
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        hex.slice(12, 16),
        hex.slice(16, 20),
        hex.slice(20),
      ].join('-');
    },
  };
}
