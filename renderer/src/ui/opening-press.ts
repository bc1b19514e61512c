import { createAttachmentKey, type Attachment } from 'svelte/attachments';

/** CSS pixels from where a hand that is held down is dragging, and means what it lets go of. */
const dragged = 8;

/** For both spread on an element, as the props that bits-ui gives it. */
interface OpeningPress {
  readonly trigger: Readonly<Record<symbol, Attachment>>;
  readonly list: Readonly<Record<symbol, Attachment>>;
}

/**
 * Lets no press that opens a list choose in it. A list opens when the button of the mouse goes down, and its lines
 * choose when it goes up: where the page moved in between, a line that nobody aimed at lies below the pointer.
 * A press that is dragged into the list still chooses, as in any menu, and so does one that began on a line.
 * A key that is held down opens only, too: its repeats would choose a line.
 */
export function openingPress(): OpeningPress {
  let from: { readonly x: number; readonly y: number } | null = null;
  const opens = (event: Event) => {
    from = event instanceof MouseEvent ? { x: event.clientX, y: event.clientY } : null;
  };
  const aims = () => (from = null);
  const release = (event: Event) => {
    if (from === null || !(event instanceof MouseEvent)) return;
    const way = Math.hypot(event.clientX - from.x, event.clientY - from.y);
    from = null;
    // A line leaves a release alone that was prevented, and no click follows where the press began elsewhere.
    if (way < dragged) event.preventDefault();
  };
  const repeats = (event: Event) => {
    if (!(event instanceof KeyboardEvent && event.repeat)) return;
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  return {
    trigger: before({ pointerdown: opens, keydown: repeats }),
    list: before({ pointerdown: aims, pointerup: release, keydown: repeats }),
  };
}

/** An attachment that hears these events before anything within the element does. */
function before(
  listeners: Readonly<Record<string, (event: Event) => void>>,
): Readonly<Record<symbol, Attachment>> {
  return {
    [createAttachmentKey()]: (element) => {
      const all = Object.entries(listeners);
      for (const [name, listener] of all) element.addEventListener(name, listener, true);
      return () => {
        for (const [name, listener] of all) element.removeEventListener(name, listener, true);
      };
    },
  };
}
