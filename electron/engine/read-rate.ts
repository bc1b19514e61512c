/** Long enough for the system's clock, short enough to be done before anyone waits. */
const roundMs = 30;
const rounds = 3;
const stepBytes = 4 * 1024 * 1024;

/**
 * The time that this thread was let run, in milliseconds: other programs that take the cores away
 * for a moment do not make the memory slower. Windows tells it in steps that are too coarse.
 */
function ranMs(): number {
  if (process.platform === 'win32') return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * How fast a buffer is read from end to end, in bytes a second: the best of three rounds, because
 * whatever disturbs a round only makes it slower. The reading is a search for a byte that is not in
 * it (the C library's, which reads whole vectors); the buffer must hold no 0xff.
 */
export function bestRate(bytes: Buffer, now: () => number = ranMs): number {
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
