/** Up and Down walk through the `data-row` buttons below `element`, Home and End jump. */
export function arrowFocus(element: HTMLElement): () => void {
  function keydown(event: KeyboardEvent) {
    const rows = [...element.querySelectorAll<HTMLElement>('[data-row]')];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const row = to === undefined ? undefined : rows[to];
    if (!row) return;
    event.preventDefault();
    row.focus();
  }
  element.addEventListener('keydown', keydown);
  return () => element.removeEventListener('keydown', keydown);
}
