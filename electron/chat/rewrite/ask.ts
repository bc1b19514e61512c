import type { Clock } from '../../core/ports.ts';
import type { Said } from '../../documents/retrieve/index.ts';
import type { ChatPrompt, EngineLease, GenerateRequest } from '../../engine/port.ts';
import type { RewriteRefusal } from '../../ipc/contract/index.ts';
import { accept } from './accept.ts';

/** A question in other words is no longer than this. */
const mostTokens = 48;
/** What of a conversation is shown: reading it is most of what a wording costs. */
const questionsShown = 3;
const questionLength = 240;
const answerLength = 360;

export interface Rewriting {
  /** The question as it stands alone; null = the rule alone. */
  readonly text: string | null;
  readonly refused: RewriteRefusal | null;
  readonly ms: number;
}

/**
 * Asks a loaded model to word a follow-up so that it stands alone. In a session of its own that is thrown away and
 * takes a place only from a conversation that loses nothing by it; gives up where it would have to wait for one, and
 * after `limitMs`.
 * Throws only where the signal aborts.
 */
export async function askModel(
  { clock }: { readonly clock: Clock },
  { engine }: Pick<EngineLease, 'engine'>,
  asked: {
    readonly question: string;
    readonly said: Said;
    readonly sessionId: string;
    /** null = of none: a test. */
    readonly conversationId: string | null;
    readonly priority?: GenerateRequest['priority'];
    readonly limitMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Rewriting> {
  const { question, said, sessionId, conversationId, priority, limitMs, signal } = asked;
  const begun = clock.now();
  const refused = (why: RewriteRefusal): Rewriting => ({
    text: null,
    refused: why,
    ms: Math.max(0, clock.now() - begun),
  });
  const ours = new AbortController();
  const limit = AbortSignal.timeout(limitMs);
  let written = '';
  try {
    const events = engine.generate(
      {
        sessionId,
        prompt: rewritePrompt(question, said),
        sampling: { temperature: 0, topP: 1, topK: 0 },
        maxTokens: mostTokens,
        purpose: { kind: 'rewrite', conversationId },
        ...(priority && { priority }),
      },
      AbortSignal.any([signal, limit, ours.signal]),
    );
    for await (const event of events) {
      if (event.type === 'queued') {
        ours.abort();
        return refused('busy');
      }
      if (event.type === 'text') written += event.text;
      // The first line is all that is wanted.
      if (/\S\s*\n/u.test(written)) ours.abort();
      if (event.type === 'end' && event.reason === 'aborted' && !ours.signal.aborted) {
        signal.throwIfAborted();
        return refused(limit.aborted ? 'slow' : 'busy');
      }
    }
  } catch {
    signal.throwIfAborted();
    return refused(limit.aborted ? 'slow' : 'failed');
  } finally {
    engine.forget(sessionId).catch(() => undefined);
  }
  const accepted = accept(written, question, said);
  if ('refused' in accepted) return refused(accepted.refused);
  return { text: accepted.text, refused: null, ms: Math.max(0, clock.now() - begun) };
}

/** The prompt: what to do, the last questions with the last answer, the follow-up. */
export function rewritePrompt(question: string, said: Said): ChatPrompt {
  const cut = (text: string, most: number): string =>
    [...text.replaceAll(/\s+/g, ' ').trim()].slice(0, most).join('');
  const questions = said.questions.slice(-questionsShown);
  const lines = questions.map((text) => `User: ${cut(text, questionLength)}`);
  const answer = said.answers.at(-1) ?? '';
  if (answer.trim() !== '') lines.push(`Assistant: ${cut(answer, answerLength)}`);
  const content =
    'Rewrite the last question so that it can be understood without the conversation. Say what words ' +
    'like "it" and "there" stand for. Keep its language, use only words of the conversation, do not ' +
    `answer it. Write the question only.\n\n${lines.join('\n')}\n\nLast question: ${cut(question, 600)}`;
  return { messages: [{ role: 'user', content }] };
}
