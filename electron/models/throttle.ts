/** Calls `run` at once, then at most once every `ms`; the last request is never lost. */
export function throttled(run: () => void, ms: number): { request(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let again = false;
  const fire = (): void => {
    again = false;
    timer = setTimeout(() => {
      timer = null;
      if (again) fire();
    }, ms);
    timer.unref();
    run();
  };
  return {
    request() {
      if (timer === null) fire();
      else again = true;
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
