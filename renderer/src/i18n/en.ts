import { chat } from './en/chat.ts';
import { errors } from './en/errors.ts';
import { library } from './en/library.ts';
import { memory } from './en/memory.ts';
import { models } from './en/models.ts';
import { settings } from './en/settings.ts';
import { shapes } from './en/shapes.ts';
import { shell } from './en/shell.ts';
import { welcome } from './en/welcome.ts';

/** The English catalogue: the type of every other one. One file a view keeps edits apart. */
export const en = {
  ...shell,
  ...errors,
  ...chat,
  ...welcome,
  ...library,
  ...models,
  ...memory,
  ...settings,
  ...shapes,
} as const;

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;
