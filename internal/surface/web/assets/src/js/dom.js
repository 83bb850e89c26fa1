// on listens once on the document for events of elements that match a selector, also those that arrive later.
export function on(type, selector, handle) {
  document.addEventListener(type, (event) => {
    const el = event.target instanceof Element ? event.target.closest(selector) : null;
    if (el) handle(el, event);
  });
}

// arrive runs set on every element that matches, now and after each fragment.
export function arrive(selector, set) {
  const run = (root) => {
    if (root.matches?.(selector)) set(root);
    root.querySelectorAll?.(selector).forEach(set);
  };
  run(document);
  new MutationObserver((list) => list.forEach((m) => m.addedNodes.forEach(run))).observe(document.body, { childList: true, subtree: true });
}

// typing reports whether a key belongs to a field, not to the page.
export function typing(target) {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog[open]') !== null;
}

// fragment fetches part of a page.
export async function fragment(url, signal) {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true', Accept: 'text/html' }, signal, credentials: 'same-origin' });
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
  return answer.text();
}
