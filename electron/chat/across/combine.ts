import type { ChatPrompt, EngineLease, PromptDocument } from '../../engine/port.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { AcrossFacts } from '../../ipc/contract/index.ts';
import type { LaidOut } from '../layout.ts';
import { generate } from './ask-each.ts';
import type { EachOptions } from './ask-each.ts';
import { acrossDocuments, answeredParts } from './documents.ts';
import { partPrompt } from './sections.ts';

/** Times that answers which do not fit together are put together in batches first. */
const mostRounds = 3;

/**
 * Finds a prompt that puts the answers of documents together. Where they do not fit, several at a time are
 * put together first; what still does not fit is left out and counted.
 */
export async function fitAcross(
  facts: AcrossFacts,
  options: Pick<
    EachOptions,
    'sessionId' | 'conversationId' | 'signal' | 'systemPrompt' | 'question' | 'limit'
  > & {
    readonly lease: EngineLease;
    readonly layOut: (beside: readonly PromptDocument[]) => Promise<LaidOut>;
  },
): Promise<{ readonly laid: LaidOut; readonly facts: AcrossFacts }> {
  let now = facts;
  for (let round = 0; ; round += 1) {
    const laid = await tried(options.layOut, now);
    if (laid !== null) return { laid, facts: now };
    const batches =
      now.batches ??
      answeredParts(now.parts).map(({ documentName, text }) => ({ names: [documentName], text }));
    if (round < mostRounds && batches.length > 2) {
      const fewer = await batched(batches, options);
      if (fewer.length < batches.length) {
        now = { ...now, batches: fewer };
        continue;
      }
    }
    if (batches.length - now.notCombined <= 1) {
      throw new AppError('prompt-too-long', 'the answers do not fit into the context');
    }
    now = { ...now, batches, notCombined: now.notCombined + 1 };
  }
}

async function tried(
  layOut: (beside: readonly PromptDocument[]) => Promise<LaidOut>,
  facts: AcrossFacts,
): Promise<LaidOut | null> {
  try {
    return await layOut(acrossDocuments(facts));
  } catch (error) {
    if (error instanceof AppError && error.code === 'prompt-too-long') return null;
    throw error;
  }
}

type Batch = NonNullable<AcrossFacts['batches']>[number];

/** As many as fit into a prompt become one, in their order. */
async function batched(
  batches: readonly Batch[],
  options: Parameters<typeof fitAcross>[1],
): Promise<readonly Batch[]> {
  const { lease, limit, systemPrompt, question } = options;
  const promptOf = (some: readonly Batch[]): ChatPrompt =>
    partPrompt(
      systemPrompt,
      question,
      some.map(({ names, text }, index) => ({
        doc_id: String(index + 1),
        title: names.join(', '),
        text,
      })),
    );
  const result: Batch[] = [];
  for (let at = 0; at < batches.length;) {
    let end = Math.min(batches.length, at + 8);
    while (
      end - at > 1 &&
      (await lease.engine.countTokens(promptOf(batches.slice(at, end)))) > limit
    ) {
      end -= 1;
    }
    const some = batches.slice(at, end);
    const [only] = some;
    if (only !== undefined && some.length === 1) result.push(only);
    else {
      const text = await generate(lease, options, promptOf(some));
      options.signal.throwIfAborted();
      result.push({ names: some.flatMap(({ names }) => names), text });
    }
    at = end;
  }
  return result;
}
