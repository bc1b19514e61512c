import { attributeOf, elementsBelow, isElement, isText } from './html-tree.ts';
import type { Element, Node, Parent } from './html-tree.ts';

/** What stands around a page's content. */
const furnitureTags = new Set(['nav', 'footer', 'aside', 'header', 'menu', 'dialog']);
const furnitureRoles =
  /^(?:navigation|banner|contentinfo|complementary|search|dialog|alertdialog)$/;
const furnitureNames =
  /(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|sidebar|navbar|nav|menu|share|sharing|social|newsletter|subscribe|advert(?:isement)?s?|ads?|promo|sponsored|related|popup|modal|skip-link|pagination|toolbar|masthead)(?:$|[\s_-])/i;
/** Something with such a name that holds this share of the page's text is the content after all. */
const mostOfFurniture = 0.3;
/** One container with this share of the paragraphs is the article; what stands beside it is not. */
const shareOfArticle = 0.7;

interface Weight {
  /** Characters other than white space, and those of them in links. */
  readonly text: number;
  readonly linked: number;
}

/** The part of a page that is its content, and what within it is not. */
export interface MainContent {
  readonly root: Parent;
  isFurniture(node: Element): boolean;
}

/**
 * Finds the content of a saved page: the one <main> or <article>, else the container that holds nearly all
 * paragraphs, else everything but what stands around content by its element, role or name.
 */
export function mainContent(tree: Parent): MainContent {
  const marked = findMarked(tree);
  if (marked !== null) return { root: marked, isFurniture: () => false };
  const weights = weigh(tree);
  const whole = weights.get(tree)?.text ?? 0;
  const isFurniture = (node: Element): boolean => {
    const role = attributeOf(node, 'role') ?? '';
    if (furnitureTags.has(node.tagName) || furnitureRoles.test(role)) return true;
    const { text = 0, linked = 0 } = weights.get(node) ?? {};
    const names = `${attributeOf(node, 'class') ?? ''} ${attributeOf(node, 'id') ?? ''}`;
    const named = node.tagName !== 'body' && furnitureNames.test(names);
    if (named && text < whole * mostOfFurniture) return true;
    // A list of nothing but links is a menu, whatever it is called.
    return /^(?:ul|ol|table)$/.test(node.tagName) && linked > 20 && linked >= text * 0.95;
  };
  return { root: articleOf(tree, isFurniture) ?? tree, isFurniture };
}

/** The one <main>, or the one <article>; several articles are a list of them, which is content too. */
function findMarked(tree: Parent): Element | null {
  const mains: Element[] = [];
  const articles: Element[] = [];
  for (const node of elementsBelow(tree)) {
    if (node.tagName === 'main' || attributeOf(node, 'role') === 'main') mains.push(node);
    if (node.tagName === 'article') articles.push(node);
  }
  if (mains.length === 1) return mains[0] ?? null;
  return mains.length === 0 && articles.length === 1 ? (articles[0] ?? null) : null;
}

/** The smallest container with nearly all the text of paragraphs that are not furniture. */
function articleOf(tree: Parent, isFurniture: (node: Element) => boolean): Element | null {
  const held = new Map<Element, number>();
  let whole = 0;
  let paragraphs = 0;
  const open: Node[] = [...tree.childNodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!isElement(node) || isFurniture(node)) continue;
    if (/^(?:p|pre|blockquote)$/.test(node.tagName)) {
      const size = ownText(node);
      whole += size;
      if (size > 0) paragraphs += 1;
      let above: Parent | null = node.parentNode;
      for (let up = 0; up < 64 && above !== null && isElement(above); up += 1) {
        held.set(above, (held.get(above) ?? 0) + size);
        above = above.parentNode;
      }
      continue;
    }
    for (const child of node.childNodes) open.push(child);
  }
  if (paragraphs < 3 || whole < 300) return null;
  let best: Element | null = null;
  let least = Infinity;
  for (const [element, size] of held) {
    if (size >= whole * shareOfArticle && size <= least && element.tagName !== 'body') {
      // Of containers with the same text the inner one comes first: it was noted first.
      if (size < least || best === null) best = element;
      least = size;
    }
  }
  return best;
}

function ownText(root: Element): number {
  let size = 0;
  const open: Node[] = [...root.childNodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isText(node)) size += visible(node.value);
    else if (isElement(node)) for (const child of node.childNodes) open.push(child);
  }
  return size;
}

const visible = (text: string): number => text.replace(/\s+/g, '').length;

/** Weights of all elements, children before parents. */
function weigh(tree: Parent): Map<Parent, Weight> {
  const weights = new Map<Parent, Weight>();
  const order: Parent[] = [tree];
  for (let index = 0; index < order.length; index += 1) {
    for (const child of order[index]?.childNodes ?? []) {
      if (isElement(child) && !/^(?:script|style|noscript|template)$/.test(child.tagName)) {
        order.push(child);
      }
    }
  }
  for (let index = order.length - 1; index >= 0; index -= 1) {
    const node = order[index] as Parent;
    let text = 0;
    let linked = 0;
    for (const child of node.childNodes) {
      if (isText(child)) text += visible(child.value);
      else if (isElement(child)) {
        const weight = weights.get(child);
        text += weight?.text ?? 0;
        linked += weight?.linked ?? 0;
      }
    }
    const isLink = isElement(node) && node.tagName === 'a';
    weights.set(node, { text, linked: isLink ? text : linked });
  }
  return weights;
}
