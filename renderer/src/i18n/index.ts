export { t, setLocale, hasKey } from './translate.svelte.ts';
export type { MessageKey } from './en.ts';
export {
  anyOf,
  bytes,
  clock,
  count,
  day,
  daysAgo,
  duration,
  figure,
  monthOf,
  partOfDate,
  percent,
  relativeDay,
  timestamp,
} from './format.ts';
