import { AppError } from '../../../ipc/app-error.ts';
import { decodeText } from './encoding.ts';
import type { Beat, Extracted } from './extracted.ts';
import { tooLarge, unreadable } from './extracted.ts';
import { readHtml } from './html.ts';
import { resolvePart } from './ooxml.ts';
import { createPages, oneLine } from './sections.ts';
import { elements, find, findAll, textOf, xmlTree } from './xml.ts';
import type { XmlNode } from './xml.ts';
import { openArchive } from './zip.ts';
import type { Archive } from './zip.ts';

/** Bytes of one chapter: as much as a saved page may have. */
const longestChapter = 32 * 1024 * 1024;
const container = 'META-INF/container.xml';

/**
 * Chapters in reading order (EPUB 3.3: container → package → spine), titled as the book's own table of
 * contents has them. Throws 'document-encrypted' where the text itself is encrypted; fonts may be.
 */
export function extractEpub(file: Uint8Array, beat: Beat): Extracted {
  const archive = openArchive(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  refuseProtected(archive, beat);
  if (!archive.has(container)) throw unreadable('the archive holds no book');
  const opf = find(xmlTree(archive.read(container), beat), 'rootfile')?.attributes['full-path'];
  if (opf === undefined || !archive.has(opf)) throw unreadable('the book has no package');
  const folder = opf.slice(0, opf.lastIndexOf('/') + 1);
  const book = xmlTree(archive.read(opf), beat);
  const items = new Map<string, { target: string; type: string; properties: string }>();
  for (const { attributes } of findAll(book, 'item')) {
    const target = resolvePart(folder, withoutFragment(attributes['href'] ?? ''));
    const { id, 'media-type': type = '', properties = '' } = attributes;
    if (id !== undefined && target !== null) items.set(id, { target, type, properties });
  }
  const titles = titlesOf(archive, [...items.values()], beat);
  const pages = createPages();
  const spine = find(book, 'spine');
  const seen = new Set<string>();
  for (const { attributes } of spine === null ? [] : elements(spine)) {
    const item = items.get(attributes['idref'] ?? '');
    if (item === undefined || seen.has(item.target) || !archive.has(item.target)) continue;
    if (!/html|xml/.test(item.type) || /\bnav\b/.test(item.properties)) continue;
    seen.add(item.target);
    const bytes = archive.read(item.target);
    if (bytes.length > longestChapter) {
      throw tooLarge({ bytes: bytes.length, limit: longestChapter });
    }
    const { title, pieces } = readHtml(decodeText(bytes, 'utf-8'), false);
    const heading = pieces.find(({ level }) => level !== null)?.text;
    const name = titles.get(item.target) ?? heading ?? title;
    pages.part({ kind: 'chapter', title: name ?? null });
    for (const piece of pieces) pages.add(piece);
    beat();
  }
  return pages.end({ paged: false });
}

/** Titles by file from the navigation document or, in older books, the NCX. The first entry of a file counts. */
function titlesOf(
  archive: Archive,
  items: readonly { target: string; type: string; properties: string }[],
  beat: Beat,
): Map<string, string> {
  const titles = new Map<string, string>();
  const note = (from: string, href: string | undefined, label: XmlNode | null): void => {
    const folder = from.slice(0, from.lastIndexOf('/') + 1);
    const target = resolvePart(folder, withoutFragment(href ?? ''));
    const title = label === null ? '' : oneLine(textOf(label));
    if (target !== null && title !== '' && !titles.has(target)) titles.set(target, title);
  };
  const toc = items.find(
    ({ target, type, properties }) =>
      archive.has(target) && (/\bnav\b/.test(properties) || /dtbncx/.test(type)),
  );
  if (toc === undefined) return titles;
  const tree = xmlTree(archive.read(toc.target), beat);
  if (/dtbncx/.test(toc.type)) {
    for (const point of findAll(tree, 'navPoint')) noteDeep(point);
  } else {
    for (const link of findAll(tree, 'a')) note(toc.target, link.attributes['href'], link);
  }
  return titles;

  function noteDeep(point: XmlNode): void {
    const content = find(point, 'content')?.attributes['src'];
    note(toc?.target ?? '', content, find(point, 'navLabel'));
    for (const child of elements(point)) if (child.name === 'navPoint') noteDeep(child);
  }
}

function withoutFragment(href: string): string {
  const plain = href.replace(/#.*$/s, '');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** Encrypted fonts are usual in books that anybody may read; anything else encrypted is protection. */
function refuseProtected(archive: Archive, beat: Beat): void {
  const list = 'META-INF/encryption.xml';
  if (!archive.has(list)) return;
  for (const data of findAll(xmlTree(archive.read(list), beat), 'EncryptedData')) {
    const uri = find(data, 'CipherReference')?.attributes['URI'] ?? '';
    if (/\.(?:x?html?|xml|ncx|opf)$/i.test(uri)) {
      throw new AppError('document-encrypted', 'the book is protected');
    }
  }
}
