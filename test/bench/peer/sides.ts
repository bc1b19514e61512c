import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ChatPrompt, PromptDocument } from '../../../electron/engine/port.ts';
import type { Quarry, QuarryOptions } from './quarry.ts';
import { startQuarry } from './quarry.ts';
import type { LlamaServer, ServerOptions } from './server.ts';
import { startServer } from './server.ts';

/** A question and what each side answered it with. */
export interface Turn {
  readonly user: string;
  readonly answers: Map<SideName, { text: string; tokens: readonly number[] }>;
}

/** A conversation, or one branch of it: branches share the turns that they have in common. */
export interface Talk {
  readonly conversation: string;
  /** The llama-server slot that it is kept in, and the name of the file that the slot is saved to. */
  readonly slot: number;
  readonly branch: string;
  readonly system: string;
  readonly documents?: readonly PromptDocument[];
  readonly turns: readonly Turn[];
}

export interface Sample {
  /** To the first token at the client. */
  readonly ms: number;
  /** Prompt tokens evaluated, of so many. */
  readonly read: number;
  readonly prompt: number;
  /** No token had come after `ms`, and it was not waited for any longer: how much had been read by then is not known. */
  readonly givenUp?: true;
}

export type SideName = 'quarry' | 'server';

export interface Side {
  readonly name: SideName;
  readonly pids: () => readonly number[];
  /** Answers the last turn. @param limitMs As long a first token is waited for; the turn has no answer then. */
  ask(talk: Talk, limitMs?: number): Promise<Sample>;
  /** Ends the program, as a person or as the kernel would, and starts it again. */
  restart(how: 'quit' | 'crash'): Promise<void>;
  close(): Promise<void>;
}

/** Tokens of every answer: as many on both sides, so that writing costs both the same. */
export const answerTokens = 16;

export function question(user: string): Turn {
  return { user, answers: new Map() };
}

/** The conversation with one more question, or with the question of that turn replaced. */
export function withQuestion(talk: Talk, user: string, at = talk.turns.length): Talk {
  return { ...talk, turns: [...talk.turns.slice(0, at), question(user)] };
}

/** @param answer What stands in the place of an answer, by its turn. */
function promptOf(
  talk: Talk,
  answer: (turn: Turn, at: number) => { content: string; tokens?: readonly number[] },
): ChatPrompt {
  const { system, documents, turns } = talk;
  return {
    messages: [
      { role: 'system', content: system },
      ...turns.flatMap((turn, at) => [
        { role: 'user' as const, content: turn.user },
        ...(at < turns.length - 1 ? [{ role: 'assistant' as const, ...answer(turn, at) }] : []),
      ]),
    ],
    ...(documents && { documents }),
  };
}

function written(turn: Turn, side: SideName): { text: string; tokens: readonly number[] } {
  const found = turn.answers.get(side);
  if (found === undefined) throw new Error(`${side} has not answered an earlier turn`);
  return found;
}

export type QuarrySide = Side & { readonly quarry: () => Quarry };

export async function quarrySide(options: QuarryOptions): Promise<QuarrySide> {
  let quarry = await startQuarry(options);
  return {
    name: 'quarry',
    quarry: () => quarry,
    pids: () => [quarry.engine.info.pid],
    async ask(talk) {
      const prompt = promptOf(talk, (turn) => {
        const { text, tokens } = written(turn, 'quarry');
        return { content: text, tokens };
      });
      const answer = await quarry.ask({
        ...{ conversation: talk.conversation, prompt, maxTokens: answerTokens },
        ...(talk.documents && { documentSet: 'doc:bench' }),
      });
      checkLength('quarry', answer.tokens.length);
      talk.turns.at(-1)?.answers.set('quarry', { text: answer.text, tokens: answer.tokens });
      return { ms: answer.firstMs, read: answer.readTokens, prompt: answer.promptTokens };
    },
    async restart(how) {
      const { engine } = quarry;
      if (how === 'crash') {
        const gone = new Promise((resolve) => engine.onExit(resolve));
        process.kill(engine.info.pid, 'SIGKILL');
        await gone;
      } else {
        await engine.saveStates({ budget: 4 * 1024 ** 3, limitMs: 60_000 });
        await engine.close();
      }
      quarry = await startQuarry(options);
    },
    close: () => quarry.engine.close(),
  };
}

/**
 * @param quarry Renders the prompts: the server gets the ids of that very text, with its own answers'
 * ids in their places, so that both read the same.
 */
export async function serverSide(options: ServerOptions, quarry: () => Quarry): Promise<Side> {
  let server: LlamaServer = await startServer(options);
  const slotted = options.slotFolder !== undefined;
  let fresh = new Set<number>();
  const known = new Map<string, readonly number[]>();
  const tokenize = async (text: string): Promise<readonly number[]> => {
    const found = known.get(text) ?? (await server.tokenize(text));
    known.set(text, found);
    return found;
  };
  return {
    name: 'server',
    pids: () => [server.pid],
    async ask(talk, limitMs) {
      const mark = '\u{e000}';
      const prompt = promptOf(talk, () => ({ content: mark }));
      const parts = (await quarry().engine.render(prompt)).split(mark);
      const tokens: number[] = [];
      for (const [at, part] of parts.entries()) {
        if (at > 0) tokens.push(...written(talk.turns[at - 1] as Turn, 'server').tokens);
        tokens.push(...(await tokenize(part)));
      }
      const { slot } = talk;
      const file = `${talk.branch}.bin`;
      let restoring = 0;
      const kept = slotted && existsSync(path.join(options.slotFolder ?? '', file));
      if (kept && fresh.delete(slot)) restoring = await server.slot('restore', slot, file);
      const signal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
      const answer = await server
        .complete({
          ...{ prompt: tokens, maxTokens: answerTokens },
          ...(slotted && { slot }),
          ...(signal && { signal }),
        })
        .catch((error: unknown) => {
          if (signal?.aborted === true) return null;
          throw error;
        });
      if (answer === null) {
        return { ms: limitMs ?? 0, read: 0, prompt: tokens.length, givenUp: true };
      }
      checkLength('llama-server', answer.tokens.length);
      talk.turns.at(-1)?.answers.set('server', { text: '', tokens: answer.tokens });
      if (slotted) await server.slot('save', slot, file);
      const { firstMs, readTokens, promptTokens } = answer;
      return { ms: restoring + firstMs, read: readTokens, prompt: promptTokens };
    },
    async restart(how) {
      await server.end(how === 'quit' ? 'SIGINT' : 'SIGKILL');
      server = await startServer(options);
      fresh = new Set(Array.from({ length: options.slots }, (_, slot) => slot));
    },
    close: () => server.end('SIGINT'),
  };
}

function checkLength(side: string, tokens: number): void {
  if (tokens !== answerTokens) {
    throw new Error(
      `${side} wrote ${tokens} tokens instead of ${answerTokens}: no fair comparison`,
    );
  }
}
