import type { EngineLease, EngineLook, EngineProvider } from '../../engine/port.ts';
import type { AnswerMode, Message, ModeChoice, Settings } from '../../ipc/contract/index.ts';
import type { ConversationRecord } from '../../storage/repositories/conversations.ts';
import { isSetRead, wholeSize } from '../../storage/repositories/whole-documents.ts';
import type { Reader } from '../../storage/sql.ts';
import { promptLimit } from '../prompt-limit.ts';
import { instructionsHash, readWholeSet, wholeLimit, wholePrompt } from '../whole-document.ts';
import { modeChoice } from './choose.ts';
import type { ModeEvidence } from './choose.ts';
import { questionKind } from './question-kind.ts';

/** More than a token ever stands for in prose: texts longer than that many contexts are not even counted. */
const mostCharactersPerToken = 12;

/**
 * Chooses the mode for a question. A model is lent, and loaded if need be, only where its count decides.
 */
export async function chooseFor(
  ports: {
    readonly db: Reader;
    readonly provider: Pick<EngineProvider, 'look' | 'keepsDocuments'>;
    readonly settings: { get(): Settings };
  },
  turn: {
    readonly conversation: ConversationRecord;
    readonly path: readonly Message[];
    readonly asked: AnswerMode | undefined;
    readonly lend: () => Promise<EngineLease>;
  },
): Promise<ModeChoice> {
  const { db, provider } = ports;
  const { conversation, path, asked, lend } = turn;
  const { scope, systemPrompt, use } = conversation;
  const kind = questionKind(path.at(-1)?.text ?? '');
  const { documents, characters } = wholeSize(db, scope);
  const plain: ModeEvidence = {
    kind,
    documents,
    tokens: null,
    limit: null,
    isReadBefore: false,
    goesOnWhole: false,
  };
  const isChosen = asked !== undefined || use !== 'auto';
  if (isChosen || kind === 'talk' || documents === 0) return modeChoice(use, asked, plain);
  const look = await lookSafely(provider, conversation.modelId);
  if (look === null || characters > look.contextSize * mostCharactersPerToken) {
    return modeChoice(use, asked, plain);
  }
  const set = readWholeSet(db, scope);
  if (set === null) return modeChoice(use, asked, plain);
  const { modelId } = look;
  const instructions = instructionsHash(systemPrompt);
  const wasRead = isSetRead(db, { setId: set.id, modelId, instructions });
  const last = path.findLast(({ role, stats }) => role === 'assistant' && stats !== null);
  const goesOnWhole = wasRead && last?.stats?.wholeDocuments !== undefined;
  const isReadBefore = wasRead && (await provider.keepsDocuments(modelId, set.id));
  if (kind === 'fact' && !goesOnWhole && !isReadBefore) return modeChoice(use, asked, plain);
  const { engine, promptLimit: mostPrompt } = await lend();
  const limit = wholeLimit(
    promptLimit(
      { contextSize: engine.info.contextSize, promptLimit: mostPrompt },
      ports.settings.get(),
    ),
  );
  const tokens = await engine.countTokens(wholePrompt(set, systemPrompt));
  return modeChoice(use, asked, { ...plain, tokens, limit, isReadBefore, goesOnWhole });
}

/** null where there is no model to ask: then finding nothing can still be told without one. */
async function lookSafely(
  provider: Pick<EngineProvider, 'look'>,
  modelId: string | null,
): Promise<EngineLook | null> {
  try {
    return await provider.look(modelId);
  } catch {
    return null;
  }
}
