import type { ChatPrompt, PromptDocument } from '../engine/port.ts';
import type { Message, PromptLayout, Source } from '../ipc/contract/index.ts';
import { acrossDocuments } from './across/documents.ts';
import { buildPrompt, documentOf, fitPrompt } from './prompt.ts';
import type { FittedPrompt } from './prompt.ts';

/** The prompt of the last answer on a branch: what comes now goes on behind it. */
export interface Before {
  readonly layout: PromptLayout;
  /** All that stand in it. */
  readonly sources: readonly Source[];
}

export interface LaidOut extends FittedPrompt {
  readonly layout: PromptLayout;
  /** Found, but did not fit. */
  readonly left: readonly Source[];
}

/** null for the first question, and behind an answer whose prompt held whole documents. */
export function beforeOf(path: readonly Message[]): Before | null {
  const at = path.findLastIndex(({ role, stats }) => role === 'assistant' && stats !== null);
  const last = path[at];
  const question = path[at - 1];
  if (!last?.stats || question === undefined) return null;
  if (last.stats.wholeDocuments !== undefined) return null;
  const { layout } = last.facts ?? {};
  if (layout === undefined) {
    // Of before layouts were kept.
    const sources = last.sources.filter(({ byTool }) => byTool !== true);
    const front = sources.map(({ number }) => number);
    const { droppedMessages: dropped } = last.stats;
    return { layout: { dropped, since: question.id, front, added: [] }, sources };
  }
  const standing = new Map<number, Source>();
  for (const { facts, sources } of path) {
    if (facts?.layout?.since !== layout.since) continue;
    for (const number of [...facts.layout.front, ...facts.layout.added]) {
      const source = sources.find((one) => one.number === number);
      if (source !== undefined && !standing.has(number)) standing.set(number, source);
      else if (!standing.has(number)) return null;
    }
  }
  return { layout, sources: [...standing.values()] };
}

/** Numbers that hold for the whole conversation: a passage that stands in the prompt keeps its own. */
function numbered(
  found: readonly Source[],
  held: readonly Source[],
  path: readonly Message[],
): Source[] {
  const used = [...held, ...path.flatMap(({ sources }) => sources)];
  let next = Math.max(0, ...used.map(({ number }) => number));
  return found.map((source) => {
    const same = held.find((old) => holds(old, source));
    return same ?? { ...source, number: (next += 1) };
  });
}

function holds(old: Source, source: Source): boolean {
  return (
    old.documentId === source.documentId &&
    old.passageId === source.passageId &&
    old.start <= source.start &&
    old.end >= source.end
  );
}

/** What stands in the messages of the questions of one layout, by question. */
function inTurnOf(
  path: readonly Message[],
  { since }: PromptLayout,
): Map<string, readonly PromptDocument[]> {
  const found = new Map<string, readonly PromptDocument[]>();
  path.forEach((answer, index) => {
    const { layout, across } = answer.facts ?? {};
    const question = path[index - 1];
    if (question === undefined || layout?.since !== since) return;
    const added = answer.sources.filter(({ number }) => layout.added.includes(number));
    const documents = [
      ...(across ? acrossDocuments(across) : []),
      ...added.map((source) => documentOf(source)),
    ];
    if (documents.length > 0) found.set(question.id, documents);
  });
  return found;
}

/**
 * The prompt for a question. Where there is one before it, that one stays as it is and what is new comes
 * behind it: new passages stand within the question's own message, so that all that was read stays read.
 * Only where that does not fit any more is it laid out anew, with the passages in the template's own
 * block and as many old messages left out as must be (`fitPrompt`).
 *
 * Throws 'prompt-too-long' as `fitPrompt` does.
 */
export async function layOut(
  options: Parameters<typeof fitPrompt>[0] & {
    readonly before: Before | null;
    /** Stand in the question's message wherever the passages do. */
    readonly beside?: readonly PromptDocument[];
  },
): Promise<LaidOut> {
  const { path, sources: found, before, beside = [], limit } = options;
  const question = path.at(-1)?.id ?? '';
  const held = before?.sources ?? [];
  const all = numbered(found, held, path);
  const added = all.filter((source) => !held.includes(source));
  if (before !== null) {
    const { layout } = before;
    const now = [...beside, ...added.map((source) => documentOf(source))];
    const inTurn = inTurnOf(path, layout);
    if (now.length > 0) inTurn.set(question, now);
    const front = held.filter(({ number }) => layout.front.includes(number));
    const prompt: ChatPrompt = buildPrompt(
      options.systemPrompt,
      path.slice(layout.dropped),
      front,
      { ...options, inTurn },
    );
    const promptTokens = await options.count(prompt);
    if (promptTokens <= limit) {
      return {
        prompt,
        sources: [...held, ...added],
        promptTokens,
        droppedMessages: layout.dropped,
        droppedPassages: 0,
        left: [],
        layout: { ...layout, added: added.map(({ number }) => number) },
      };
    }
  }
  const inTurn = new Map(beside.length > 0 ? [[question, beside]] : []);
  const front = all.length > 0 || beside.length > 0 ? all : held;
  const fitted = await fitPrompt({ ...options, sources: front, inTurn });
  return { ...fitted, ...anew(fitted, question, front) };
}

/** Of a prompt that goes on behind nothing. */
export function anew(
  fitted: FittedPrompt,
  question: string,
  found: readonly Source[],
): Pick<LaidOut, 'layout' | 'left'> {
  return {
    left: found.filter((source) => !fitted.sources.includes(source)),
    layout: {
      dropped: fitted.droppedMessages,
      since: question,
      front: fitted.sources.map(({ number }) => number),
      added: [],
    },
  };
}
