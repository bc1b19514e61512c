import type { ChatPrompt, EngineLease, Sampling } from '../engine/port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { Settings, TurnEvent, TurnStats } from '../ipc/contract/index.ts';
import { getMessage, saveText, siblingsOf } from '../storage/repositories/messages.ts';
import type { Writer } from '../storage/sql.ts';
import { createBatcher } from './batch.ts';
import { createPace } from './pace.ts';
import type { FittedPrompt } from './prompt.ts';
import { joined, statsOf } from './stats.ts';
import type { ToolTurn } from './tools/rounds.ts';
import type { TurnJob, TurnPorts } from './turn.ts';
import type { Written } from './written.ts';

/** Text reaches the database about this often, in milliseconds; a crash of CORE costs no more. */
const saveEveryMs = 1000;
/** Text leaves in batches of at least this many milliseconds: less than ENGINE's, whose batches go on at once. */
const batchMs = 20;
/** A second answer of the same model to the same question must be able to differ. */
const againTemperature = 0.5;

/** Has the model write an answer, calls of tools among it, and passes on what happens. */
export async function write(
  ports: TurnPorts,
  job: TurnJob,
  turn: {
    readonly lease: EngineLease;
    readonly fitted: FittedPrompt;
    readonly settings: Settings;
    readonly written: Written;
    readonly beside: Pick<TurnStats, 'loadMs' | 'switchedFrom' | 'wholeDocuments'>;
    readonly tools: ToolTurn;
  },
): Promise<void> {
  const { db, clock, log } = ports;
  const { lease, fitted, settings, written, beside, tools } = turn;
  let savedAt = clock.now();
  const pace = createPace(clock);
  const progressOf = (event: Extract<TurnEvent, { type: 'reading' }>): TurnEvent => {
    const isWhole = written.whole !== null && event.kept * 2 < event.total;
    return isWhole ? { ...pace(event), isWhole } : pace(event);
  };
  const batcher = createBatcher(batchMs, clock, (text) => {
    written.text += text;
    job.events.append({ type: 'text', text });
    const passed = clock.now() - savedAt;
    // Less than nothing: the clock was set back, and text must not stay unsaved until it catches up.
    if (passed >= 0 && passed < saveEveryMs) return;
    savedAt = clock.now();
    try {
      saveText(db, job.answerId, written.text);
    } catch (cause) {
      // The end of the turn tries again and then reports; the text on screen must not suffer.
      log.warn('turn.save', { turn: job.turnId, code: toErrorShape(cause).code });
    }
  });
  const { engine } = lease;
  const one = async (prompt: ChatPrompt): Promise<void> => {
    let isBreak = written.text !== '';
    const answers = engine.generate(
      {
        sessionId: job.conversationId,
        prompt,
        sampling: sampling(db, job, lease, settings),
        maxTokens: settings.maxAnswerTokens,
        ...(written.whole && { documentSet: written.whole.id }),
        ...(job.schema && { format: { type: 'json', schema: job.schema } }),
      },
      job.signal,
    );
    for await (const event of answers) {
      if (event.type === 'text') {
        // What was written before a call and behind it are two paragraphs.
        if (isBreak) batcher.add('\n\n');
        isBreak = false;
        tools.text(event.text);
        batcher.add(event.text);
        continue;
      }
      batcher.flush();
      if (event.type === 'thinking') tools.thinking(event.text);
      else if (event.type === 'tool-call') tools.call(event.call);
      else if (event.type === 'end') {
        tools.ended(event);
        // Of one stretch without markup; others are kept by `tools`.
        const isPlain = written.stats === null && event.raw === undefined;
        const { vocabulary } = lease.engine.info;
        written.answer = isPlain ? { vocabulary, tokens: event.tokens } : null;
        const stats = { ...statsOf(event.stats, event.reason, fitted), ...beside };
        written.stats = joined(written.stats, stats);
        if (event.reason === 'context') {
          throw new AppError('context-full', 'the context is full', {
            detail: { contextSize: event.stats.contextSize },
          });
        }
      } else {
        job.events.append(event.type === 'reading' ? progressOf(event) : event);
      }
    }
  };
  try {
    let { prompt } = fitted;
    for (;;) {
      await one(prompt);
      const { messages } = prompt;
      const more = await tools.run((added) =>
        engine.countTokens({ ...prompt, messages: [...messages, ...added] }),
      );
      if (more === null) break;
      prompt = { ...prompt, messages: [...messages, ...more] };
    }
  } finally {
    batcher.flush();
    tools.close();
  }
}

function sampling(db: Writer, job: TurnJob, lease: EngineLease, settings: Settings): Sampling {
  const { temperature, topP, topK } = settings;
  if (temperature > 0) return { temperature, topP, topK };
  const others = siblingsOf(db, getMessage(db, job.answerId)).filter(
    ({ id, modelId, text }) => id !== job.answerId && modelId === lease.modelId && text !== '',
  );
  return { temperature: others.length > 0 ? againTemperature : 0, topP, topK };
}
