import type { ChatPrompt } from './port.ts';
import type { ChatTemplate } from './template.ts';
import { mapStrings } from './template.ts';

/** What is needed of a model's tokenizer. */
export interface PromptTokenizer {
  /** Texts of control tokens with their ids. */
  readonly specials: ReadonlyMap<string, number>;
  /** The id to put in front of every prompt, or null. */
  readonly prepend: number | null;
  tokenize(text: string, special: boolean): number[];
}

export interface EncodedPrompt {
  readonly tokens: readonly number[];
  /** Tokens before which nothing changes when the first message that is not the system's changes. */
  readonly baseEnd: number;
  /** The same for the last user message. */
  readonly turnStart: number;
}

/** Answers as they were generated: text -> ids. They go back into the prompt with the same ids. */
export type KnownAnswers = ReadonlyMap<string, readonly number[]>;

interface Piece {
  /** Where the piece begins in the rendered text, in UTF-16 units. */
  readonly textStart: number;
  readonly tokenStart: number;
}

/**
 * Turns a prompt into tokens. Control tokens come only from the template: a message or document that
 * contains the text of one ("<|end_of_role|>") is read as plain text. Without such text the result
 * equals tokenising the rendered prompt as a whole.
 */
export function encodePrompt(
  prompt: ChatPrompt,
  template: ChatTemplate,
  tokenizer: PromptTokenizer,
  known: KnownAnswers = new Map(),
): EncodedPrompt {
  const shield = createShield(prompt, [...tokenizer.specials.keys()]);
  const shielded = shield.hide(prompt);
  const rendered = template.render(shielded);
  const { tokens, pieces } = tokenizeRendered(rendered, tokenizer, shield.reveal, {
    answers: known,
    header: template.header,
  });
  const first = prompt.messages.findIndex((message) => message.role !== 'system');
  const last = prompt.messages.findLastIndex((message) => message.role === 'user');
  const boundary = (index: number): number => {
    if (index < 0) return 0;
    const changed = { ...shielded, messages: withChanged(shielded.messages, index) };
    return tokenBefore(pieces, commonPrefix(rendered, template.render(changed)));
  };
  const turnStart = boundary(last);
  return { tokens, baseEnd: first === last ? turnStart : boundary(first), turnStart };
}

function tokenizeRendered(
  rendered: string,
  tokenizer: PromptTokenizer,
  reveal: (text: string) => string,
  known: { readonly answers: KnownAnswers; readonly header: string },
): { tokens: number[]; pieces: Piece[] } {
  const tokens: number[] = tokenizer.prepend === null ? [] : [tokenizer.prepend];
  const pieces: Piece[] = [];
  const { specials } = tokenizer;
  const add = (textStart: number, ids: readonly number[]): void => {
    pieces.push({ textStart, tokenStart: tokens.length });
    for (const id of ids) tokens.push(id);
  };
  const headers = splitHeader(known.header, specials);
  const addText = (start: number, end: number): void => {
    const text = reveal(rendered.slice(start, end));
    const prefix = headers.plain;
    if (rendered.slice(0, start).endsWith(headers.special) && text.startsWith(prefix)) {
      const answer = known.answers.get(text.slice(prefix.length));
      if (answer) {
        add(start, [...(prefix === '' ? [] : tokenizer.tokenize(prefix, false)), ...answer]);
        return;
      }
    }
    add(start, tokenizer.tokenize(text, false));
  };

  let position = 0;
  for (const match of rendered.matchAll(literalPattern([...specials.keys()]))) {
    if (match.index > position) addText(position, match.index);
    add(match.index, [specials.get(match[0]) as number]);
    position = match.index + match[0].length;
  }
  if (position < rendered.length) addText(position, rendered.length);
  pieces.push({ textStart: rendered.length, tokenStart: tokens.length });
  // A template that writes the model's first token itself would otherwise have it twice.
  if (tokenizer.prepend !== null && tokens[1] === tokenizer.prepend) {
    tokens.shift();
    const shifted = pieces.map((piece) => ({ ...piece, tokenStart: piece.tokenStart - 1 }));
    return { tokens, pieces: shifted };
  }
  return { tokens, pieces };
}

/** The header's last control token and all before it, and the plain text behind. */
function splitHeader(
  header: string,
  specials: ReadonlyMap<string, number>,
): { special: string; plain: string } {
  let end = 0;
  for (const match of header.matchAll(literalPattern([...specials.keys()]))) {
    end = match.index + match[0].length;
  }
  return { special: header.slice(0, end), plain: header.slice(end) };
}

function tokenBefore(pieces: readonly Piece[], textEnd: number): number {
  return pieces.findLast((piece) => piece.textStart <= textEnd)?.tokenStart ?? 0;
}

function withChanged(messages: ChatPrompt['messages'], index: number): ChatPrompt['messages'] {
  return messages.map((message, at) =>
    at === index ? { ...message, content: `${differing(message.content)}` } : message,
  );
}

function differing(content: string): string {
  return content.startsWith('a') ? 'b' : 'a';
}

function commonPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

function literalPattern(literals: readonly string[]): RegExp {
  const longestFirst = [...literals].sort((a, b) => b.length - a.length);
  const source = longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return new RegExp(source === '' ? '(?!)' : source, 'g');
}

/**
 * Replaces the texts of control tokens in contents by characters from a private-use plane that occur
 * nowhere in the prompt, so that the rendered text can be split at the template's own control tokens.
 */
function createShield(
  prompt: ChatPrompt,
  literals: readonly string[],
): { hide(prompt: ChatPrompt): ChatPrompt; reveal(text: string): string } {
  const pattern = literalPattern(literals);
  let found = false;
  const used = new Set<number>();
  mapStrings(prompt, (text) => {
    found ||= text.search(pattern) >= 0;
    for (const mark of text) {
      const code = mark.codePointAt(0) as number;
      if (code >= privateUse) used.add(code);
    }
    return text;
  });
  if (!found) return { hide: (same) => same, reveal: (text) => text };

  const marks = new Map<string, string>();
  const texts = new Map<string, string>();
  let code = privateUse;
  for (const literal of literals) {
    while (used.has(code)) code += 1;
    const mark = String.fromCodePoint(code);
    marks.set(literal, mark);
    texts.set(mark, literal);
    code += 1;
  }
  const shieldText = (text: string): string =>
    text.replace(pattern, (literal) => marks.get(literal) as string);
  return {
    hide: (open) => ({
      messages: open.messages.map(({ role, ...rest }) => ({
        role,
        ...mapStrings(rest, shieldText),
      })),
      ...(open.documents ? { documents: mapStrings(open.documents, shieldText) } : {}),
      ...(open.tools ? { tools: mapStrings(open.tools, shieldText) } : {}),
    }),
    reveal: (text) => text.replace(/[\u{F0000}-\u{10FFFF}]/gu, (mark) => texts.get(mark) ?? mark),
  };
}

const privateUse = 0xf0000;
