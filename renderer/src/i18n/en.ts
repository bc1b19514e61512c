import { adding } from './en/adding.ts';
import { answering } from './en/answering.ts';
import { away } from './en/away.ts';
import { backends } from './en/backends.ts';
import { chat } from './en/chat.ts';
import { downloads } from './en/downloads.ts';
import { engineMoves } from './en/engine-moves.ts';
import { errors } from './en/errors.ts';
import { finding } from './en/finding.ts';
import { fit } from './en/fit.ts';
import { loading } from './en/loading.ts';
import { queue } from './en/queue.ts';
import { library } from './en/library.ts';
import { memory } from './en/memory.ts';
import { models } from './en/models.ts';
import { network } from './en/network.ts';
import { origins } from './en/origins.ts';
import { proof } from './en/proof.ts';
import { reading } from './en/reading.ts';
import { refusals } from './en/refusals.ts';
import { rewriting } from './en/rewriting.ts';
import { searching } from './en/searching.ts';
import { settings } from './en/settings.ts';
import { embedding } from './en/embedding.ts';
import { shapes } from './en/shapes.ts';
import { shell } from './en/shell.ts';
import { states } from './en/states.ts';
import { stopped } from './en/stopped.ts';
import { storage } from './en/storage.ts';
import { tools } from './en/tools.ts';
import { watch } from './en/watch.ts';
import { viewing } from './en/viewing.ts';
import { waiting } from './en/waiting.ts';
import { welcome } from './en/welcome.ts';

/** The English catalogue: the type of every other one. One file a view keeps edits apart. */
export const en = {
  ...shell,
  ...errors,
  ...chat,
  ...welcome,
  ...waiting,
  ...stopped,
  ...away,
  ...origins,
  ...fit,
  ...loading,
  ...queue,
  ...library,
  ...reading,
  ...searching,
  ...models,
  ...downloads,
  ...adding,
  ...memory,
  ...settings,
  ...embedding,
  ...shapes,
  ...network,
  ...proof,
  ...refusals,
  ...states,
  ...storage,
  ...engineMoves,
  ...tools,
  ...backends,
  ...watch,
  ...answering,
  ...viewing,
  ...finding,
  ...rewriting,
} as const;

export type MessageKey = keyof typeof en;
export type Catalogue = Readonly<Record<MessageKey, string>>;
