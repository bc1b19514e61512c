/**
 * Makes the children of `target` equal to those of `fresh` (which is used up), changing as little as can
 * be: what stays the same stays the same node. A growing paragraph is one longer text then, so that a
 * selection in it is kept and only its last lines are laid out again.
 */
export function patch(target: Node, fresh: Node): void {
  let old = target.firstChild;
  let next = fresh.firstChild;
  while (next !== null) {
    const wanted = next;
    next = wanted.nextSibling;
    if (old === null) {
      target.appendChild(wanted);
      continue;
    }
    const place: ChildNode = old;
    old = place.nextSibling;
    if (place instanceof Text && wanted instanceof Text) {
      if (wanted.data.startsWith(place.data)) {
        const added = wanted.data.slice(place.length);
        if (added !== '') place.appendData(added);
      } else place.data = wanted.data;
    } else if (isAlike(place, wanted)) patch(place, wanted);
    else target.replaceChild(wanted, place);
  }
  while (old !== null) {
    const gone = old;
    old = gone.nextSibling;
    target.removeChild(gone);
  }
}

/** The same element with the same attributes, whatever stands in it. */
function isAlike(one: Node, other: Node): boolean {
  return (
    one instanceof Element &&
    other instanceof Element &&
    one.localName === other.localName &&
    one.attributes.length === other.attributes.length &&
    [...one.attributes].every(({ name, value }) => other.getAttribute(name) === value)
  );
}
