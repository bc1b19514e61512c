import { t } from '../../i18n/index.ts';
import type { Toasts } from '../../state/toasts.svelte.ts';

/** Files that were given beside readable ones and are of no kind that is read: said, not passed over. */
export function tellLeftOut(toasts: Toasts, leftOut: readonly string[]): void {
  const [name] = leftOut;
  if (name === undefined) return;
  const others = leftOut.length - 1;
  toasts.show(t('drop.leftOut', { count: leftOut.length, name, others }), null, 'bad');
}
