import { basename } from 'node:path';
import type { StoredDocument } from '../../storage/repositories/documents.ts';
import type { FileMarks, KnownMarks } from '../../storage/repositories/watched.ts';
import type { Scan, SeenFile } from './scan.ts';

/** What has to change so that the documents are those of the folder. */
export interface Plan {
  /** Documents whose file is gone, or left out by now. */
  readonly removed: readonly StoredDocument[];
  /** The same content at another place: nothing is read again. */
  readonly moved: readonly { readonly document: StoredDocument; readonly file: SeenFile }[];
  /** Files that no document is made of yet. */
  readonly added: readonly SeenFile[];
  /** Documents whose file holds something else now. */
  readonly changed: readonly { readonly document: StoredDocument; readonly file: SeenFile }[];
  /** The file was touched but holds what was read, or is known only now. */
  readonly touched: readonly { readonly document: StoredDocument; readonly file: SeenFile }[];
  /** Something is being written or read just now: to be looked at again soon. */
  readonly again: boolean;
}

export interface Compared {
  readonly scan: Scan;
  /** As they are after the scan: what is queued by then is read later than it was seen. */
  readonly documents: readonly StoredDocument[];
  readonly marks: ReadonlyMap<string, KnownMarks>;
  /** The content's hash; null where the file cannot be read, 'gone' where it went meanwhile. */
  readonly hash: (file: SeenFile) => Promise<string | null | 'gone'>;
  /** Whether nobody writes to it any more. */
  readonly isQuiet: (file: SeenFile) => boolean;
}

const sameMarks = (a: FileMarks, b: FileMarks): boolean =>
  a.bytes === b.bytes && a.modifiedAt === b.modifiedAt && a.changedAt === b.changedAt;

/**
 * Compares size and times first and content only where they differ. A document follows its content: a file with the
 * same bytes and format takes over a document whose file is gone, and one whose file holds something else by now if it
 * is the very same file (a log that was put aside). A file that is replaced and renamed at once counts as new.
 */
export async function compare(input: Compared): Promise<Plan> {
  const { scan, documents, marks, hash, isQuiet } = input;
  const unseenPlaces = new Set(scan.unseen);
  const isUnseen = (path: string): boolean =>
    unseenPlaces.has(path) || scan.unseen.some((place) => path.startsWith(place));

  const byPath = new Map(documents.map((document) => [document.path, document]));
  const touched: { document: StoredDocument; file: SeenFile }[] = [];
  const differing: { document: StoredDocument; file: SeenFile; sha256: string | null }[] = [];
  const fresh: SeenFile[] = [];
  let again = false;
  let unquietNew = false;

  for (const file of scan.files.values()) {
    const document = byPath.get(file.path);
    if (document === undefined || document.format !== file.format) {
      if (isQuiet(file)) fresh.push(file);
      else unquietNew = true;
      continue;
    }
    const known = marks.get(document.id);
    // What is being read may be the file as it was before: only its end can tell.
    if (document.state === 'reading') {
      again ||= known === undefined || !sameMarks(known, file);
      continue;
    }
    if (document.state === 'waiting') {
      if (known === undefined || !sameMarks(known, file)) touched.push({ document, file });
      continue;
    }
    if (known !== undefined && sameMarks(known, file) && known.settled) continue;
    if (known === undefined && isAsRead(document, file)) {
      touched.push({ document, file });
      continue;
    }
    if (!isQuiet(file)) {
      again = true;
      continue;
    }
    const sha256 = await hash(file);
    if (sha256 === 'gone') again = true;
    else if (sha256 === document.sha256 && document.error === null)
      touched.push({ document, file });
    else differing.push({ document, file, sha256 });
  }

  const missing = documents.filter((document) => {
    const file = scan.files.get(document.path);
    return (file === undefined || file.format !== document.format) && !isUnseen(document.path);
  });

  const givers = new Map<string, StoredDocument[]>();
  const offer = (document: StoredDocument): void => {
    // What is being read would become something else at its new place.
    if (document.sha256 === '' || document.state === 'reading') return;
    const key = `${document.format} ${document.bytes}`;
    givers.set(key, [...(givers.get(key) ?? []), document]);
  };
  for (const document of missing) offer(document);
  const differs = new Set(differing.map(({ document }) => document.id));
  for (const { document } of differing) offer(document);

  const moved: { document: StoredDocument; file: SeenFile }[] = [];
  const taken = new Set<string>();
  const take = async (file: SeenFile, known: string | null): Promise<boolean> => {
    const pool = (givers.get(`${file.format} ${file.bytes}`) ?? []).filter(
      ({ id, path }) =>
        !taken.has(id) &&
        path !== file.path &&
        (!differs.has(id) || marks.get(id)?.inode === file.inode),
    );
    if (pool.length === 0) return false;
    const isSameFile = ({ id }: StoredDocument): boolean => {
      const at = marks.get(id);
      return at?.settled === true && at.inode === file.inode && at.modifiedAt === file.modifiedAt;
    };
    // The same file by inode, size and time needs no reading; else its bytes decide.
    let found = known === null ? pool.find(isSameFile) : undefined;
    if (found === undefined) {
      const sha256 = known ?? (await hash(file));
      const equal = pool.filter((document) => document.sha256 === sha256);
      const name = basename(file.path);
      found =
        equal.find(isSameFile) ??
        equal.find((document) => basename(document.path) === name) ??
        equal[0];
    }
    if (found === undefined) return false;
    taken.add(found.id);
    moved.push({ document: found, file });
    return true;
  };

  const added: SeenFile[] = [];
  const changed: { document: StoredDocument; file: SeenFile }[] = [];
  const replaced: StoredDocument[] = [];
  const kept: typeof differing = [];
  for (const one of differing) {
    if (one.sha256 !== null && (await take(one.file, one.sha256))) replaced.push(one.document);
    else kept.push(one);
  }
  for (const file of fresh) if (!(await take(file, null))) added.push(file);
  for (const { document, file } of kept) {
    // Its document went with its content: what lies here now is new.
    if (taken.has(document.id)) added.push(file);
    else changed.push({ document, file });
  }
  // A file that is still being written may be one that was moved: until it rests nothing goes for good.
  const gone = unquietNew ? replaced : [...missing, ...replaced];
  return {
    removed: gone.filter(({ id }) => !taken.has(id)),
    moved,
    added,
    changed,
    touched,
    again: again || unquietNew,
  };
}

/** For documents that were read before marks were kept. */
function isAsRead(document: StoredDocument, file: SeenFile): boolean {
  return (
    document.sha256 !== '' &&
    document.error === null &&
    document.bytes === file.bytes &&
    document.modifiedAt === Math.trunc(file.modifiedAt)
  );
}
