/**
 * True as soon as an answer that a JSON grammar holds to its schema is whole: what may follow then is
 * only empty lines. A number is whole when something stands behind it, for it could have more digits.
 */
export function isWholeJson(text: string): boolean {
  const last = text.at(-1) ?? '';
  if (!/[\]}"\n]/.test(last)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return last === '\n' || typeof value === 'object' || typeof value === 'string';
  } catch {
    return false;
  }
}
