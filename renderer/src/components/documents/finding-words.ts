import type { SearchState } from '../../../../electron/ipc/contract/index.ts';
import { t } from '../../i18n/index.ts';

/** How passages are found now, in words; null where there is nothing to find. */
export function findingWords({
  indexing,
  vectors,
  done,
  total,
  problem,
  lack = 'none',
}: SearchState): string | null {
  if (total === 0) return null;
  if (indexing) return t('finding.indexing', indexing);
  if (vectors === 'none') return t(lack === 'none' ? 'finding.words' : `finding.${lack}`);
  if (problem) return t('finding.problem', { done, total });
  return vectors === 'ready' ? t('finding.ready') : t('finding.partial', { done, total });
}

/** Where a person gets or chooses an embedding model; null where nothing is to be done. */
export function wayToMeaning({
  vectors,
  lack = 'none',
}: Pick<SearchState, 'vectors' | 'lack'>): 'models' | 'settings' | null {
  if (vectors !== 'none' || lack === 'checking') return null;
  return lack === 'none' ? 'models' : 'settings';
}
