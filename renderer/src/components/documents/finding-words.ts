import type { SearchState } from '../../../../electron/ipc/contract/index.ts';
import { t } from '../../i18n/index.ts';

/** How passages are found now, in words; null where there is nothing to find. */
export function findingWords({
  indexing,
  vectors,
  done,
  total,
  problem,
}: SearchState): string | null {
  if (total === 0) return null;
  if (indexing) return t('finding.indexing', indexing);
  if (vectors === 'none') return t('finding.words');
  if (problem) return t('finding.problem', { done, total });
  return vectors === 'ready' ? t('finding.ready') : t('finding.partial', { done, total });
}
