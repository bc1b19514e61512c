import type { EndReason, EngineLease, PromptMessage, WrittenCall } from '../../engine/port.ts';
import type {
  AnswerStep,
  DocumentScope,
  Source,
  ToolArguments,
  ToolName,
  ToolUse,
} from '../../ipc/contract/index.ts';
import { saveSteps, settledSteps } from '../../storage/repositories/message-steps.ts';
import type { StoredRound } from '../../storage/repositories/message-steps.ts';
import type { TurnJob, TurnPorts } from '../turn.ts';
import { argumentProblem, runTool, toolOf } from './builtin.ts';
import type { ToolContext } from './builtin.ts';
import { ToolError } from './library.ts';
import { roundMessages } from './prompt.ts';
import type { PromptModel } from './prompt.ts';

/** Times that a model may go on with the results of tools, and with nothing but calls that failed. */
const mostRounds = 6;
const mostBroken = 3;
const saveEveryMs = 1000;

export interface ToolTurn {
  /** The model writes text: a thought before it is over. */
  text(text: string): void;
  thinking(text: string): void;
  call(call: WrittenCall): void;
  /** The engine's last event of this round. */
  ended(end: { reason: EndReason; tokens: readonly number[]; raw?: string }): void;
  /**
   * Runs what was called, asking where that is wanted, and gives the messages to go on with; null when
   * there is nothing to go on with. `count` = tokens of the prompt with such messages.
   */
  run(
    count: (messages: readonly PromptMessage[]) => Promise<number>,
  ): Promise<readonly PromptMessage[] | null>;
  /** Nothing more comes, for whatever reason: what is open comes to nothing, all of it is saved. */
  close(): void;
}

interface Round {
  text: string;
  thinking: boolean;
  uses: ToolUse[];
  /** Of calls that could not be read: what the model is answered. */
  problems: Map<string, string>;
  end: { reason: EndReason; tokens: readonly number[]; raw?: string } | null;
}

/** Takes what a model does besides writing through one turn. */
export function createToolTurn(
  ports: Pick<TurnPorts, 'db' | 'retriever' | 'settings' | 'clock' | 'consent'>,
  job: TurnJob,
  turn: {
    readonly lease: EngineLease;
    readonly scope: DocumentScope;
    readonly offered: readonly ToolName[];
    /** Tokens that the prompt may take. */
    readonly limit: number;
    readonly sources: () => readonly Source[];
    readonly onSources: (added: readonly Source[]) => void;
  },
): ToolTurn {
  const { db, clock } = ports;
  const { offered, lease } = turn;
  const model: PromptModel = {
    modelId: lease.modelId,
    vocabulary: lease.engine.info.vocabulary,
  };
  const steps: AnswerStep[] = [];
  const rounds: StoredRound[] = [];
  let round = newRound();
  let broken = 0;
  let uses = 0;
  let thoughtAt = 0;
  let savedAt = 0;

  const save = (): void => {
    savedAt = clock.now();
    const isPlain = steps.length === 0 && rounds.every((one) => one.raw === one.text);
    saveSteps(db, job.answerId, steps, isPlain ? [] : rounds);
  };

  const show = (use: ToolUse): ToolUse => {
    const at = steps.findIndex((step) => step.kind === 'tool' && step.id === use.id);
    if (at < 0) steps.push(use);
    else steps[at] = use;
    const index = round.uses.findIndex(({ id }) => id === use.id);
    if (index >= 0) round.uses[index] = use;
    save();
    job.events.append({ type: 'tool', use });
    return use;
  };

  const endThought = (): void => {
    const last = steps.at(-1);
    if (last?.kind !== 'thinking' || last.ms !== null) return;
    const ms = Math.max(0, clock.now() - thoughtAt);
    steps[steps.length - 1] = { ...last, ms };
    save();
    job.events.append({ type: 'thought', ms });
  };

  /** What the model is answered, and how the call ended. */
  const answer = async (use: ToolUse): Promise<Pick<ToolUse, 'state' | 'result'>> => {
    const failed = (result: string) => ({ state: 'failed' as const, result: `Error: ${result}` });
    const unreadable = round.problems.get(use.id);
    if (unreadable !== undefined) return failed(unreadable);
    const name = toolOf(use.name, offered);
    if (name === undefined) {
      return failed(`There is no tool "${use.name.slice(0, 80)}". Tools: ${offered.join(', ')}.`);
    }
    const problem = argumentProblem(name, use.arguments);
    if (problem !== null) return failed(problem);
    if (ports.settings.get().tools[name] !== 'allow') {
      show({ ...use, state: 'asking' });
      const said = await ports.consent.ask(use.id, job.signal);
      if (said === 'never') {
        return { state: 'refused', result: 'The user did not allow this call.' };
      }
      if (said === 'always') {
        const { tools } = ports.settings.get();
        ports.settings.set({ tools: { ...tools, [name]: 'allow' } });
      }
    }
    show({ ...use, state: 'running' });
    const context: ToolContext = {
      ...{ db, retriever: ports.retriever, scope: turn.scope, limit: turn.limit },
      known: turn.sources(),
      now: clock.now(),
      signal: job.signal,
    };
    try {
      const { text, sources = [] } = await runTool(name, use.arguments, context);
      if (sources.length > 0) turn.onSources(sources);
      return { state: 'done', result: text };
    } catch (error) {
      if (error instanceof ToolError) return failed(error.message);
      throw error;
    }
  };

  const store = (): StoredRound => {
    const { text, thinking, uses: called, end } = round;
    const stored: StoredRound = {
      raw: end?.raw ?? text,
      // A template may take reasoning out of earlier answers: ids would put it back.
      tokens: thinking || end === null ? [] : end.tokens,
      ...model,
      text,
      calls: called.map((use) => ({ name: use.name || 'unknown', arguments: use.arguments })),
      results: called.map(({ result }) => result ?? 'The user ended this before it was run.'),
    };
    rounds.push(stored);
    return stored;
  };

  return {
    text(text) {
      endThought();
      round.text += text;
    },
    thinking(text) {
      const last = steps.at(-1);
      round.thinking = true;
      if (last?.kind === 'thinking' && last.ms === null) {
        steps[steps.length - 1] = { ...last, text: last.text + text };
      } else {
        thoughtAt = clock.now();
        steps.push({ kind: 'thinking', text, ms: null });
      }
      job.events.append({ type: 'thinking', text });
      if (Math.abs(clock.now() - savedAt) >= saveEveryMs) save();
    },
    call(call) {
      endThought();
      const readable = 'name' in call;
      const use: ToolUse = {
        kind: 'tool',
        id: `${job.turnId}:${(uses += 1)}`,
        name: readable ? call.name : '',
        arguments: readable ? call.arguments : ({ text: call.text } satisfies ToolArguments),
        state: 'running',
        result: null,
      };
      round.uses.push(use);
      if (!readable) round.problems.set(use.id, unreadableWords[call.problem]);
      show(use);
    },
    ended(end) {
      endThought();
      round.end = end;
    },
    async run(count) {
      const { uses: called, end } = round;
      if (called.length === 0 || end?.reason !== 'stop') return null;
      for (const use of called) show({ ...use, ...(await answer(use)) });
      const stored = store();
      broken = round.uses.every(({ state }) => state === 'failed') ? broken + 1 : 0;
      round = newRound();
      save();
      if (rounds.length >= mostRounds || broken >= mostBroken) {
        steps.push({ kind: 'limit', rounds: rounds.length });
        save();
        job.events.append({ type: 'tool-limit', rounds: rounds.length });
        return null;
      }
      const fitted = await fitResults(stored, (tried) => count(roundMessages([tried], model)));
      rounds[rounds.length - 1] = fitted;
      save();
      return roundMessages([fitted], model);
    },
    close() {
      endThought();
      settledSteps(steps).forEach((step, at) => {
        if (step.kind === 'tool' && steps[at] !== step) show(step);
      });
      if (round.end !== null || round.text !== '' || round.uses.length > 0) store();
      round = newRound();
      if (steps.length > 0 || rounds.some((one) => one.raw !== one.text)) save();
    },
  };

  /** Results that do not fit are cut by halves, the longest first. */
  async function fitResults(
    stored: StoredRound,
    count: (tried: StoredRound) => Promise<number>,
  ): Promise<StoredRound> {
    let tried = stored;
    while ((await count(tried)) > turn.limit) {
      const longest = Math.max(...tried.results.map(({ length }) => length));
      if (longest < 200) break;
      const cut = tried.results.findIndex(({ length }) => length === longest);
      tried = {
        ...tried,
        results: tried.results.map((result, at) =>
          at === cut ? `${result.slice(0, longest >> 1)}\n(cut: the rest does not fit)` : result,
        ),
      };
    }
    return tried;
  }
}

const unreadableWords = {
  'not-json': 'The call is not valid JSON.',
  'not-xml': 'The call has no function.',
  'no-name': 'The call names no tool.',
  'no-arguments': 'The arguments are no object.',
  unfinished: 'The call has no end.',
} as const;

function newRound(): Round {
  return { text: '', thinking: false, uses: [], problems: new Map(), end: null };
}
