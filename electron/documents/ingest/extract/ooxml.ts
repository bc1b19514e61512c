import { unreadable } from './extracted.ts';
import type { Beat } from './extracted.ts';
import { elements, find, xmlTree } from './xml.ts';
import type { XmlNode } from './xml.ts';
import { openArchive } from './zip.ts';
import type { Archive } from './zip.ts';

/** A part of an Office file (ECMA-376 part 2): its name in the archive and what it refers to. */
export interface Relation {
  /** Last word of the relation's type: 'slide', 'notesSlide', 'worksheet'. */
  readonly type: string;
  readonly target: string;
}

export interface OfficeFile {
  readonly archive: Archive;
  tree(part: string): XmlNode;
  /** Relations of a part by id. Those that lead out of the file are left out: nothing is fetched. */
  relations(part: string): ReadonlyMap<string, Relation>;
}

export function openOffice(bytes: Uint8Array, beat: Beat): OfficeFile {
  const archive = openArchive(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return {
    archive,
    tree: (part) => xmlTree(archive.read(part), beat),
    relations(part) {
      const slash = part.lastIndexOf('/');
      const folder = part.slice(0, slash + 1);
      const name = `${folder}_rels/${part.slice(slash + 1)}.rels`;
      const relations = new Map<string, Relation>();
      if (!archive.has(name)) return relations;
      const list = find(xmlTree(archive.read(name), beat), 'Relationships');
      for (const { attributes } of list === null ? [] : elements(list)) {
        const { Id: id, Type: type = '', Target: target = '', TargetMode: mode } = attributes;
        if (id === undefined || mode === 'External') continue;
        const resolved = resolvePart(folder, target);
        if (resolved !== null) {
          relations.set(id, { type: type.slice(type.lastIndexOf('/') + 1), target: resolved });
        }
      }
      return relations;
    },
  };
}

/** A target relative to its part's folder as a name in the archive; null where it leads out of it. */
export function resolvePart(folder: string, target: string): string | null {
  const path = target.startsWith('/') ? target.slice(1) : `${folder}${target}`;
  const names: string[] = [];
  for (const name of path.split(/[\\/]/)) {
    if (name === '..') {
      if (names.pop() === undefined) return null;
    } else if (name !== '.' && name !== '') names.push(name);
  }
  return names.join('/');
}

/** The id of a relation: the attribute `id` that has a prefix, whichever. */
export function relationId(attributes: Readonly<Record<string, string>>): string | null {
  for (const key in attributes) if (key.endsWith(':id')) return attributes[key] ?? null;
  return null;
}

export function rootOf(tree: XmlNode, name: string): XmlNode {
  const root = [...elements(tree)].find((each) => each.name === name);
  if (root === undefined) throw unreadable(`the document lacks its ${name}`);
  return root;
}
