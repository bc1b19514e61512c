import { Parser } from 'htmlparser2';
import { tooLarge, unreadable } from './extracted.ts';
import type { Beat } from './extracted.ts';

/** Names come without their prefix: which one a program chose says nothing. */
export interface XmlEvents {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const deepest = 256;
const slice = 1 << 16;
const beatEvery = 16;

/**
 * Reads XML as events, in slices, so that a large part is never held as one string. Nothing is fetched and
 * nothing expanded: a document that defines entities is refused, whatever it would do with them.
 * Throws 'document-unreadable', also for nesting that no program writes.
 */
export function readXml(bytes: Buffer, events: XmlEvents, beat: Beat): void {
  let depth = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1;
        if (depth > deepest) throw unreadable('the XML is nested too deep');
        events.open?.(local(name), attributes);
      },
      ontext: (text) => events.text?.(text),
      onclosetag(name) {
        depth -= 1;
        events.close?.(local(name));
      },
      onprocessinginstruction(name, data) {
        if (/^!doctype/i.test(name) && /<!ENTITY/i.test(data)) {
          throw unreadable('the XML defines entities');
        }
      },
    },
    { xmlMode: true },
  );
  const decoder = new TextDecoder(encodingOf(bytes));
  for (let at = 0, turn = 0; at < bytes.length; at += slice, turn += 1) {
    parser.write(decoder.decode(bytes.subarray(at, at + slice), { stream: true }));
    if (turn % beatEvery === beatEvery - 1) beat();
  }
  parser.end(decoder.decode());
}

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements and texts in order. */
  readonly children: readonly (XmlNode | string)[];
}

const mostNodes = 2_000_000;

/** A whole part as a tree, for parts that are small: slides, relations, lists of sheets. */
export function xmlTree(bytes: Buffer, beat: Beat): XmlNode {
  const root = { name: '', attributes: {}, children: [] as (XmlNode | string)[] };
  const stack = [root];
  let nodes = 0;
  readXml(
    bytes,
    {
      open(name, attributes) {
        nodes += 1;
        if (nodes > mostNodes) throw tooLarge({ nodes, limit: mostNodes });
        const node = { name, attributes, children: [] };
        stack.at(-1)?.children.push(node);
        stack.push(node);
      },
      text(text) {
        stack.at(-1)?.children.push(text);
      },
      close() {
        if (stack.length > 1) stack.pop();
      },
    },
    beat,
  );
  return root;
}

/** The first element of that name below a node, at any depth, in document order. */
export function find(node: XmlNode, name: string): XmlNode | null {
  for (const child of elements(node)) {
    const found = child.name === name ? child : find(child, name);
    if (found !== null) return found;
  }
  return null;
}

export function* findAll(node: XmlNode, name: string): Generator<XmlNode> {
  for (const child of elements(node)) {
    if (child.name === name) yield child;
    else yield* findAll(child, name);
  }
}

export function* elements(node: XmlNode): Generator<XmlNode> {
  for (const child of node.children) if (typeof child !== 'string') yield child;
}

export const textOf = (node: XmlNode): string =>
  node.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');

/** An attribute by its name without prefix; one that has no prefix counts first. */
export function attribute(
  attributes: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  const plain = attributes[name];
  if (plain !== undefined) return plain;
  for (const key in attributes) if (local(key) === name) return attributes[key];
  return undefined;
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0x3c && bytes[1] === 0) return 'utf-16le';
  if (bytes[0] === 0 && bytes[1] === 0x3c) return 'utf-16be';
  const declared = /^[^>]{0,60}encoding\s*=\s*["']([\w-]+)["']/.exec(
    bytes.toString('latin1', 0, 200),
  )?.[1];
  try {
    return new TextDecoder(declared ?? 'utf-8').encoding;
  } catch {
    return 'utf-8';
  }
}
