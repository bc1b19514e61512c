import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** How a llama-server is started; see `resume.ts` for what is best where. */
export interface ServerOptions {
  readonly binary: string;
  readonly model: string;
  /** Tokens of one slot. */
  readonly contextSize: number;
  readonly slots: number;
  readonly threads: number;
  /** Where states of slots are saved. */
  readonly slotFolder?: string;
  readonly extra?: readonly string[];
}

export interface ServerAnswer {
  /** From the request to the first token at the client, milliseconds. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** Prompt tokens that the server evaluated. */
  readonly readTokens: number;
  readonly promptTokens: number;
  readonly tokens: readonly number[];
}

export interface LlamaServer {
  readonly pid: number;
  readonly loadMs: number;
  tokenize(text: string): Promise<number[]>;
  complete(request: {
    readonly prompt: readonly number[];
    readonly maxTokens: number;
    /** Kept out of the choice where left out: the server takes the slot that fits best. */
    readonly slot?: number;
    /** Ends the request; the answer is then a rejection with the signal's reason. */
    readonly signal?: AbortSignal;
  }): Promise<ServerAnswer>;
  /** Vectors of texts, all in one request; the server was started with `--embedding`. */
  embed(texts: readonly string[]): Promise<number[][]>;
  /** Saves a slot's state to a file of the slot folder, or takes it back. @returns milliseconds. */
  slot(action: 'save' | 'restore', slot: number, file: string): Promise<number>;
  /** Ends it as a person would (SIGINT), or as the kernel would. Resolves when it is gone. */
  end(signal: 'SIGINT' | 'SIGKILL'): Promise<void>;
}

/** Where Granite's template begins a user's message: there the server may keep checkpoints. */
const delimiters = [
  { role: 'user', delimiter: '<|start_of_role|>user<|end_of_role|>' },
  { role: 'assistant', delimiter: '<|start_of_role|>assistant<|end_of_role|>' },
];

export async function startServer(options: ServerOptions): Promise<LlamaServer> {
  const begun = performance.now();
  const port = await freePort();
  const threads = String(options.threads);
  const child = spawn(
    options.binary,
    [
      ...['-m', options.model, '-c', String(options.contextSize * options.slots)],
      ...['-np', String(options.slots), '-t', threads, '-tb', threads, '-fa', 'on', '-ngl', '0'],
      ...['--host', '127.0.0.1', '--port', String(port), '--no-ui', '--log-disable'],
      // The same way to hold the weights as Quarry's.
      ...['--load-mode', 'none'],
      ...(options.slotFolder === undefined ? [] : ['--slot-save-path', options.slotFolder]),
      ...(options.extra ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  // It does not notice by itself that who started it is gone.
  const stop = (): void => void child.kill('SIGKILL');
  const leave = (): void => process.exit(1);
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  const gone = new Promise<void>((resolve) =>
    child.on('close', () => {
      process.off('exit', stop);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, leave);
      resolve();
    }),
  );
  const base = `http://127.0.0.1:${port}`;
  const post = async (
    route: string,
    body: unknown,
    signal: AbortSignal | null = null,
  ): Promise<Response> => {
    const request = { method: 'POST', body: JSON.stringify(body), signal };
    const response = await fetch(base + route, request);
    if (!response.ok) throw new Error(`llama-server ${route}: ${await response.text()}`);
    return response;
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`llama-server did not start:\n${tail}`);
    const response = await fetch(`${base}/health`).catch(() => null);
    if (response?.ok === true) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  let word: number | undefined;
  const tokenize = async (content: string): Promise<number[]> => {
    const response = await post('/tokenize', { content, parse_special: true });
    return ((await response.json()) as { tokens: number[] }).tokens;
  };
  return {
    pid: child.pid as number,
    loadMs: performance.now() - begun,
    tokenize,
    async complete({ prompt, maxTokens, slot, signal }) {
      // Random weights write broken characters, at which this server gives up: it writes one word
      // again and again instead, which costs the same.
      [word] = word === undefined ? await tokenize(' a') : [word];
      const asked = performance.now();
      const request = {
        ...{ prompt, n_predict: maxTokens, stream: true, cache_prompt: true, return_tokens: true },
        ...{
          temperature: 0,
          top_k: 1,
          ignore_eos: true,
          samplers: ['top_k'],
          logit_bias: [[word, 1000]],
        },
        ...{ message_delimiters: delimiters, id_slot: slot ?? -1 },
      };
      const response = await post('/completion', request, signal);
      let firstMs = 0;
      const tokens: number[] = [];
      for await (const event of eventsOf(response)) {
        if (event.error !== undefined) throw new Error(`llama-server: ${event.error.message}`);
        if (event.stop !== true && event.tokens.length > 0 && firstMs === 0) {
          firstMs = performance.now() - asked;
        }
        if (event.stop !== true) tokens.push(...event.tokens);
        else if (event.timings !== undefined) {
          const totalMs = performance.now() - asked;
          const { prompt_n: readTokens } = event.timings;
          return { firstMs, totalMs, readTokens, promptTokens: prompt.length, tokens };
        }
      }
      throw new Error('llama-server ended an answer without its figures');
    },
    async embed(texts) {
      const response = await post('/v1/embeddings', { input: texts, encoding_format: 'float' });
      const { data } = (await response.json()) as {
        data: { index: number; embedding: number[] }[];
      };
      return data.sort((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    },
    async slot(action, slot, filename) {
      const asked = performance.now();
      await post(`/slots/${slot}?action=${action}`, { filename });
      return performance.now() - asked;
    },
    async end(signal) {
      child.kill(signal);
      await gone;
    },
  };
}

interface ServerEvent {
  readonly stop?: boolean;
  readonly tokens: readonly number[];
  readonly error?: { readonly message: string };
  readonly timings?: { readonly prompt_n: number };
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of response.body ?? []) {
    rest += decoder.decode(part as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as ServerEvent;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
