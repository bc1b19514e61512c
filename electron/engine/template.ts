import { Template } from '@huggingface/jinja';
import type { ChatPrompt } from './port.ts';

/** A model's own chat template, as its GGUF carries it. */
export interface ChatTemplate {
  /**
   * The prompt as text, ready for the answer: documents, tools and earlier messages in the model's
   * own form, then the header of the assistant's turn. Throws what the template itself raises.
   */
  render(prompt: TemplateInput): string;
  /** What the template puts in front of an answer, '' if that cannot be told. */
  readonly header: string;
}

/** `ChatPrompt`, or the same with the looser forms that templates know (content parts, tool calls). */
export interface TemplateInput {
  readonly messages: readonly Readonly<Record<string, unknown>>[] | ChatPrompt['messages'];
  readonly documents?: readonly unknown[];
  readonly tools?: readonly unknown[];
}

/** Compiles a template. Throws an Error where it is no valid Jinja. */
export function compileTemplate(
  source: string,
  texts: { readonly bos: string; readonly eos: string },
): ChatTemplate {
  const template = new Template(source);
  const run = (prompt: TemplateInput, header: boolean): string =>
    template.render({
      messages: prompt.messages,
      ...(prompt.documents && prompt.documents.length > 0 ? { documents: prompt.documents } : {}),
      ...(prompt.tools && prompt.tools.length > 0 ? { tools: prompt.tools } : {}),
      add_generation_prompt: header,
      bos_token: texts.bos,
      eos_token: texts.eos,
    });
  return { render: (prompt) => run(prompt, true), header: headerOf(run) };
}

function headerOf(run: (prompt: TemplateInput, header: boolean) => string): string {
  const sample = { messages: [{ role: 'user', content: 'x' }] };
  try {
    const without = run(sample, false);
    const whole = run(sample, true);
    return whole.startsWith(without) ? whole.slice(without.length) : '';
  } catch {
    // Some templates want more than one message; answers are then tokenised again.
    return '';
  }
}

/** Applies `change` to every string inside a value of plain objects and arrays. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change)) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [change(key), mapStrings(item, change)]),
    ) as T;
  }
  return value;
}
