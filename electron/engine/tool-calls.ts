import type { ToolArguments } from '../ipc/contract/index.ts';
import type { WrittenCall } from './port.ts';
import type { ThinkingProtocol } from './thinking.ts';

/** 'json': an object with name and arguments (Granite 4.0, 4.1); 'xml': `<function=…><parameter=…>` (4.2). */
export type CallForm = 'json' | 'xml';

export const callOpen = '<tool_call>';
export const callClose = '</tool_call>';

/** Read from the template, never from a model's name. null = its calls have a form that is not known here. */
export function callFormOf(template: string): CallForm | null {
  if (!template.includes(callOpen)) return null;
  return template.includes('<function=') ? 'xml' : 'json';
}

export type AnswerPart =
  | { readonly type: 'text' | 'thinking'; readonly text: string }
  | { readonly type: 'call'; readonly call: WrittenCall };

/** Splits what a model writes into text, reasoning and calls, as it comes. */
export interface AnswerSplitter {
  /** Text as it came; any split gives the same parts. */
  push(text: string): readonly AnswerPart[];
  /** A control token of the vocabulary whose text is one of `tags`. */
  mark(tag: string): readonly AnswerPart[];
  /** Nothing more comes. */
  end(): readonly AnswerPart[];
}

export interface SplitOptions {
  /** null = the prompt had no tools: nothing is a call. */
  readonly calls: CallForm | null;
  readonly thinking: ThinkingProtocol | null;
  /** Tags that are control tokens of the vocabulary: their letters alone mean nothing. */
  readonly controls?: ReadonlySet<string>;
  /** As the prompt has them, for the types that a form without types needs. */
  readonly tools?: readonly unknown[];
}

type State = 'text' | 'thinking' | 'call';

/** See `AnswerSplitter`. Blanks around calls and reasoning belong to the markup, not to the text. */
export function createAnswerSplitter(options: SplitOptions): AnswerSplitter {
  const { calls, thinking } = options;
  const controls = options.controls ?? new Set<string>();
  let state: State = thinking?.begins === true ? 'thinking' : 'text';
  let waiting = '';
  let body = '';
  /** Blanks that may turn out to stand before a tag. */
  let blanks = '';
  /** Nothing but blanks since the last tag. */
  let fresh = state === 'thinking';
  let parts: AnswerPart[] = [];

  const tagsNow = (): string[] => {
    if (state === 'call') return [callClose];
    if (state === 'thinking') return thinking ? [thinking.close] : [];
    return [...(calls ? [callOpen] : []), ...(thinking ? [thinking.open, thinking.close] : [])];
  };

  const write = (text: string): void => {
    if (state === 'call') {
      body += text;
      return;
    }
    const whole = blanks + text;
    const end = whole.trimEnd().length;
    const start = fresh ? whole.length - whole.trimStart().length : 0;
    if (end <= start) {
      blanks = fresh ? '' : whole;
      return;
    }
    fresh = false;
    blanks = whole.slice(end);
    parts.push({ type: state, text: whole.slice(start, end) });
  };

  const turn = (next: State): void => {
    state = next;
    blanks = '';
    fresh = true;
  };

  const take = (tag: string): void => {
    if (tag === callOpen) {
      body = '';
      turn('call');
    } else if (tag === callClose) {
      for (const call of readCalls(body, calls ?? 'json', options.tools)) {
        parts.push({ type: 'call', call });
      }
      turn('text');
    } else {
      turn(tag === thinking?.open ? 'thinking' : 'text');
    }
  };

  /** Handles what is certain; `last` = nothing more comes, so a beginning of a tag is text. */
  const work = (last: boolean): void => {
    for (;;) {
      const tags = tagsNow().filter((tag) => !controls.has(tag));
      const found = firstTag(waiting, tags);
      if (found) {
        const { tag, at } = found;
        const text = waiting.slice(0, at);
        if (tag === callClose && !isWhole(body + text, calls ?? 'json')) {
          // It stands inside a string: part of an argument.
          write(text + tag);
        } else {
          write(text);
          take(tag);
        }
        waiting = waiting.slice(at + tag.length);
        continue;
      }
      const held = last ? 0 : longestBeginning(waiting, tags);
      write(waiting.slice(0, waiting.length - held));
      waiting = waiting.slice(waiting.length - held);
      return;
    }
  };

  const give = (): readonly AnswerPart[] => {
    const given = parts;
    parts = [];
    return given;
  };

  return {
    push(text) {
      waiting += text;
      work(false);
      return give();
    },
    mark(tag) {
      work(true);
      if (tagsNow().includes(tag)) take(tag);
      return give();
    },
    end() {
      work(true);
      while (state === 'call') {
        const at = body.indexOf(callClose);
        if (at < 0 || controls.has(callClose)) {
          parts.push({ type: 'call', call: { problem: 'unfinished', text: body.trim() } });
          turn('text');
          break;
        }
        // A quote that never closed hid the end of the call.
        const rest = body.slice(at + callClose.length);
        body = body.slice(0, at);
        take(callClose);
        waiting = rest;
        work(true);
      }
      if (!fresh && blanks !== '' && state !== 'call') parts.push({ type: state, text: blanks });
      blanks = '';
      return give();
    },
  };
}

function firstTag(text: string, tags: readonly string[]): { tag: string; at: number } | null {
  let first: { tag: string; at: number } | null = null;
  for (const tag of tags) {
    const at = text.indexOf(tag);
    if (at >= 0 && (first === null || at < first.at)) first = { tag, at };
  }
  return first;
}

/** Length of the longest end of `text` that a tag begins with. */
function longestBeginning(text: string, tags: readonly string[]): number {
  let longest = 0;
  for (const tag of tags) {
    for (let length = Math.min(tag.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(tag.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** False while a closing tag would stand inside an argument. */
function isWhole(body: string, form: CallForm): boolean {
  if (form === 'xml') {
    const opened = body.split('<parameter=').length;
    return body.split('</parameter>').length >= opened;
  }
  let inside = false;
  for (let at = 0; at < body.length; at += 1) {
    if (body[at] === '"') inside = !inside;
    else if (inside && body[at] === '\\') at += 1;
  }
  return !inside;
}

/** What stands between the tags: usually one call, in JSON also a list of them. */
export function readCalls(
  body: string,
  form: CallForm,
  tools: readonly unknown[] = [],
): readonly WrittenCall[] {
  const text = body.trim();
  if (form === 'xml') return [readXml(text, tools)];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [{ problem: 'not-json', text }];
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length === 0
    ? [{ problem: 'no-name', text }]
    : list.map((one) => readJson(one, text));
}

function readJson(value: unknown, text: string): WrittenCall {
  if (!isRecord(value) || typeof value['name'] !== 'string' || value['name'] === '') {
    return { problem: 'no-name', text };
  }
  const given = value['arguments'] ?? {};
  const read = typeof given === 'string' ? parseOr(given, null) : given;
  if (!isRecord(read)) return { problem: 'no-arguments', text };
  return { name: value['name'], arguments: read };
}

function readXml(text: string, tools: readonly unknown[]): WrittenCall {
  const whole = /^<function=([^>\s]+)>([^]*?)(?:<\/function>)?$/.exec(text);
  const [, name, inner] = whole ?? [];
  if (name === undefined || inner === undefined) return { problem: 'not-xml', text };
  const types = propertiesOf(name, tools);
  const read: Record<string, unknown> = {};
  for (const [, key = '', value = ''] of inner.matchAll(
    /<parameter=([^>\s]+)>\n?([^]*?)\n?<\/parameter>/g,
  )) {
    const type = types[key];
    const isText = type === undefined || type === 'string';
    read[key] = isText ? value : parseOr(value.trim(), value);
  }
  return { name, arguments: read satisfies ToolArguments };
}

/** Types of a tool's arguments, as its schema names them. */
function propertiesOf(name: string, tools: readonly unknown[]): Record<string, unknown> {
  for (const tool of tools) {
    const given = isRecord(tool) && isRecord(tool['function']) ? tool['function'] : tool;
    if (!isRecord(given) || given['name'] !== name || !isRecord(given['parameters'])) continue;
    const properties = given['parameters']['properties'];
    if (!isRecord(properties)) continue;
    return Object.fromEntries(
      Object.entries(properties).map(([key, one]) => [
        key,
        isRecord(one) ? one['type'] : undefined,
      ]),
    );
  }
  return {};
}

function parseOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return otherwise;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
