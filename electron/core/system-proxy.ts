/** How long MAIN may take, ms: a script of the firm's may have to be read first. */
const patience = 10_000;

export interface SystemProxyLine {
  /** What the system says, in the words of a PAC file; null when nobody answers in time. */
  ask(url: string): Promise<string | null>;
  /** The answer to an `ask`; one that nobody waits for is passed over. */
  answered(answer: { readonly id: string; readonly answer: string }): null;
}

/** Asks MAIN, which is the only one that can ask the system, about the proxy for an address. */
export function createSystemProxy(
  push: (question: { readonly id: string; readonly url: string }) => void,
): SystemProxyLine {
  const waiting = new Map<string, (answer: string | null) => void>();
  let count = 0;
  return {
    ask: (url) =>
      new Promise((resolve) => {
        const id = String((count += 1));
        const timer = setTimeout(() => done(null), patience);
        const done = (answer: string | null): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(answer);
        };
        waiting.set(id, done);
        push({ id, url });
      }),
    answered({ id, answer }) {
      waiting.get(id)?.(answer);
      return null;
    },
  };
}
