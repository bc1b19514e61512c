import type { ChatPrompt, PromptDocument } from '../../engine/port.ts';
import type { Finder } from '../../documents/retrieve/fused.ts';
import type { QuestionKind, Source } from '../../ipc/contract/index.ts';
import type { ScopeDocument } from '../../storage/repositories/scope-documents.ts';
import { passagesOf } from '../../storage/repositories/whole-documents.ts';
import type { Reader } from '../../storage/sql.ts';
import { shapeFor, sourcesFrom } from '../passages.ts';
import { documentOf } from '../prompt.ts';

/** What of a document goes into one prompt. */
export interface Section {
  readonly documents: readonly PromptDocument[];
  /** The passages within it, numbered from 1. */
  readonly sources: readonly Source[];
}

export interface Sections {
  readonly sections: readonly Section[];
  readonly seen: 'all' | 'passages';
  /** Passages of the document that stand in none of the sections. */
  readonly leftOut: number;
}

/** More than a token ever stands for in prose: longer texts are not even counted. */
const mostCharactersPerToken = 12;
/** A question about one thing reads a document through up to this many tokens, else its best passages. */
const mostReadForOne = 4096;
/** Prompts for one document; what is beyond them is told. */
const mostSections = 12;
const fewestCharactersPerToken = 2;

/**
 * What of a document a question is asked on: all of it where that fits into a prompt; else, for what the
 * document says as a whole, stretches of it one after the other; else the passages that are found in it.
 */
export async function sectionsFor(
  ports: { readonly db: Reader; readonly retriever: Pick<Finder, 'find'> },
  document: ScopeDocument,
  options: {
    readonly query: string;
    readonly kind: QuestionKind;
    readonly limit: number;
    /** Tokens of a prompt with these documents. */
    readonly count: (documents: readonly PromptDocument[]) => Promise<number>;
    readonly signal: AbortSignal;
  },
): Promise<Sections> {
  const { kind, limit, count, query, signal } = options;
  const passages: Source[] = passagesOf(ports.db, [document.id]).map((passage, index) => ({
    ...passage,
    number: index + 1,
    score: 1,
  }));
  const most = kind === 'overview' ? limit : Math.min(limit, mostReadForOne);
  const together = sectionOf(document, passages);
  if (await fits(together, document.characters, most, count)) {
    return { sections: [together], seen: 'all', leftOut: 0 };
  }
  if (kind === 'overview') return stretches(document, passages, limit, count);
  const near = await ports.retriever.find(
    query,
    { scope: { kind: 'document', documentId: document.id }, limit: 12 },
    signal,
  );
  const hits = near.passages.filter((hit) => hit.near === true || hit.coverage > 0);
  const found = sourcesFrom(hits, shapeFor(limit)).toSorted((a, b) => a.start - b.start);
  for (let kept = found.length; kept > 0; kept -= 1) {
    const sources = found.slice(0, kept).map((source, index) => ({ ...source, number: index + 1 }));
    const section = { documents: sources.map((source) => documentOf(source)), sources };
    if ((await count(section.documents)) > limit) continue;
    return { sections: [section], seen: 'passages', leftOut: passages.length - kept };
  }
  return { sections: [], seen: 'passages', leftOut: passages.length };
}

async function stretches(
  document: ScopeDocument,
  passages: readonly Source[],
  limit: number,
  count: (documents: readonly PromptDocument[]) => Promise<number>,
): Promise<Sections> {
  const sections: Section[] = [];
  let at = 0;
  while (at < passages.length && sections.length < mostSections) {
    let end = at;
    let characters = 0;
    while (end < passages.length) {
      characters += passages[end]?.text.length ?? 0;
      if (characters > limit * fewestCharactersPerToken * 2 && end > at) break;
      end += 1;
    }
    let section = sectionOf(document, passages.slice(at, end));
    while (end - at > 1 && (await count(section.documents)) > limit) {
      end = at + Math.max(1, Math.floor((end - at) * 0.75));
      section = sectionOf(document, passages.slice(at, end));
    }
    if ((await count(section.documents)) <= limit) sections.push(section);
    at = end;
  }
  const held = sections.reduce((sum, { sources }) => sum + sources.length, 0);
  return {
    sections,
    seen: held === passages.length ? 'all' : 'passages',
    leftOut: passages.length - held,
  };
}

/** One document of the prompt; passages that overlap are joined where they meet. */
function sectionOf(document: ScopeDocument, passages: readonly Source[]): Section {
  let text = '';
  let end: number | null = null;
  for (const passage of passages) {
    const overlap: number = end === null ? 0 : Math.max(0, end - passage.start);
    const rest = passage.text.slice(overlap);
    text += end !== null && overlap === 0 && rest !== '' ? `\n${rest}` : rest;
    end = Math.max(end ?? 0, passage.end);
  }
  return { documents: [{ doc_id: '1', title: document.name, text }], sources: passages };
}

async function fits(
  section: Section,
  characters: number,
  limit: number,
  count: (documents: readonly PromptDocument[]) => Promise<number>,
): Promise<boolean> {
  if (section.sources.length === 0 || characters > limit * mostCharactersPerToken) return false;
  return (await count(section.documents)) <= limit;
}

/** The prompt that asks one document. */
export function partPrompt(
  systemPrompt: string,
  content: string,
  documents: readonly PromptDocument[],
): ChatPrompt {
  const system = systemPrompt.trim();
  return {
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content },
    ],
    documents,
  };
}
