/** How a model marks its reasoning, as its own template has it. */
export interface ThinkingProtocol {
  readonly open: string;
  readonly close: string;
  /** The template's header of an answer has opened it already: the model's first word is reasoning. */
  readonly begins: boolean;
  /** What the header has written of it then, '' otherwise: an answer is whole only with it. */
  readonly prefix: string;
}

const tags = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
] as const;

/**
 * Read from the template, never from a model's name. A header that ends behind an opening tag begins
 * the answer inside the reasoning; one that closes it again, or has none, leaves it to the model.
 */
export function thinkingOf(template: string, header: string): ThinkingProtocol | null {
  const found = tags.find(([open, close]) => template.includes(open) || template.includes(close));
  if (!found) return null;
  const [open, close] = found;
  const begins = header.lastIndexOf(open) > header.lastIndexOf(close);
  return { open, close, begins, prefix: begins ? header.slice(header.lastIndexOf(open)) : '' };
}
