/**
 * Counts the words of a text that grows at its end: of each longer version only what is new is read.
 * Another text is counted from its start.
 */
export function growingCount(): (text: string) => number {
  let counted = '';
  /** Words that a space has ended. */
  let whole = 0;
  /** Where the last word that may still grow begins. */
  let from = 0;
  return (text) => {
    if (!text.startsWith(counted)) {
      whole = 0;
      from = 0;
    }
    counted = text;
    let last = 0;
    for (const { index, 0: word } of text.slice(from).matchAll(/\S+/g)) {
      const isOver = from + index + word.length < text.length;
      if (isOver) whole += 1;
      else last = index;
    }
    const isOpen = /\S$/.test(text.slice(-1));
    from = isOpen ? from + last : text.length;
    return whole + (isOpen ? 1 : 0);
  };
}
