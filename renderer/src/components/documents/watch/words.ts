import type { WatchState } from '../../../../../electron/ipc/contract/index.ts';
import { bytes, duration, t } from '../../../i18n/index.ts';

/** What the line says first, and what follows it in a quieter voice. */
export function wordsOf(state: WatchState): { readonly main: string; readonly more: string[] } {
  const { phase, progress, unread } = state;
  if (phase === 'away')
    return { main: t(`watch.away.${state.away?.reason ?? 'missing'}`), more: [] };
  if (phase === 'paused') {
    if (state.paused === 'all') return { main: t('watch.pausedAll'), more: [] };
    return {
      main: unread > 0 ? t('watch.pausedUnread', { count: unread }) : t('watch.paused'),
      more: [],
    };
  }
  if (phase === 'reading' && progress !== null) {
    const { files, filesTotal, secondsLeft } = progress;
    const time =
      secondsLeft === null
        ? t('watch.leftUnknown')
        : t('watch.left', { time: duration(Math.max(1, secondsLeft) * 1000) });
    return {
      // People count from one: the file being read is the next after those done.
      main: t('watch.reading', { file: Math.min(filesTotal, files + 1), total: filesTotal }),
      more: [
        t('watch.bytes', { done: bytes(progress.bytes), all: bytes(progress.bytesTotal) }),
        progress.givesWay ? t('watch.givesWay') : time,
      ],
    };
  }
  if (phase === 'waiting') return { main: t('watch.waiting', { count: unread }), more: [] };
  return { main: t(phase === 'looking' ? 'watch.looking' : 'watch.inStep'), more: [] };
}

/** What there is to know besides: of a folder that is away, and why changes are not seen at once. */
export function noteOf({ limited, away, folder }: WatchState): string | null {
  if (away !== null) return t(`watch.stay.${away.reason}`, { folder });
  if (limited === null) return null;
  const minutes = Math.max(1, Math.round(limited.everySeconds / 60));
  return t(`watch.limited.${limited.reason}`, { minutes });
}
