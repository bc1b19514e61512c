/** Long enough for the system's clock and its scheduler, short enough to be done before anyone waits. */
const roundMs = 30;
const rounds = 3;
const stepBytes = 4 * 1024 * 1024;

/**
 * How fast a buffer is read from end to end, in bytes a second: the best of three rounds, because
 * whatever disturbs a round only makes it slower. The reading is a search for a byte that is not in
 * it (the C library's, which reads whole vectors); the buffer must hold no 0xff.
 */
export function bestRate(bytes: Buffer, now: () => number = () => performance.now()): number {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const begun = now();
    let read = 0;
    let elapsed = 0;
    for (let at = 0; elapsed < roundMs; at = (at + stepBytes) % bytes.length) {
      const piece = bytes.subarray(at, at + stepBytes);
      if (piece.includes(0xff)) throw new Error('the buffer holds the byte that is searched');
      read += piece.length;
      elapsed = now() - begun;
    }
    best = Math.max(best, (read / elapsed) * 1000);
  }
  return best;
}
