import type { Clock } from '../core/ports.ts';
import type { ModelCatalog } from '../ipc/contract/index.ts';
import {
  forgetHubFiles,
  listHubFiles,
  rememberHubFiles,
} from '../storage/repositories/hub-files.ts';
import type { StoredHubFile } from '../storage/repositories/hub-files.ts';
import type { Writer } from '../storage/sql.ts';
import type { CatalogFile, CatalogModel } from './catalog/catalog.ts';
import type { Hub } from './hub.ts';
import { HubError } from './hub.ts';

/** What a file of the catalogue is, at a commit. */
export interface FileFacts {
  readonly repository: string;
  /** 40 hex digits. */
  readonly revision: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface HubFacts {
  /**
   * The file at the catalogue's revision; without one, at the commit that the hub's `main` was when it
   * was asked first. What the catalogue does not pin the hub tells once and it is remembered. The hub
   * is asked each time whether it still has exactly that. Throws HubError; null = it has another file.
   */
  of(model: CatalogModel, file: CatalogFile): Promise<FileFacts | null>;
  /** A catalogue with what was remembered in place of estimates and hints. */
  asTold(catalog: ModelCatalog): ModelCatalog;
}

export function createHubFacts({
  db,
  clock,
  hub,
}: {
  readonly db: Writer;
  readonly clock: Clock;
  readonly hub: Hub;
}): HubFacts {
  const remembered = (repository: string, revision: string | null, file?: string) =>
    listHubFiles(db).find(
      (one) =>
        one.repository === repository &&
        (revision === null || one.revision === revision) &&
        (file === undefined || one.file === file),
    );

  /** Everything of the repository at once: sizes of the other files are then known too. */
  const learn = async (repository: string, revision: string): Promise<void> => {
    const files = await hub.tree(repository, revision).catch((error: unknown) => {
      // A mirror may serve files without a list of them; then the file itself is asked.
      if (error instanceof HubError && ['hub-not-found', 'hub-answer'].includes(error.code))
        return [];
      throw error;
    });
    const told = files.flatMap(({ path, bytes, sha256 }): StoredHubFile[] => {
      if (sha256 === null || !path.endsWith('.gguf')) return [];
      return [{ repository, revision, file: path, bytes, sha256, toldAt: clock.now() }];
    });
    rememberHubFiles(db, told);
  };

  return {
    async of(model, file) {
      const { gguf } = model;
      if (gguf === null) throw new HubError('hub-not-found', 'the model has no files');
      const { repository } = gguf;
      const pinned = gguf.revisionStatus === 'pinned' ? gguf.revision : null;
      const revision =
        pinned ??
        remembered(repository, null)?.revision ??
        (await hub.revision(repository, 'main')).commit;
      const isPinned = file.sha256.status === 'pinned' && file.size.status === 'pinned';
      if (!isPinned && remembered(repository, revision, file.name) === undefined) {
        await learn(repository, revision);
      }
      const before = remembered(repository, revision, file.name);
      const now = await hub.head(repository, revision, file.name).catch((error: unknown) => {
        // The hub's history was rewritten: the next question begins at its `main` again.
        const isGone = error instanceof HubError && error.code === 'hub-not-found';
        if (isGone && pinned === null) forgetHubFiles(db, repository);
        throw error;
      });
      const { bytes, sha256 } = now;
      if (sha256 === null || bytes === null) {
        throw new HubError('hub-answer', 'the hub does not say what the file is');
      }
      const differs =
        (now.commit !== null && now.commit !== revision) ||
        (before !== undefined && (before.sha256 !== sha256 || before.bytes !== bytes)) ||
        (file.sha256.status === 'pinned' && file.sha256.value !== sha256) ||
        (file.size.status === 'pinned' && file.size.bytes !== bytes);
      if (differs) return null;
      const facts = { repository, revision, bytes, sha256 };
      if (before === undefined && !isPinned) {
        rememberHubFiles(db, [{ ...facts, file: file.name, toldAt: clock.now() }]);
      }
      return facts;
    },
    asTold(catalog) {
      const all = listHubFiles(db);
      if (all.length === 0) return catalog;
      return {
        ...catalog,
        entries: catalog.entries.map((entry) => {
          const pinned = entry.revisionSource === 'pinned' ? entry.revision : null;
          const told = all.filter(({ repository }) => repository === entry.repository);
          const revision = pinned ?? told[0]?.revision ?? null;
          const files = told.filter((one) => one.revision === revision);
          if (files.length === 0) return entry;
          const known = (offer: (typeof entry.offers)[number]) => {
            const file = files.find((one) => one.file === offer.file);
            if (file === undefined) return offer;
            const bytesPinned = offer.bytesSource === 'pinned';
            const hashPinned = offer.sha256Source === 'pinned';
            return {
              ...offer,
              ...(!bytesPinned && { bytes: file.bytes, bytesSource: 'hub' as const }),
              ...(!hashPinned && { sha256: file.sha256, sha256Source: 'hub' as const }),
            };
          };
          return {
            ...entry,
            revision,
            revisionSource: pinned === null ? ('hub' as const) : entry.revisionSource,
            offers: entry.offers.map(known),
            best: entry.best && known(entry.best),
          };
        }),
      };
    },
  };
}
