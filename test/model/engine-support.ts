import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type {
  ChatPrompt,
  Engine,
  EngineEvent,
  EngineProvider,
  GenerateRequest,
  GenerateStats,
  LoadRequest,
  PromptDocument,
  Sampling,
} from '../../electron/engine/port.ts';

export const miniature = fileURLToPath(
  new URL('../../resources/miniature/miniature.gguf', import.meta.url),
);

export const greedy: Sampling = { temperature: 0, topP: 1, topK: 0 };

/** So hot that hardly an answer ends by itself: for tests that stop or fill. */
export const rambling = (seed: number): Sampling => ({ temperature: 5, topP: 1, topK: 0, seed });

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export const launcher = createEngineLauncher({ nodePath: process.execPath, log: silent });

export const never = new AbortController().signal;

/** CORE's view of an engine that is loaded already and stays so. */
export const providerOf = (engine: Engine): EngineProvider => ({
  acquire: async () => ({
    ...{ engine, modelId: 'miniature', modelName: 'Miniature (demo)', promptLimit: null },
    release: () => {},
  }),
  look: async () => ({
    ...{ modelId: 'miniature', isLoaded: true, contextSize: engine.info.contextSize },
    ...{ contextLimit: null, promptLimit: null },
  }),
  keepsDocuments: async () => false,
  forget: (id) => void engine.forget(id),
});

/** A load of the miniature on one thread. */
export function load(changes: Partial<LoadRequest> = {}): LoadRequest {
  return {
    modelPath: miniature,
    contextSize: 1024,
    sessions: 1,
    threads: 1,
    gpu: false,
    checkpointBudget: 64 << 20,
    // As measured it may differ from load to load, and with it how answers are rounded.
    readChunk: 128,
    ...changes,
  };
}

export function ask(
  sessionId: string,
  prompt: ChatPrompt,
  changes: Partial<GenerateRequest> = {},
): GenerateRequest {
  return { sessionId, prompt, sampling: greedy, maxTokens: 96, ...changes };
}

export interface Answer {
  readonly text: string;
  readonly reason: string;
  readonly stats: GenerateStats;
  /** The answer's ids. */
  readonly tokens: readonly number[];
  readonly events: readonly EngineEvent[];
}

/** Runs an answer to its end. */
export async function answer(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal = never,
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<Answer> {
  const events: EngineEvent[] = [];
  for await (const event of engine.generate(request, signal)) {
    events.push(event);
    onEvent(event);
  }
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('the answer had no end');
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { text, reason: last.reason, stats: last.stats, tokens: last.tokens, events };
}

/** The conversation after an answer and another question. */
export function extend(
  prompt: ChatPrompt,
  { text, tokens }: Pick<Answer, 'text' | 'tokens'>,
  question: string,
): ChatPrompt {
  const said = { role: 'assistant' as const, content: text, tokens };
  const asked = { role: 'user' as const, content: question };
  return { ...prompt, messages: [...prompt.messages, said, asked] };
}

/** A prompt of the miniature's evaluation, of which the answer was right. */
export interface Example {
  readonly kind: string;
  readonly group: string;
  readonly rendered: string;
  readonly output: string;
  readonly prompt: ChatPrompt;
}

interface Row {
  readonly kind: string;
  readonly group: string;
  readonly prompt: string;
  readonly output: string;
}

/** All rows that are made of plain turns and documents (no tools). */
export function readExamples(): Example[] {
  const path = fileURLToPath(new URL('../miniature/examples.jsonl', import.meta.url));
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => !/<tools>|<tool_/.test(row.prompt))
    .map((row) => ({
      kind: row.kind,
      group: row.group,
      rendered: row.prompt,
      output: row.output,
      prompt: parsePrompt(row.prompt),
    }));
}

const documentsBlock =
  /(?:\n\n)?You are a helpful assistant with access to the following documents\.[^]*?<documents>\n([^]*)\n<\/documents>[^]*$/;

/** Takes a rendered prompt apart again. */
function parsePrompt(rendered: string): ChatPrompt {
  const turns = /<\|start_of_role\|>(\w+)<\|end_of_role\|>([^]*?)<\|end_of_text\|>\n/g;
  const messages: { role: 'system' | 'user' | 'assistant'; content: string }[] = [];
  for (const [, role, content] of rendered.matchAll(turns)) {
    messages.push({ role: role as 'user', content: content ?? '' });
  }
  const [system] = messages;
  const block = system && documentsBlock.exec(system.content);
  if (!system || !block) return { messages };
  const documents = (block[1] ?? '').split('\n').map((line) => JSON.parse(line) as PromptDocument);
  const content = system.content.slice(0, block.index);
  const rest = messages.slice(1);
  return { messages: content === '' ? rest : [{ ...system, content }, ...rest], documents };
}

/** True while the operating system knows the process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition; throws after so many milliseconds. */
export async function until(condition: () => boolean, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the files of a folder take. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** A folder of its own for a test's files. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'quarry-engine-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
