import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cpuMs, settle } from './peer/processes.ts';
import type { Quarry } from './peer/quarry.ts';
import type { LlamaServer } from './peer/server.ts';

/** Tokens a second, of all sessions together. */
export interface Rates {
  readonly prefill: number;
  readonly decode: number;
  /** Milliseconds of the process's processor time for each token: what a busy machine does not change. */
  readonly cpu?: { readonly prefill: number; readonly decode: number };
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
  pid: number,
  ask: (index: number, maxTokens: number) => Promise<Asked>,
  count: number,
  answer: number,
): Promise<Rates> {
  const all = async (
    maxTokens: number,
    what: keyof Asked,
  ): Promise<{ rate: number; cpu: number }> => {
    const [begun, used] = [performance.now(), cpuMs(pid)];
    const found = await Promise.all(Array.from({ length: count }, (_, at) => ask(at, maxTokens)));
    const seconds = (performance.now() - begun) / 1000;
    const tokens = found.reduce((sum, one) => sum + one[what], 0);
    return { rate: tokens / seconds, cpu: (cpuMs(pid) - used) / tokens };
  };
  const prefill = await all(1, 'read');
  // Both keep a copy of what they hold behind an answer; nobody asks again while that takes.
  await settle([pid]);
  const decode = await all(answer, 'tokens');
  return {
    ...{ prefill: prefill.rate, decode: decode.rate },
    cpu: { prefill: prefill.cpu, decode: decode.cpu },
  };
}

export function quarryRates(
  quarry: Quarry,
  texts: readonly string[],
  answer: number,
  round: number,
): Promise<Rates> {
  return rates(
    quarry.engine.info.pid,
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
    server.pid,
    async (at, maxTokens) => {
      const found = await server.complete({ prompt: prompts[at] as number[], maxTokens, slot: at });
      return { tokens: found.tokens.length, read: found.readTokens };
    },
    texts.length,
    answer,
  );
}

/** llama-bench's own figures of one session; its answer too begins behind the prompt. */
export async function llamaBench(
  binary: string,
  plan: { model: string; threads: number; prompt: number; answer: number },
): Promise<Rates> {
  const { model, threads, prompt, answer } = plan;
  const one = async (test: readonly string[]): Promise<number> => {
    const { stdout } = await execute(binary, [
      ...['-m', model, ...test, '-t', String(threads)],
      ...['-ngl', '0', '-fa', '1', '-r', '1', '-o', 'json'],
    ]);
    return (JSON.parse(stdout) as { avg_ts: number }[])[0]?.avg_ts ?? Number.NaN;
  };
  return {
    prefill: await one(['-p', String(prompt), '-n', '0']),
    decode: await one(['-p', '0', '-n', String(answer), '-d', String(prompt)]),
  };
}
