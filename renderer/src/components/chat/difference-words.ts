import type { Difference } from '../../../../electron/ipc/contract/index.ts';
import { t } from '../../i18n/index.ts';

/** "The answer says 12 %, the document says 15 %". */
export function differenceWords(differences: readonly Difference[]): string {
  return differences
    .map(({ kind, said, found }) =>
      kind === 'denial'
        ? t('contradiction.denial', { found })
        : t('contradiction.mark', { said, found }),
    )
    .join('. ');
}
