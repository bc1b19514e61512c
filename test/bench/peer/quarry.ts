import { createEngineLauncher } from '../../../electron/engine/client.ts';
import type { ChatPrompt, Engine, GenerateRequest } from '../../../electron/engine/port.ts';

export interface QuarryOptions {
  readonly model: string;
  readonly contextSize: number;
  readonly sessions: number;
  readonly threads: number;
  /** Where states on disk are kept; without it none are. */
  readonly states?: string;
  /** Where a build of the recipe for processors lies that calculates in place of the binding's own. */
  readonly module?: string;
}

export interface QuarryAnswer {
  /** From the request to the first piece of text at the client, milliseconds. */
  readonly firstMs: number;
  readonly totalMs: number;
  readonly readTokens: number;
  readonly promptTokens: number;
  readonly text: string;
  readonly tokens: readonly number[];
}

/** Quarry's ENGINE over its own client and process channel, as CORE uses it. */
export interface Quarry {
  readonly engine: Engine;
  ask(request: {
    readonly conversation: string;
    readonly prompt: ChatPrompt;
    readonly maxTokens: number;
    readonly documentSet?: string;
  }): Promise<QuarryAnswer>;
}

const launcher = createEngineLauncher({
  nodePath: process.execPath,
  log: { info: () => {}, warn: () => {}, error: () => {} },
});
const never = new AbortController().signal;
const gibi = 1024 ** 3;

export async function startQuarry(options: QuarryOptions): Promise<Quarry> {
  const { model, contextSize, sessions, threads, states, module } = options;
  const engine = await launcher.launch({
    ...{ modelPath: model, contextSize, sessions, threads, gpu: false },
    checkpointBudget: 2 * gibi,
    ...(module !== undefined && { module: { name: 'own:cpu', folder: module } }),
    ...(states !== undefined && {
      states: { folder: states, model: 'bench', budget: 8 * gibi },
    }),
  });
  return {
    engine,
    async ask({ conversation, prompt, maxTokens, documentSet }) {
      const request: GenerateRequest = {
        ...{ sessionId: conversation, prompt, maxTokens },
        sampling: { temperature: 0, topP: 1, topK: 0 },
        ...(documentSet !== undefined && { documentSet }),
      };
      const asked = performance.now();
      let firstMs = 0;
      let text = '';
      for await (const event of engine.generate(request, never)) {
        if (event.type === 'text') {
          if (firstMs === 0) firstMs = performance.now() - asked;
          text += event.text;
        }
        if (event.type !== 'end') continue;
        const totalMs = performance.now() - asked;
        const { readTokens, promptTokens } = event.stats;
        return { firstMs, totalMs, readTokens, promptTokens, text, tokens: event.tokens };
      }
      throw new Error('the engine ended an answer without its end');
    },
  };
}
