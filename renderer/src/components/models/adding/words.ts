import type {
  ErrorShape,
  ModelCameFrom,
  PlaceFit,
} from '../../../../../electron/ipc/contract/index.ts';
import { bytes, count, day, hasKey, t } from '../../../i18n/index.ts';

/** What is wrong with a pasted place; null for errors that the common table words better. */
export function badPlace(error: ErrorShape | null): string | null {
  if (error?.code !== 'invalid-argument') return null;
  const key = `adding.bad.${error.detail?.['reason'] ?? 'place'}`;
  return hasKey(key) ? t(key) : t('adding.bad.place');
}

/** The hub wants to know who asks. */
export const isDenied = (error: ErrorShape | null): boolean =>
  error?.code === 'download-failed' && error.detail?.['reason'] === 'denied';

/** "fits: 4.5 GB at 32,768 tokens". */
export function fitWords(fit: PlaceFit): string {
  if (fit.verdict === 'no') {
    return t('adding.fitNo', { needed: bytes(fit.needed), capacity: bytes(fit.capacity) });
  }
  const key = fit.verdict === 'fits' ? 'adding.fitFits' : 'adding.fitShorter';
  return t(key, { memory: bytes(fit.predicted), context: count(fit.context) });
}

/** Where a model's file came from, in one line. */
export function cameFromWords(from: ModelCameFrom | null): string {
  if (from === null) return t('came.unknown');
  const on = day(from.at);
  switch (from.source) {
    case 'file':
      return t('came.file', { day: on });
    case 'folder':
      return from.tool === null || from.tool === 'folder'
        ? t('came.folder', { day: on })
        : t('came.tool', { tool: t(`adding.tool.${from.tool}`), day: on });
    case 'address':
      return t('came.address', { url: from.url ?? '', day: on });
    default:
      return t(`came.${from.source}`, { repository: from.repository ?? '', day: on });
  }
}
