import type { ChatPrompt, PromptMessage } from './port.ts';
import type { ChatTemplate } from './template.ts';
import { mapStrings } from './template.ts';

/** What is needed of a model's tokenizer. */
export interface PromptTokenizer {
  /** Texts of control tokens with their ids. */
  readonly specials: ReadonlyMap<string, number>;
  /** The id to put in front of every prompt, or null. */
  readonly prepend: number | null;
  tokenize(text: string, special: boolean): readonly number[];
}

export interface EncodedPrompt {
  readonly tokens: readonly number[];
  /** Tokens before which nothing changes when the first message that is not the system's changes. */
  readonly baseEnd: number;
  /** The same for the last user message. */
  readonly turnStart: number;
}

interface Piece {
  /** Where the piece begins in the rendered text, in UTF-16 units. */
  readonly textStart: number;
  readonly tokenStart: number;
}

/**
 * Turns a prompt into tokens. Control tokens come only from the template and from answers that the
 * model wrote: a message or document that contains the text of one ("<|end_of_role|>") is read as plain
 * text. Answers with `tokens` stand there with these ids. Otherwise the result equals tokenising the
 * rendered prompt as a whole.
 */
export function encodePrompt(
  prompt: ChatPrompt,
  template: ChatTemplate,
  tokenizer: PromptTokenizer,
): EncodedPrompt {
  const drawn = draw(prompt, template, tokenizer);
  const { tokens, pieces } = tokenizeRendered(drawn, tokenizer);
  const first = prompt.messages.findIndex((message) => message.role !== 'system');
  const last = prompt.messages.findLastIndex((message) => message.role === 'user');
  const boundary = (index: number): number => {
    if (index < 0) return 0;
    const changed = { ...drawn.prompt, messages: withChanged(drawn.prompt.messages, index) };
    return tokenBefore(pieces, commonPrefix(drawn.text, template.render(changed)));
  };
  const turnStart = boundary(last);
  return { tokens, baseEnd: first === last ? turnStart : boundary(first), turnStart };
}

/** How many tokens `encodePrompt` would give. */
export function countPrompt(
  prompt: ChatPrompt,
  template: ChatTemplate,
  tokenizer: PromptTokenizer,
): number {
  return tokenizeRendered(draw(prompt, template, tokenizer), tokenizer).tokens.length;
}

/** A prompt as text in which marks stand for what must not be tokenised with the rest. */
interface Drawn {
  readonly prompt: ChatPrompt;
  readonly text: string;
  /** Mark -> the ids that stand there. */
  readonly answers: ReadonlyMap<string, readonly number[]>;
  reveal(text: string): string;
}

function draw(prompt: ChatPrompt, template: ChatTemplate, tokenizer: PromptTokenizer): Drawn {
  const shield = createShield(prompt, [...tokenizer.specials.keys()]);
  const plain = shield.hide(prompt);
  const text = template.render(plain);
  const { reveal } = shield;
  const marks = new Map<number, string>();
  prompt.messages.forEach(({ role, content, tokens }, index) => {
    const isText = role === 'assistant' && typeof content === 'string';
    if (isText && tokens && tokens.length > 0) marks.set(index, shield.mark());
  });
  // A template may change what an answer says (leave out its reasoning, for one). Then the ids would
  // say something else, and the text as rendered counts.
  while (marks.size > 0) {
    const messages = plain.messages.map((message, index) => {
      const mark = marks.get(index);
      return mark === undefined ? message : { ...message, content: mark };
    });
    const marked = template.render({ ...plain, messages });
    const changed = firstChanged(marked, text, plain.messages, marks);
    if (changed === null) {
      const answers = new Map<string, readonly number[]>();
      for (const [index, mark] of marks) answers.set(mark, prompt.messages[index]?.tokens ?? []);
      return { prompt: { ...plain, messages }, text: marked, answers, reveal };
    }
    marks.delete(changed);
  }
  return { prompt: plain, text, answers: new Map(), reveal };
}

/**
 * The first answer whose text does not stand, once, where its mark stands; null = all do. White space
 * around it may be missing: templates trim, and the model is given back what it wrote.
 */
function firstChanged(
  marked: string,
  text: string,
  messages: ChatPrompt['messages'],
  marks: ReadonlyMap<number, string>,
): number | null {
  const order = [...marks].map(([index, mark]) => ({ index, mark, at: marked.indexOf(mark) }));
  const wrong = order.find(({ mark, at }) => at < 0 || marked.indexOf(mark, at + 1) >= 0);
  if (wrong) return wrong.index;
  order.sort((left, right) => left.at - right.at);
  const [first] = order;
  if (!first || !text.startsWith(marked.slice(0, first.at))) return first?.index ?? null;
  let position = first.at;
  for (const [place, { index, mark, at }] of order.entries()) {
    const next = order[place + 1]?.at;
    const behind = marked.slice(at + mark.length, next);
    const content = messages[index]?.content ?? '';
    const variants = [content, content.trimEnd(), content.trimStart(), content.trim()];
    const found = variants.find((variant) => {
      const end = position + variant.length + behind.length;
      if (next === undefined && end !== text.length) return false;
      return text.startsWith(variant, position) && text.startsWith(behind, end - behind.length);
    });
    if (found === undefined) return index;
    position += found.length + behind.length;
  }
  return null;
}

function tokenizeRendered(
  { text, answers, reveal }: Drawn,
  tokenizer: PromptTokenizer,
): { tokens: number[]; pieces: Piece[] } {
  const tokens: number[] = tokenizer.prepend === null ? [] : [tokenizer.prepend];
  const pieces: Piece[] = [];
  const { specials } = tokenizer;
  const add = (textStart: number, ids: readonly number[]): void => {
    pieces.push({ textStart, tokenStart: tokens.length });
    for (const id of ids) tokens.push(id);
  };
  const addText = (start: number, end: number): void => {
    if (end > start) add(start, tokenizer.tokenize(reveal(text.slice(start, end)), false));
  };

  let position = 0;
  for (const match of text.matchAll(literalPattern([...specials.keys(), ...answers.keys()]))) {
    addText(position, match.index);
    add(match.index, answers.get(match[0]) ?? [specials.get(match[0]) as number]);
    position = match.index + match[0].length;
  }
  addText(position, text.length);
  pieces.push({ textStart: text.length, tokenStart: tokens.length });
  // A template that writes the model's first token itself would otherwise have it twice.
  if (tokenizer.prepend !== null && tokens[1] === tokenizer.prepend) {
    tokens.shift();
    const shifted = pieces.map((piece) => ({ ...piece, tokenStart: piece.tokenStart - 1 }));
    return { tokens, pieces: shifted };
  }
  return { tokens, pieces };
}

function tokenBefore(pieces: readonly Piece[], textEnd: number): number {
  return pieces.findLast((piece) => piece.textStart <= textEnd)?.tokenStart ?? 0;
}

function withChanged(messages: ChatPrompt['messages'], index: number): ChatPrompt['messages'] {
  return messages.map((message, at) =>
    at === index ? { ...message, content: differing(message.content) } : message,
  );
}

/** Another text. Templates also know contents in parts, of which `ChatPrompt` says nothing. */
function differing(content: unknown): string {
  const [part] = Array.isArray(content) ? (content as { readonly text?: unknown }[]) : [];
  const text = part === undefined ? content : part.text;
  return typeof text === 'string' && text.startsWith('a') ? 'b' : 'a';
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

interface Shield {
  /** Without `tokens`, which no template knows. */
  hide(prompt: ChatPrompt): ChatPrompt;
  reveal(text: string): string;
  /** Another character that occurs nowhere in the prompt. */
  mark(): string;
}

/**
 * Replaces the texts of control tokens in contents by characters from a private-use plane that occur
 * nowhere in the prompt, so that the rendered text can be split at the template's own control tokens.
 */
function createShield(prompt: ChatPrompt, literals: readonly string[]): Shield {
  const pattern = literalPattern(literals);
  const used = new Set<number>();
  let found = false;
  mapStrings(withoutTokens(prompt), (text) => {
    found ||= text.search(pattern) >= 0;
    for (const [mark] of text.matchAll(privatePattern)) used.add(mark.codePointAt(0) as number);
    return text;
  });
  let code = privateUse;
  const mark = (): string => {
    while (used.has(code)) code += 1;
    code += 1;
    return String.fromCodePoint(code - 1);
  };
  if (!found) return { hide: withoutTokens, reveal: (text) => text, mark };

  const marks = new Map(literals.map((literal) => [literal, mark()]));
  const texts = new Map([...marks].map(([literal, sign]) => [sign, literal]));
  const shieldText = (text: string): string =>
    text.replace(pattern, (literal) => marks.get(literal) as string);
  return {
    hide(open) {
      const { messages, documents, tools } = withoutTokens(open);
      return {
        messages: messages.map(({ role, ...rest }) => ({ role, ...mapStrings(rest, shieldText) })),
        ...(documents ? { documents: mapStrings(documents, shieldText) } : {}),
        ...(tools ? { tools: mapStrings(tools, shieldText) } : {}),
      };
    },
    reveal: (text) => text.replace(privatePattern, (sign) => texts.get(sign) ?? sign),
    mark,
  };
}

function withoutTokens(prompt: ChatPrompt): ChatPrompt {
  const strip = ({ tokens: _, ...message }: PromptMessage): PromptMessage => message;
  return { ...prompt, messages: prompt.messages.map(strip) };
}

const privateUse = 0xf0000;
const privatePattern = /[\u{F0000}-\u{10FFFF}]/gu;
