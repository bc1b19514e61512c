import type { Clock, Log } from '../../core/ports.ts';
import type { Said } from '../../documents/retrieve/index.ts';
import { standAlone } from '../../documents/retrieve/question.ts';
import type { EngineLease, EngineProvider } from '../../engine/port.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { Message, RewriteTest, Settings, SoughtFacts } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import { getConversation } from '../../storage/repositories/conversations.ts';
import { pathTo } from '../../storage/repositories/messages.ts';
import { keepRewriteTest, readRewriteTests } from '../../storage/repositories/rewrite-tests.ts';
import type { Writer } from '../../storage/sql.ts';
import { saidBefore } from '../passages.ts';
import { dependsOnBefore } from './accept.ts';
import { askModel } from './ask.ts';
import type { Rewriting as Wording } from './ask.ts';
import { dialogues } from './dialogues.ts';
import { figuresOf, probeVersion, verdictOn } from './probe.ts';

/** An answer waits no longer than this, in milliseconds: the rule alone finds most of what a wording finds. */
export const usualLimitMs = 4000;
/** Wordings in a row that took too long, after which a test is over. */
const mostSlow = 3;
/** Words of earlier questions that are told. */
const mostTold = 8;
/** The rule's words that count less are not worth telling. */
const leastWeight = 0.15;

export interface RewritingPorts {
  readonly db: Writer;
  readonly provider: Pick<EngineProvider, 'acquire' | 'look'>;
  readonly settings: { get(): Settings };
  readonly clock: Clock;
  readonly log: Log;
  /** Tells machines apart: how long a model takes is part of whether it is asked. */
  readonly machine: string;
  /** Milliseconds that an answer waits at most. */
  readonly limitMs?: number;
}

/** What a question is searched with. */
export interface SearchedWith {
  readonly said: Said;
  /** null for a question that depends on nothing said before. */
  readonly sought: SoughtFacts | null;
}

/** Makes follow-up questions stand alone: by rule, and by the model where it is good enough. */
export interface Rewriting {
  /**
   * What the last question of a branch is searched with. Where the model is asked, what it says counts as
   * one more question before this one: measured best of the ways to add it (`npm run bench retrieval`).
   * @param turn.onAsking the model is about to be asked
   * Throws what lending throws, and where the signal aborts.
   */
  searchWith(turn: {
    readonly path: readonly Message[];
    readonly conversationId: string;
    readonly modelId: string | null;
    readonly lend: () => Promise<EngineLease>;
    readonly onAsking: () => void;
    readonly signal: AbortSignal;
  }): Promise<SearchedWith>;
  /** After an answer to a follow-up: tests the model in the background, once. */
  after(answerId: string): void;
  /** Somebody asks something: a test that runs stops here, and goes on after a later answer. */
  giveWay(): void;
  readonly handlers: Pick<HandlersOf<'chat'>, 'chat.rewriteTests' | 'chat.testRewriting'>;
  /** Resolves when nothing runs any more. */
  close(): Promise<void>;
}

export function createRewriting(ports: RewritingPorts): Rewriting {
  const { db, provider, settings, clock, log, machine, limitMs = usualLimitMs } = ports;
  /** Of tests that were interrupted, by model. */
  const done = new Map<string, Wording[]>();
  let running: { readonly controller: AbortController; readonly ended: Promise<unknown> } | null =
    null;
  let closed = false;

  const tests = (): RewriteTest[] =>
    readRewriteTests(db, machine, probeVersion).map((kept) => ({
      ...kept,
      verdict: verdictOn(kept, limitMs),
    }));
  const testOf = (modelId: string): RewriteTest | undefined =>
    tests().find((test) => test.modelId === modelId);

  const isAsked = async (modelId: string | null): Promise<boolean> => {
    const { rewriteQuestions } = settings.get();
    if (rewriteQuestions !== 'automatic') return rewriteQuestions === 'model';
    try {
      return testOf((await provider.look(modelId)).modelId)?.verdict === 'good';
    } catch {
      return false;
    }
  };

  const searchWith: Rewriting['searchWith'] = async (turn) => {
    const said = saidBefore(turn.path);
    const question = turn.path.findLast(({ role }) => role === 'user')?.text ?? '';
    if (!dependsOnBefore(question, said)) return { said, sought: null };
    const byRule: SoughtFacts = { by: 'rule', text: question, words: wordsByRule(question, said) };
    if (!(await isAsked(turn.modelId))) return { said, sought: byRule };
    const lease = await turn.lend();
    turn.onAsking();
    const { text, ms, refused } = await askModel(ports, lease, {
      ...{ question, said, limitMs, signal: turn.signal, conversationId: turn.conversationId },
      sessionId: `rewrite:${turn.conversationId}`,
    });
    if (text === null) {
      return { said, sought: { ...byRule, ms, ...(refused !== null && { unused: refused }) } };
    }
    return {
      said: { ...said, questions: [...said.questions, text] },
      sought: { by: 'model', text, words: [], ms },
    };
  };

  /** Goes through the dialogues that are left. @returns null where it was interrupted */
  const test = async (
    lease: EngineLease,
    signal: AbortSignal,
    priority: 'background' | 'interactive',
  ): Promise<RewriteTest | null> => {
    const { modelId } = lease;
    const wordings = done.get(modelId) ?? [];
    done.set(modelId, wordings);
    const isTooSlow = (): boolean =>
      wordings.length >= mostSlow &&
      wordings.slice(-mostSlow).every(({ refused }) => refused === 'slow');
    for (const { question, said } of dialogues.slice(wordings.length)) {
      if (isTooSlow()) break;
      const wording = await askModel(ports, lease, {
        ...{ question, said, limitMs, signal, priority, conversationId: null },
        sessionId: `rewrite-test:${modelId}`,
      });
      // Says nothing of the model.
      if (wording.refused === 'busy' || wording.refused === 'failed') return null;
      wordings.push(wording);
    }
    done.delete(modelId);
    const figures = figuresOf(wordings);
    const kept = isTooSlow() ? { ...figures, medianMs: limitMs } : figures;
    keepRewriteTest(db, machine, probeVersion, modelId, { ...kept, at: clock.now() });
    log.info('rewrite.tested', { model: modelId, verdict: verdictOn(kept, limitMs) });
    return testOf(modelId) ?? null;
  };

  const start = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    const result = run(controller.signal);
    const ended = result.catch(() => undefined).finally(() => (running = null));
    running = { controller, ended };
    return result;
  };
  const giveWay = (): void => running?.controller.abort();

  return {
    searchWith,
    after(answerId) {
      const path = pathTo(db, answerId);
      const [question, answer] = path.slice(-2);
      if (closed || running !== null || settings.get().rewriteQuestions !== 'automatic') return;
      if (question === undefined || answer?.status !== 'complete' || answer.modelId === null)
        return;
      // Whole documents are not searched: no wording would have helped.
      if (answer.facts?.mode?.mode === 'whole') return;
      const { modelId, conversationId } = answer;
      const said = saidBefore(path.slice(0, -1));
      if (getConversation(db, conversationId).scope.kind === 'none') return;
      if (!dependsOnBefore(question.text, said) || testOf(modelId) !== undefined) return;
      start(async (signal) => {
        const lease = await provider.acquire(modelId, { signal });
        try {
          await test(lease, signal, 'background');
        } finally {
          lease.release();
        }
      }).catch((error: unknown) => {
        const { code } = toErrorShape(error);
        if (code !== 'cancelled') log.warn('rewrite.untested', { model: modelId, code });
      });
    },
    giveWay,
    handlers: {
      'chat.rewriteTests': () => ({ tests: tests(), limitMs, dialogues: dialogues.length }),
      async 'chat.testRewriting'() {
        giveWay();
        await running?.ended;
        if (closed) throw new AppError('cancelled', 'the program is closing');
        return start(async (signal) => {
          const lease = await provider.acquire(null, { signal });
          try {
            done.delete(lease.modelId);
            const result = await test(lease, signal, 'interactive');
            if (result !== null) return result;
          } catch (error) {
            if (!signal.aborted) throw error;
          } finally {
            lease.release();
          }
          throw new AppError('cancelled', 'the test gave way to a question');
        });
      },
    },
    async close() {
      closed = true;
      giveWay();
      await running?.ended;
    },
  };
}

/** What the rule looks for besides the question. */
function wordsByRule(question: string, said: Said): string[] {
  const words = standAlone(question, said)
    .earlier.filter(({ weight }) => weight >= leastWeight)
    .map(({ term }) => term.text);
  return [...new Set(words)].slice(0, mostTold);
}
