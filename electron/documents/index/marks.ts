/**
 * Whether a cut falls before this text, decided by the text alone: the same in every version of a file, so
 * that a change above moves no cut below.
 *
 * @param share of all texts for which it does, 0 to 1
 */
export function isMark(text: string, share: number): boolean {
  // FNV-1a, its high bits mixed by one more turn.
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0 < share * 0x1_0000_0000;
}

const shortestSection = 1500;
const typicalSection = 2300;
const longestSection = 3000;

/**
 * Whether a section-sized page of `length` characters ends before the next paragraph: about every 2,300
 * characters, at paragraphs that are marks. A paragraph added to a long text then changes the page that it
 * is on, and none below.
 */
export function endsSection(length: number, next: string): boolean {
  if (length === 0) return false;
  if (length + next.length > longestSection) return true;
  if (length < shortestSection) return false;
  return isMark(next, (next.length + 2) / (typicalSection - shortestSection));
}
