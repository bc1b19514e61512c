import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Announcer, Clock, Ids, Log } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { IgnoreRules } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import type { DocumentsRepository, StoredDocument } from '../../storage/repositories/documents.ts';
import { watchedRepository } from '../../storage/repositories/watched.ts';
import type { Writer } from '../../storage/sql.ts';
import type { StartIngest } from '../handlers.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createBellFoundry, systemWatching } from './bells.ts';
import type { Watching } from './bells.ts';
import { lookElsewhere } from './elsewhere.ts';
import { createFollower, usualTiming } from './follower.ts';
import type { Follower, Timing } from './follower.ts';
import { whileBusy } from './reading.ts';
import { ruleFor, usualRules } from './rules.ts';

export interface WatchOptions {
  /** Folders are looked at without being asked: at the start, when they change, and every so often. */
  readonly follow: boolean;
  readonly timing?: Partial<Timing>;
  readonly watching?: Watching;
}

export interface WatchPorts {
  readonly db: Writer;
  readonly documents: DocumentsRepository;
  readonly ingest: Ingest;
  readonly start: StartIngest;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly isBusy: () => boolean;
  readonly dropped: (documents: readonly StoredDocument[]) => Promise<void>;
  readonly readsPictures: () => Promise<boolean>;
  readonly options: WatchOptions;
}

type Names =
  | ('watchState' | 'pause' | 'resume' | 'rescan' | 'tryAgain' | 'relocate')
  | ('ignoreRules' | 'setIgnoreRules');

export interface Watch {
  readonly handlers: Pick<HandlersOf<'documents'>, `documents.${Names}`>;
  /** A person gave a collection's folder: a look now and the reading of what is new, as a task. @returns its id. */
  add(collectionId: string, subject: string): string;
  /** After the start. @returns the collections whose unread documents are taken care of. */
  recover(): ReadonlySet<string>;
  /** A person removed a document: its file is left out from now on, or the next look would bring it back. */
  excluded(document: StoredDocument): void;
  forget(collectionId: string): void;
  /** Before `Ingest.close`. */
  close(): Promise<void>;
}

/** Collections made from folders, kept in step with them. */
export function createWatch(ports: WatchPorts): Watch {
  const { db, documents, announcer, clock, options } = ports;
  const watched = watchedRepository(db);
  const hang = options.follow ? createBellFoundry(options.watching ?? systemWatching()) : null;
  const followers = new Map<string, Follower>();
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T> | T): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };

  const of = (collectionId: string): Follower => {
    const known = followers.get(collectionId);
    if (known !== undefined) return known;
    const made = createFollower({
      ...ports,
      ...{ collectionId, watched, hang },
      timing: { ...usualTiming, ...options.timing },
      pausedAll: () => watched.pausedAll(),
      announce: (name) => announcer.push(name, { collectionId }),
      giveWay: (signal) => whileBusy(ports.isBusy, signal),
      inTurn,
    });
    followers.set(collectionId, made);
    return made;
  };

  /** Throws 'not-found'. */
  const folderOf = (collectionId: string) => {
    const found = watched.folder(collectionId);
    if (found !== undefined) return found;
    throw new AppError('not-found', 'no such collection of a folder', {
      detail: { id: collectionId },
    });
  };

  const setPaused = (collectionId: string | undefined, paused: boolean): null => {
    if (collectionId === undefined) watched.setPausedAll(paused, clock.now());
    else watched.setPaused(folderOf(collectionId).collectionId, paused);
    for (const [id, follower] of followers) {
      if (collectionId === undefined || collectionId === id) follower.pausesChanged();
    }
    announcer.push('documents.watch', { collectionId: collectionId ?? null });
    return null;
  };

  const begin = (collectionId: string): Follower => {
    const follower = of(collectionId);
    if (options.follow) follower.begin();
    return follower;
  };

  const relocate: Watch['handlers']['documents.relocate'] = async (request) => {
    const { collectionId, paths, anyway = false } = request;
    const at = folderOf(collectionId);
    const folder = resolve(paths[0] ?? '');
    const other = documents.collectionOfFolder(folder);
    if (other !== undefined && other.id !== collectionId) {
      return { state: 'taken', folder, found: 0, missing: 0, takenBy: other.name };
    }
    const below = documents
      .list(collectionId)
      .filter(({ path }) => path.startsWith(join(at.folder, '/')));
    const seen = {
      folder,
      takenBy: null,
      ...(await lookElsewhere(at, below, folder, closing.signal)),
    };
    if (below.length > 0 && seen.found === 0) return { state: 'another', ...seen };
    if (seen.missing > 0 && !anyway) return { state: 'asks', ...seen };
    followers.get(collectionId)?.close();
    followers.delete(collectionId);
    // What it was looking at must not be written below the new place.
    await inTurn(() => {
      watched.relocate(collectionId, folder);
      watched.putBack(collectionId);
    });
    const follower = of(collectionId);
    follower.readNow(at.name);
    if (options.follow) follower.begin();
    announcer.push('documents.changed', { collectionId });
    return { state: 'moved', ...seen };
  };

  const rulesOf = (collectionId: string): IgnoreRules => ({
    usual: usualRules,
    own: folderOf(collectionId).rules,
    files: of(collectionId).rulesFiles,
  });

  return {
    handlers: {
      'documents.watchState': ({ collectionId }) => {
        const wanted =
          collectionId === undefined
            ? watched.folders().map((one) => one.collectionId)
            : [folderOf(collectionId).collectionId];
        return wanted.flatMap((id) => of(id).state() ?? []);
      },
      'documents.pause': ({ collectionId }) => setPaused(collectionId, true),
      'documents.resume': ({ collectionId }) => setPaused(collectionId, false),
      'documents.rescan': ({ collectionId }) => {
        if (folderOf(collectionId).paused) watched.setPaused(collectionId, false);
        void of(collectionId).look();
        return null;
      },
      'documents.tryAgain': ({ collectionId, documentId, only }) => {
        if (documents.collection(collectionId) === undefined) {
          throw new AppError('not-found', 'no such collection', { detail: { id: collectionId } });
        }
        const all = only === undefined ? watched.failed : watched.stopped;
        const failed = all(collectionId).filter(
          (id) => documentId === undefined || id === documentId,
        );
        db.transaction(() => failed.forEach((id) => watched.queue(id)));
        of(collectionId).goOn();
        announcer.push('documents.changed', { collectionId });
        return { documents: failed.length };
      },
      'documents.relocate': relocate,
      'documents.ignoreRules': ({ collectionId }) => rulesOf(collectionId),
      'documents.setIgnoreRules': ({ collectionId, own }) => {
        folderOf(collectionId);
        watched.setRules(collectionId, own);
        void of(collectionId).look();
        return rulesOf(collectionId);
      },
    },

    add(collectionId, subject) {
      watched.setPaused(collectionId, false);
      const known = followers.has(collectionId);
      const follower = of(collectionId);
      const taskId = follower.readNow(subject);
      if (!known && options.follow) follower.begin();
      return taskId;
    },

    recover() {
      if (!options.follow) return new Set();
      const folders = watched.folders();
      for (const { collectionId } of folders) {
        watched.putBack(collectionId);
        begin(collectionId);
      }
      return new Set(folders.map((one) => one.collectionId));
    },

    excluded({ collectionId, path }) {
      const folder = watched.folder(collectionId);
      if (folder === undefined) return;
      const below = relative(folder.folder, path);
      if (below === '' || below.startsWith('..') || isAbsolute(below)) return;
      const rule = ruleFor(below.split(sep).join('/'));
      const before =
        folder.rules === '' || folder.rules.endsWith('\n') ? folder.rules : `${folder.rules}\n`;
      watched.setRules(collectionId, `${before}${rule}\n`);
    },

    forget(collectionId) {
      followers.get(collectionId)?.close();
      followers.delete(collectionId);
    },

    async close() {
      closing.abort(new AppError('cancelled', 'closing'));
      for (const follower of followers.values()) follower.close();
      await last;
    },
  };
}
