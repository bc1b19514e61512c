import type { Attachment } from 'svelte/attachments';

const buttons = 'button:not(:disabled), a[href]';

/**
 * Keeps the keyboard's place when the button that was pressed goes or is switched off: "Pause" that becomes
 * "Resume", a row that leaves its list. The focus goes to the first button of what is nearest to it and
 * still there. Without this it falls to the page, and a keyboard starts from the top again.
 */
export const keepFocus: Attachment<HTMLElement> = (area) => {
  /** What had the focus last, and what it stood in, innermost first. Empty = the focus is elsewhere. */
  let path: readonly Element[] = [];

  function remember({ target, type }: Event) {
    if (!(target instanceof Element)) return;
    if (type === 'focusin' && area.contains(target)) path = pathOf(target, area);
    // A dialog gives the focus back; what asked for it may be gone by then.
    else if (!target.closest('[role="dialog"], [role="alertdialog"], [role="menu"]')) path = [];
  }

  function mend() {
    const [last, ...around] = path;
    const isFree = document.activeElement === null || document.activeElement === document.body;
    if (last === undefined || !isFree) return;
    if (area.contains(last) && !last.matches(':disabled')) return;
    const near = around.find((one) => area.contains(one) && one.querySelector('button') !== null);
    // All of them off: something is under way that soon gives one back.
    near?.querySelector<HTMLElement>(buttons)?.focus({ preventScroll: true });
  }

  const observer = new MutationObserver(mend);
  const how = { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] };
  observer.observe(area, how);
  // Portals of dialogs are children of the body.
  observer.observe(document.body, { childList: true });
  document.addEventListener('focusin', remember);
  // A click on nothing leaves the focus free too, and then nobody waits for it.
  document.addEventListener('pointerdown', remember, true);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', remember);
    document.removeEventListener('pointerdown', remember, true);
  };
};

function pathOf(target: Element, area: Element): readonly Element[] {
  const path = [];
  for (let one: Element | null = target; one !== null; one = one.parentElement) {
    path.push(one);
    if (one === area) break;
  }
  return path;
}
