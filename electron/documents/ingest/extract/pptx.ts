import type { Beat, Extracted } from './extracted.ts';
import { openOffice, relationId, rootOf } from './ooxml.ts';
import type { OfficeFile } from './ooxml.ts';
import { createPages, oneLine, rowText } from './sections.ts';
import type { Pages } from './sections.ts';
import { elements, find, findAll, textOf } from './xml.ts';
import type { XmlNode } from './xml.ts';

const presentation = 'ppt/presentation.xml';

/**
 * Slides in the order of the show, hidden ones too: they have numbers like the others. The title is a
 * heading, tables keep their rows, the speaker's notes come last.
 */
export function extractPptx(bytes: Uint8Array, beat: Beat): Extracted {
  const office = openOffice(bytes, beat);
  const show = rootOf(office.tree(presentation), 'presentation');
  const relations = office.relations(presentation);
  const pages = createPages();
  const list = find(show, 'sldIdLst');
  const seen = new Set<string>();
  for (const { attributes } of list === null ? [] : elements(list)) {
    const target = relations.get(relationId(attributes) ?? '')?.target;
    // A list that names one slide again and again is no presentation.
    if (target === undefined || seen.has(target) || !office.archive.has(target)) continue;
    seen.add(target);
    addSlide(office, target, pages);
    beat();
  }
  return pages.end({ paged: true });
}

function addSlide(office: OfficeFile, part: string, pages: Pages): void {
  const slide = office.tree(part);
  const shapes = [...shapesOf(slide)];
  const titled = shapes.find((shape) => /^(?:title|ctrTitle)$/.test(placeholderOf(shape) ?? ''));
  const title = titled === undefined ? '' : oneLine(paragraphsOf(titled).join(' '));
  pages.part({ kind: 'slide', title, keepEmpty: true });
  pages.add({ text: title, level: 1 });
  for (const shape of shapes) {
    if (shape === titled || /^(?:sldNum|dt|ftr)$/.test(placeholderOf(shape) ?? '')) continue;
    if (shape.name === 'graphicFrame') {
      for (const table of findAll(shape, 'tbl')) addTable(table, pages);
      continue;
    }
    pages.add({ text: paragraphsOf(shape).join('\n'), level: null });
  }
  for (const { type, target } of office.relations(part).values()) {
    if (type !== 'notesSlide' || !office.archive.has(target)) continue;
    const notes = [...shapesOf(office.tree(target))]
      .filter((shape) => placeholderOf(shape) === 'body')
      .map((shape) => paragraphsOf(shape).join('\n'))
      .join('\n');
    pages.add({ text: notes, level: null, block: { kind: 'notes' } });
  }
}

/** Shapes in drawing order, also those in groups; of alternatives the first, which is the newest. */
function* shapesOf(node: XmlNode): Generator<XmlNode> {
  for (const child of elements(node)) {
    if (child.name === 'sp' || child.name === 'graphicFrame') yield child;
    else if (child.name !== 'Fallback') yield* shapesOf(child);
  }
}

function placeholderOf(shape: XmlNode): string | null {
  const properties = find(shape, 'nvPr');
  const placeholder = properties === null ? null : find(properties, 'ph');
  // Without a type it is the body (ECMA-376 part 1, §19.3.1.36).
  return placeholder === null ? null : (placeholder.attributes['type'] ?? 'body');
}

function paragraphsOf(shape: XmlNode): string[] {
  return [...findAll(shape, 'p')].map(paragraphText).filter((text) => text.trim() !== '');
}

function paragraphText(paragraph: XmlNode): string {
  let text = '';
  for (const run of elements(paragraph)) {
    if (run.name === 'br') text += '\n';
    else if (run.name === 'tab') text += ' ';
    else for (const piece of findAll(run, 't')) text += textOf(piece);
  }
  return text.trim();
}

function addTable(table: XmlNode, pages: Pages): void {
  const rows = [...findAll(table, 'tr')].map((row) =>
    rowText(
      [...elements(row)]
        .filter(({ name }) => name === 'tc')
        .map((cell) => paragraphsOf(cell).join(' ')),
    ),
  );
  const text = rows.filter((row) => row !== '').join('\n');
  pages.add({ text, level: null, block: { kind: 'table', header: true } });
}
