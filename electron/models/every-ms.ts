/** Calls `work` from time to time, without keeping the process alive for it. @returns the way to stop */
export function everyMs(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  timer.unref();
  return () => clearInterval(timer);
}
