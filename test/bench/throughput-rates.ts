import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Quarry } from './peer/quarry.ts';
import type { LlamaServer } from './peer/server.ts';

/** Tokens a second, of all sessions together. */
export interface Rates {
  readonly prefill: number;
  readonly decode: number;
}

const execute = promisify(execFile);

function systemPrompt(text: string): { messages: { role: 'user'; content: string }[] } {
  return { messages: [{ role: 'user', content: text }] };
}

interface Asked {
  readonly tokens: number;
  readonly read: number;
}

/**
 * Prompts all at once with one token of answer each; then the same prompts again, of which both sides
 * have kept all but the end, with whole answers.
 */
async function rates(
  ask: (index: number, maxTokens: number) => Promise<Asked>,
  count: number,
  answer: number,
): Promise<Rates> {
  const all = async (
    maxTokens: number,
  ): Promise<{ seconds: number; tokens: number; read: number }> => {
    const begun = performance.now();
    const found = await Promise.all(Array.from({ length: count }, (_, at) => ask(at, maxTokens)));
    return {
      seconds: (performance.now() - begun) / 1000,
      tokens: found.reduce((sum, one) => sum + one.tokens, 0),
      read: found.reduce((sum, one) => sum + one.read, 0),
    };
  };
  const first = await all(1);
  const second = await all(answer);
  return { prefill: first.read / first.seconds, decode: second.tokens / second.seconds };
}

export function quarryRates(
  quarry: Quarry,
  texts: readonly string[],
  answer: number,
  round: number,
): Promise<Rates> {
  return rates(
    async (at, maxTokens) => {
      const found = await quarry.ask({
        ...{ conversation: `${round}-${at}`, prompt: systemPrompt(texts[at] as string), maxTokens },
      });
      // The last token of a prompt is evaluated with the answer's first step.
      return { tokens: found.tokens.length, read: found.readTokens };
    },
    texts.length,
    answer,
  );
}

export async function serverRates(
  server: LlamaServer,
  quarry: Quarry,
  texts: readonly string[],
  answer: number,
): Promise<Rates> {
  const prompts = await Promise.all(
    texts.map(async (text) => server.tokenize(await quarry.engine.render(systemPrompt(text)))),
  );
  return rates(
    async (at, maxTokens) => {
      const found = await server.complete({ prompt: prompts[at] as number[], maxTokens, slot: at });
      return { tokens: found.tokens.length, read: found.readTokens };
    },
    texts.length,
    answer,
  );
}

/** llama-bench's own figures of one session. */
export async function llamaBench(
  binary: string,
  plan: { model: string; threads: number; prompt: number; answer: number },
): Promise<Rates> {
  const { model, threads, prompt, answer } = plan;
  const { stdout } = await execute(binary, [
    ...['-m', model, '-p', String(prompt), '-n', String(answer), '-t', String(threads)],
    ...['-ngl', '0', '-fa', '1', '-r', '1', '-o', 'json'],
  ]);
  const tests = JSON.parse(stdout) as { n_prompt: number; n_gen: number; avg_ts: number }[];
  const of = (kind: 'n_prompt' | 'n_gen'): number =>
    tests.find((test) => test[kind] > 0)?.avg_ts ?? Number.NaN;
  return { prefill: of('n_prompt'), decode: of('n_gen') };
}
