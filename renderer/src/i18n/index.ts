export { t, setLocale, hasKey } from './translate.svelte.ts';
export type { MessageKey } from './en.ts';
export {
  bytes,
  clock,
  count,
  day,
  daysAgo,
  duration,
  figure,
  monthOf,
  percent,
  relativeDay,
  timestamp,
} from './format.ts';
