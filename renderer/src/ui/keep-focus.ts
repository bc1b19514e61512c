import type { Attachment } from 'svelte/attachments';

/** What the focus stood in, and at which of its buttons. */
interface Place {
  readonly area: Element;
  readonly index: number;
}

/** What holds the focus itself while it is open. */
const floating = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';

const buttonsOf = (area: Element): readonly HTMLButtonElement[] => [
  ...area.querySelectorAll('button'),
];

/**
 * Keeps the keyboard's place when the button that was pressed goes or is switched off: "Pause" that becomes
 * "Resume", a row that leaves its list. The focus goes to what took the button's place, else to the first
 * button of what is nearest and still there. Without this it falls to the page, and a keyboard starts from
 * the top again.
 */
export const keepFocus: Attachment<HTMLElement> = (view) => {
  let last: Element | null = null;
  /** Innermost first. */
  let places: readonly Place[] = [];

  function remember({ target, type }: Event) {
    if (!(target instanceof Element)) return;
    if (type === 'focusin' && view.contains(target)) {
      last = target;
      places = placesOf(target, view);
    }
    // A dialog gives the focus back; what asked for it may be gone by then.
    else if (target.closest(floating) === null) last = null;
  }

  function mend() {
    const isFree = document.activeElement === null || document.activeElement === document.body;
    if (last === null || !isFree || document.querySelector(floating) !== null) return;
    if (view.contains(last) && !last.matches(':disabled')) {
      // A row that changes its place in the list loses the focus on the way.
      if (last instanceof HTMLElement) last.focus({ preventScroll: true });
      return;
    }
    const near = places.find(({ area }) => view.contains(area) && buttonsOf(area).length > 0);
    if (near === undefined) return;
    const buttons = buttonsOf(near.area);
    // In a list the place of what went is another row's, whose buttons were not meant.
    const isList = near.area.matches('ul, ol, tbody, table, section');
    const heir = isList ? buttons.find(({ disabled }) => !disabled) : buttons.at(near.index);
    // Switched off: something is under way that soon puts another one there.
    (heir ?? buttons.at(-1))?.focus({ preventScroll: true });
  }

  const observer = new MutationObserver(mend);
  const how = { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] };
  observer.observe(view, how);
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

function placesOf(target: Element, view: Element): readonly Place[] {
  const places: Place[] = [];
  for (let area = target.parentElement; area !== null; area = area.parentElement) {
    const index = buttonsOf(area).findIndex((button) => button === target);
    places.push({ area, index: Math.max(0, index) });
    if (area === view) break;
  }
  return places;
}
