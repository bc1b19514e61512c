import type { EngineLease } from '../../engine/port.ts';
import type {
  AcrossFacts,
  AcrossPart,
  Message,
  ModeChoice,
  Settings,
  Source,
} from '../../ipc/contract/index.ts';
import type { ConversationRecord } from '../../storage/repositories/conversations.ts';
import { saveFacts } from '../../storage/repositories/messages.ts';
import { layOut } from '../layout.ts';
import type { Before } from '../layout.ts';
import { searchQuery } from '../passages.ts';
import type { fitPrompt } from '../prompt.ts';
import type { TurnJob, TurnPorts } from '../turn.ts';
import type { Written } from '../written.ts';
import { askEach } from './ask-each.ts';
import { fitAcross } from './combine.ts';
import { answeredParts, countText, ownWords } from './documents.ts';

export interface AcrossTurn {
  readonly lease: EngineLease;
  readonly conversation: ConversationRecord;
  readonly path: readonly Message[];
  readonly choice: ModeChoice;
  readonly before: Before | null;
  readonly settings: Settings;
  readonly fitting: Omit<Parameters<typeof fitPrompt>[0], 'sources'>;
  readonly written: Written;
}

/**
 * Answers by asking each document and putting together what they say. @returns the prompt that puts it
 * together; null where nothing is left to write: no document answers, only one does, or it was stopped.
 */
export async function prepareAcross(
  ports: TurnPorts,
  job: TurnJob,
  turn: AcrossTurn,
): Promise<Awaited<ReturnType<typeof layOut>> | null> {
  const { lease, conversation, path, choice, written, fitting } = turn;
  const { signal, events } = job;
  const sessionId = `part:${job.answerId}`;
  const question = searchQuery(path).split('\n').toReversed().join('\n');
  const tell = (
    changed: readonly AcrossPart[],
    all: readonly AcrossPart[],
    isCombining = false,
  ): void => {
    // What has no text is not asked.
    const asked = all.filter(({ state }) => state !== 'not-read');
    const done = asked.filter(({ state }) => state !== 'waiting' && state !== 'reading').length;
    events.append({ type: 'across', parts: changed, done, total: asked.length, isCombining });
  };
  const keep = (across: AcrossFacts): void => {
    written.facts = { ...written.facts, across };
    saveFacts(ports.db, job.answerId, written.facts);
  };
  const each = {
    lease,
    scope: conversation.scope,
    systemPrompt: conversation.systemPrompt,
    question,
    kind: choice.kind,
    limit: fitting.limit,
    sessionId,
    conversationId: conversation.id,
    signal,
    onChange: (changed: readonly AcrossPart[], all: readonly AcrossPart[]) => {
      keep({ parts: [...all], notCombined: 0 });
      tell(changed, all);
    },
  };
  const write = (text: string): void => {
    written.text += text;
    events.append({ type: 'text', text });
  };
  try {
    const { parts, sources } = await askEach(ports, each);
    const answered = answeredParts(parts);
    written.checkWith = [...sources, countSource(parts, sources.length + 1)];
    const [only] = answered;
    if (only === undefined) {
      written.nothingFound = !signal.aborted;
      return null;
    }
    if (signal.aborted) {
      // What the documents said so far is the answer that there is.
      write(
        answered
          .map(({ documentName, text }) => `**${plainName(documentName)}**\n\n${text}`)
          .join('\n\n'),
      );
      return null;
    }
    if (answered.length === 1) {
      write(only.text);
      return null;
    }
    tell([], parts, true);
    const { laid, facts } = await fitAcross(
      { parts, notCombined: 0 },
      {
        ...each,
        layOut: (beside) => layOut({ ...fitting, sources: [], before: turn.before, beside }),
      },
    );
    keep(facts);
    return laid;
  } finally {
    lease.engine.forget(sessionId).catch(() => undefined);
  }
}

/** Names of files are no markdown. */
function plainName(name: string): string {
  return name.replaceAll(/[*_`[\]<>\\#]/g, '\\$&');
}

function countSource(parts: readonly AcrossPart[], number: number): Source {
  const text = countText(parts);
  return {
    number,
    passageId: '',
    documentId: ownWords,
    documentName: '',
    page: null,
    heading: null,
    text,
    start: 0,
    end: text.length,
    score: 1,
  };
}
