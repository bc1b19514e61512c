import { defaultTreeAdapter, parse, parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { tooLarge, unreadable } from './extracted.ts';

export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Parent = DefaultTreeAdapterTypes.ParentNode;
export type Element = DefaultTreeAdapterTypes.Element;

/** Open elements at once: beyond this the rules of HTML take a time that grows with the square. */
const deepest = 2000;
/** Elements: misnested formatting makes copies of itself, also with the square. */
const mostElements = 3_000_000;

/**
 * A page as browsers read it, without scripts and without fetching anything. Throws
 * 'document-unreadable' for nesting that no page has and 'document-too-large' for too many elements.
 */
export const parseHtml = (source: string): DefaultTreeAdapterTypes.Document =>
  parse(source, { treeAdapter: limited() });

export const parseHtmlFragment = (source: string): DefaultTreeAdapterTypes.DocumentFragment =>
  parseFragment(source, { treeAdapter: limited() });

function limited(): typeof defaultTreeAdapter {
  let depth = 0;
  let elements = 0;
  return {
    ...defaultTreeAdapter,
    createElement(name, namespace, attributes) {
      elements += 1;
      if (elements > mostElements) throw tooLarge({ elements, limit: mostElements });
      return defaultTreeAdapter.createElement(name, namespace, attributes);
    },
    onItemPush() {
      depth += 1;
      if (depth > deepest) throw unreadable('the page is nested too deep');
    },
    onItemPop() {
      depth -= 1;
    },
  };
}

export const isElement = (node: Node | Parent): node is Element =>
  (node as Element).tagName !== undefined;
export const isText = (node: Node | Parent): node is DefaultTreeAdapterTypes.TextNode =>
  node.nodeName === '#text';
export const attributeOf = (node: Element, name: string): string | undefined =>
  node.attrs.find((each) => each.name === name)?.value;

export function hidden(node: Element): boolean {
  return node.attrs.length > 0 && isHidden(node);
}

function isHidden(node: Element): boolean {
  return (
    attributeOf(node, 'hidden') !== undefined ||
    attributeOf(node, 'aria-hidden') === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributeOf(node, 'style') ?? '')
  );
}

/** Elements below a node in document order, without recursion: pages can be nested deep. */
export function* elementsBelow(root: Parent): Generator<Element> {
  const open: Node[] = [...root.childNodes].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isElement(node)) continue;
    yield node;
    // One by one: a call takes only so many arguments.
    for (let index = node.childNodes.length - 1; index >= 0; index -= 1) {
      open.push(node.childNodes[index] as Node);
    }
  }
}

/** White space of HTML made one space. Most spaces are single already: to match those too takes three times as long. */
export const spacesAsOne = (text: string): string =>
  text.replace(/[ \t\n\r\f]{2,}|[\t\n\r\f]/g, ' ');

/** All text below a node, spaces made one. */
export function plainText(root: Parent): string {
  let text = '';
  const open: Node[] = [...root.childNodes].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isText(node)) text += node.value;
    else if (isElement(node) && !hidden(node)) {
      for (let index = node.childNodes.length - 1; index >= 0; index -= 1) {
        open.push(node.childNodes[index] as Node);
      }
    }
  }
  return spacesAsOne(text);
}
