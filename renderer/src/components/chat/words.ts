import type {
  Citation,
  Collection,
  DocumentScope,
  Message,
  Model,
  TurnStats,
} from '../../../../electron/ipc/contract/index.ts';
import { bytes, count, duration, figure, monthOf, percent, t } from '../../i18n/index.ts';
import type { ConversationGroup } from '../../state/chat/groups.ts';
import type { TurnPhase } from '../../state/chat/turn-reader.ts';
import { placeWords } from '../documents/place.ts';
import { mayAnswer } from '../models/facts.ts';
import { toolName } from './tool-words.ts';

/** Why something did not fit, and what would help; null where the model or its figures are not known any more. */
export function leftOutWhy(
  { modelId, stats }: Pick<Message, 'modelId' | 'stats'>,
  models: readonly Model[],
): string | null {
  const model = models.find(({ id }) => id === modelId);
  if (model === undefined || stats === null) return null;
  const { name, promptLimit, contextLimit } = model;
  if (promptLimit !== null) return t('left.why.given', { name, limit: count(promptLimit) });
  const context = count(stats.contextSize);
  return stats.contextSize >= contextLimit
    ? t('left.why.most', { context })
    : t('left.why.context', { context, button: t('load.with') });
}

/** What is happening to a turn right now, with numbers. `written` = words of the answer so far. */
export function phaseWords(phase: TurnPhase, models: readonly Model[], written: number): string {
  switch (phase.kind) {
    case 'waiting':
    case 'ended':
      return t('chat.phase.waiting');
    case 'wording':
      return t('rewriting.phase');
    case 'queued':
      return t('chat.phase.queued', { position: phase.position });
    case 'loading': {
      const name = models.find((model) => model.id === phase.modelId)?.name ?? '';
      return t('chat.phase.loading', { name, percent: percent(phase.fraction) });
    }
    case 'found':
      return t('chat.phase.found', { passages: phase.passages });
    case 'reading':
      if (phase.isWhole || phase.msLeft !== undefined) {
        const done = { percent: percent(phase.total === 0 ? 1 : phase.done / phase.total) };
        const key = phase.isWhole ? 'whole.readingLeft' : 'chat.phase.readingLeft';
        if (phase.msLeft === undefined) return t('whole.reading', done);
        return t(key, { ...done, time: duration(phase.msLeft) });
      }
      return t('chat.phase.reading', {
        done: count(phase.done),
        total: count(phase.total),
        kept: count(phase.kept),
      });
    case 'thinking':
      return t('tools.phase.thinking');
    case 'asking':
      return t('tools.phase.asking', { name: toolName(phase.tool) });
    case 'tool':
      return t('tools.phase.running', { name: toolName(phase.tool) });
    case 'across':
      return phase.isCombining
        ? t('across.combining')
        : t('across.running', {
            done: count(phase.done),
            total: t('across.documents', { total: phase.total }),
          });
    case 'writing':
      return written === 0
        ? t('chat.phase.writing')
        : t('chat.phase.writingCount', { words: written });
  }
}

/** The quiet line below an answer, in parts. */
export function statsWords(stats: TurnStats): string[] {
  const parts: string[] = [];
  if (stats.tokensPerSecond !== null) {
    parts.push(t('chat.stats.speed', { speed: figure(stats.tokensPerSecond) }));
  }
  if (stats.firstTokenMs !== null) parts.push(firstWords(stats, stats.firstTokenMs));
  const read = { read: stats.readTokens, kept: stats.keptTokens };
  parts.push(t(stats.keptFrom === 'disk' ? 'moves.readAfterDisk' : 'chat.stats.read', read));
  if (stats.droppedPassages > 0) {
    parts.push(t('chat.stats.droppedPassages', { count: stats.droppedPassages }));
  }
  if (stats.droppedMessages > 0) {
    parts.push(t('chat.stats.droppedMessages', { count: stats.droppedMessages }));
  }
  return parts;
}

/** The wait for the first token: of a switch with what it was switched from and what was loading. */
function firstWords({ loadMs = 0, switchedFrom }: TurnStats, firstTokenMs: number): string {
  const time = duration(loadMs + firstTokenMs);
  const load = duration(loadMs);
  if (switchedFrom === undefined) {
    return loadMs > 0 ? t('fit.first.loaded', { time, load }) : t('chat.stats.first', { time });
  }
  return loadMs > 0
    ? t('fit.first.switchedLoaded', { time, load, name: switchedFrom })
    : t('fit.first.switched', { time, name: switchedFrom });
}

/** The accessible name of a citation's button. */
export function citationName(number: number, citation: Citation): string {
  const values = { number, document: citation.documentName, place: placeWords(citation) };
  return values.place === '' ? t('chat.citation', values) : t('place.citation', values);
}

/** Name of what a conversation looks into. */
export function scopeName(
  scope: DocumentScope,
  collections: readonly Collection[],
  documentName: string | null = null,
): string {
  if (scope.kind === 'none') return t('chat.scope.none');
  if (scope.kind === 'all') return t('chat.scope.all');
  if (scope.kind === 'document') return documentName ?? t('use.scope.gone');
  if (scope.kind === 'some') {
    const names = collections.filter(({ id }) => scope.collectionIds.includes(id));
    const [only] = names;
    if (only && names.length === 1 && scope.documentIds.length === 0) return only.name;
    return t('mention.several', { count: scope.collectionIds.length + scope.documentIds.length });
  }
  const found = collections.find(({ id }) => id === scope.collectionId);
  return found?.name ?? t('chat.scope.gone');
}

/** One short note about a model in a menu: what it costs or what it is doing. */
export function modelNote(model: Model): string {
  if (model.missing) return t('chat.model.missing');
  if (model.loaded?.state === 'loading') {
    return t('chat.model.loading', { percent: percent(model.loaded.fraction) });
  }
  const size = bytes(model.predictedBytes);
  if (model.loaded) return t('chat.model.loaded', { size });
  const { fit } = model;
  if (fit?.verdict === 'no') {
    return t('fit.pick.no', { needed: bytes(fit.needed), free: bytes(fit.available) });
  }
  if (fit?.verdict === 'makes-room') {
    return t('fit.pick.makesRoom', { size, names: fit.unloads.join(', ') });
  }
  return fit ? t('fit.pick.fits', { size }) : t('chat.model.needs', { size });
}

/** The model that a conversation uses: its own, the user's usual one, one in memory, the first. */
export function chooseModel(
  models: readonly Model[],
  wanted: string | null,
  usual: string | null,
): Model | undefined {
  const answering = models.filter(mayAnswer);
  const usable = answering.filter((model) => !model.missing);
  return (
    answering.find((model) => model.id === wanted) ??
    usable.find((model) => model.id === usual) ??
    usable.find((model) => model.loaded) ??
    usable[0]
  );
}

/** True for an answer that has nothing to show yet. */
export function isBare(message: Message): boolean {
  return message.text.trim() === '';
}

/** The heading of a group in the list. */
export function groupTitle(group: ConversationGroup): string {
  return group.kind === 'month' ? monthOf(group.at) : t(`chat.list.${group.kind}`);
}
